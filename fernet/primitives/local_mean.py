"""Subtraction of the mean around a pixel, and its adjoint.

    d_p = x_p - (sum of x over the pixels of the n x n window of p) / n_p

n_p counts the pixels of the window that lie inside the image: windows at the border hold fewer. Shapes: x, d
(N, H, W, C).
"""

from fernet.backend import Array, array_library
from fernet.primitives.window_sum import window_sum, window_sum_adjoint


def subtract_local_mean(x: Array, n: int) -> Array:
    """d."""
    mean = window_sum(x, n)
    mean *= inverse_counts(x, n)
    return x - mean


def subtract_local_mean_dx(dd: Array, n: int) -> Array:
    """dx_q = dd_q - (sum over p whose window holds q of dd_p / n_p)."""
    return dd - window_sum_adjoint(dd * inverse_counts(dd, n), n)


def inverse_counts(x: Array, n: int) -> Array:
    """1 / n_p for every pixel of x, (1, H, W, 1)."""
    return 1 / window_sum(array_library(x).ones((1, *x.shape[1:3], 1), x.dtype), n)
