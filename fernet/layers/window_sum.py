"""Sum over the n x n window around each pixel; pixels outside the image count as zero.

    s[.., i, j, c] = offset + scale * sum over u, v = -(n//2) .. n-1-n//2 of  x[.., i+u, j+v, c]

The window of an even n reaches one further up and left, as in cuda-convnet. The layers scale and shift every sum they
take; done here it costs no pass over the maps of its own.
"""

from fernet.backend import Array, array_library
from fernet.fast.cpu import window_sum as window_sum_opencv
from fernet.fast.twins import numpy_twin_applies


def window_sum(x: Array, n: int, scale: float = 1.0, offset: float = 0.0) -> Array:
    """s (N, H, W, C): for every pixel the sum of x over its window, scaled and shifted."""
    return _window_sum(x, n, n // 2, scale, offset)


def window_sum_adjoint(x: Array, n: int, scale: float = 1.0) -> Array:
    """For every pixel q the sum of x over all pixels whose window holds q: the transpose of `window_sum`.

    Pixel p holds q when q - p is one of the offsets, so the offsets are mirrored; for odd n nothing changes.
    """
    return _window_sum(x, n, n - 1 - n // 2, scale, 0.0)


def _window_sum(x: Array, n: int, before: int, scale: float, offset: float) -> Array:
    if numpy_twin_applies(x):
        return window_sum_opencv.window_sum(x, n, before, scale, offset)
    for axis in (1, 2):
        x = sum_along(x, n, before, axis)
    return scale * x + offset


def sum_along(x: Array, n: int, before: int, axis: int) -> Array:
    """Sum of the n values from `before` before each position along one axis, as n shifted additions."""
    length = x.shape[axis]
    total = array_library(x).zeros_like(x)
    for offset in range(-before, n - before):
        first, last = max(0, -offset), min(length, length - offset)  # positions whose neighbour exists
        if first < last:
            here = (slice(None),) * axis + (slice(first, last),)
            there = (slice(None),) * axis + (slice(first + offset, last + offset),)
            total[here] += x[there]
    return total
