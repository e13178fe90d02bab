"""CUDA twin of `contrast_normalise`: one pass forward and one back; see contrast_normalise.cu."""

from fernet.backend import Array, array_library
from fernet.fast.cuda.window_sums import run

Kept = tuple[Array, Array]  # d, r = D^-1/2


def contrast_normalise(x: Array, n: int, alpha: float, k: float, power: float) -> tuple[Array, Kept]:
    library = array_library(x)
    x = library.ascontiguousarray(x)
    y, d, r = library.empty_like(x), library.empty_like(x), library.empty_like(x)
    arguments = (x, y, d, r, float(alpha), float(k))
    run("contrast_normalise", "contrast_normalise", arguments, n, stages=2, power=power)
    return y, (d, r)


def contrast_normalise_dx(dy: Array, x: Array, kept: Kept, n: int, alpha: float, power: float) -> Array:
    library = array_library(dy)
    dy, x = library.ascontiguousarray(dy), library.ascontiguousarray(x)
    dx = library.empty_like(dy)
    run("contrast_normalise", "contrast_normalise_dx", (dy, x, *kept, dx, float(alpha)), n, stages=2, power=power)
    return dx
