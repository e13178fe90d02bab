"""Sum over the n x n window around each pixel; pixels outside the image count as zero.

    s[.., i, j, c] = sum over |window offsets u, v| of  x[.., i+u, j+v, c],   u, v = -(n//2) .. n-1-n//2

The window of an even n reaches one further up and left, as in cuda-convnet.
"""

from fernet.backend import Array, array_library
from fernet.primitives import window_sum_opencv
from fernet.primitives.twins import numpy_twin_applies


def window_sum(x: Array, n: int) -> Array:
    """s (N, H, W, C): for every pixel the sum of x over its window."""
    return _window_sum(x, n, before=n // 2)


def window_sum_adjoint(x: Array, n: int) -> Array:
    """For every pixel q the sum of x over all pixels whose window holds q: the transpose of `window_sum`.

    Pixel p holds q when q - p is one of the offsets, so the offsets are mirrored; for odd n nothing changes.
    """
    return _window_sum(x, n, before=n - 1 - n // 2)


def _window_sum(x: Array, n: int, before: int) -> Array:
    if numpy_twin_applies(x):
        return window_sum_opencv.window_sum(x, n, before)
    for axis in (1, 2):
        x = sum_along(x, n, before, axis)
    return x


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
