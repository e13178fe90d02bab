"""Sum and mean over the n x n window around each pixel, and their adjoints: what the normalisation layers share.

    win(p)   the pixels  p + (u, v),  u, v = -(n//2) .. n-1-n//2,  that lie inside the image; n_p of them
    sum      s_p = sum over q in win(p) of x_q                  mean   m_p = s_p / n_p

The window of an even n reaches one pixel further up and to the left, as in cuda-convnet. Both are linear in x, so a
gradient passes through them by the transposed matrix, the adjoint: q collects from every p whose window contains it,

    sum      dx_q = sum over p with q in win(p) of ds_p         mean   dx_q = sum over p with q in win(p) of dm_p / n_p

q is in win(p) when q - p is one of the offsets (u, v). Seen from q the offsets change sign, so the adjoint is again a
window sum, with the window mirrored; for odd n it is the same one. All arrays are (N, H, W, C).
"""

from fernet.backend import Array, array_library


def window_sum(x: Array, n: int) -> Array:
    """s_p."""
    return _sum_over_rows_and_columns(x, n, before=n // 2)


def window_sum_adjoint(ds: Array, n: int) -> Array:
    """dx from ds, for s = window_sum(x)."""
    return _sum_over_rows_and_columns(ds, n, before=n - 1 - n // 2)


def window_mean(x: Array, n: int) -> Array:
    """m_p."""
    return window_sum(x, n) / _pixels_inside(x, n)


def window_mean_adjoint(dm: Array, n: int) -> Array:
    """dx from dm, for m = window_mean(x)."""
    return window_sum_adjoint(dm / _pixels_inside(dm, n), n)


def _pixels_inside(x: Array, n: int) -> Array:
    """n_p for every pixel, (1, H, W, 1)."""
    return window_sum(array_library(x).ones((1, *x.shape[1:3], 1), x.dtype), n)


def _sum_over_rows_and_columns(x: Array, n: int, before: int) -> Array:
    # A square window is separable: summing over u and then over v takes 2 n additions in place of n^2.
    return sum_along(sum_along(x, n, before, axis=1), n, before, axis=2)


def sum_along(x: Array, n: int, before: int, axis: int) -> Array:
    """Along one axis, the sum of the n values that start `before` places ahead of each position; none beyond the ends.

    n shifted copies of x are added up.
    """
    length = x.shape[axis]
    total = array_library(x).zeros_like(x)
    for offset in range(-before, n - before):
        first, last = max(0, -offset), min(length, length - offset)  # positions whose neighbour exists
        if first < last:
            here = (slice(None),) * axis + (slice(first, last),)
            there = (slice(None),) * axis + (slice(first + offset, last + offset),)
            total[here] += x[there]
    return total
