"""CUDA twin of `response_normalise`: one pass forward and one back; see response_normalise.cu."""

from fernet.backend import Array, array_library
from fernet.fast.cuda.window_sums import run


def response_normalise(x: Array, n: int, alpha: float, k: float, power: float) -> tuple[Array, Array]:
    """y, and r = D^-1/2."""
    library = array_library(x)
    x = library.ascontiguousarray(x)
    y, r = library.empty_like(x), library.empty_like(x)
    run("response_normalise", "response_normalise", (x, y, r, float(alpha), float(k)), n, stages=1, power=power)
    return y, r


def response_normalise_dx(dy: Array, x: Array, r: Array, n: int, alpha: float, power: float) -> Array:
    library = array_library(dy)
    dy, x = library.ascontiguousarray(dy), library.ascontiguousarray(x)
    dx = library.empty_like(dy)
    run("response_normalise", "response_normalise_dx", (dy, x, r, dx, float(alpha)), n, stages=1, power=power)
    return dx
