"""Mean around a pixel, and its adjoint.

    m_p = (sum of x over the pixels of the n x n window of p) / n_p

n_p counts the pixels of the window that lie inside the image: windows at the border hold fewer. Shapes: x, m
(N, H, W, C).
"""

from functools import lru_cache

import numpy as np

from fernet.backend import Array, beside
from fernet.layers.window_sum import window_sum, window_sum_adjoint


def local_mean(x: Array, n: int) -> Array:
    """m."""
    m = window_sum(x, n)
    m *= _inverse_counts(x, n)
    return m


def local_mean_dx(dm: Array, n: int) -> Array:
    """dx_q = sum over p whose window holds q of dm_p / n_p."""
    return window_sum_adjoint(dm * _inverse_counts(dm, n), n)


def _inverse_counts(x: Array, n: int) -> Array:
    """1 / n_p for every pixel of x, (H, W, 1)."""
    return beside(_inverse_counts_on_host(*x.shape[1:3], n, x.dtype.type), x)


@lru_cache(maxsize=16)
def _inverse_counts_on_host(H: int, width: int, n: int, dtype: type) -> np.ndarray:
    return 1 / window_sum(np.ones((1, H, width, 1), dtype), n)[0]
