"""Maximum over n x n windows taken every `stride` pixels, and the scatter of its gradient.

    y[.., i, j, c] = max over u, v in 0..n-1 of  x[.., i stride + u, j stride + v, c]

The winner is the position u n + v of the maximum in its window, the first one where several are equal; n <= 16, so that
it fits a byte.
"""

from fernet.backend import Array, array_library, sliding_windows
from fernet.fast.cpu import max_pool as window_max_pairs
from fernet.fast.cuda import max_pool as window_max_cuda
from fernet.fast.twins import cuda_twin_applies, numpy_twin_applies


def window_max(x: Array, n: int, stride: int) -> tuple[Array, Array]:
    """y (N, P, Q, C) and winners (N, P, Q, C) uint8 from x (N, H, W, C), with P = (H-n)//stride + 1."""
    if numpy_twin_applies(x) and window_max_pairs.applies(x.shape, n, stride):
        return window_max_pairs.window_max(x)
    if cuda_twin_applies(x):
        return window_max_cuda.window_max(x, n, stride)
    windows = sliding_windows(x, (n, n))[:, ::stride, ::stride]  # (N, P, Q, C, n, n)
    windows = windows.reshape(*windows.shape[:4], n * n)
    return windows.max(axis=4), windows.argmax(axis=4).astype("uint8")


def window_max_dx(dy: Array, winners: Array, n: int, stride: int, shape: tuple[int, ...]) -> Array:
    """dx of `shape`: each output's gradient goes to the winner of its window; overlapping windows add up."""
    if numpy_twin_applies(dy) and window_max_pairs.applies(shape, n, stride):
        return window_max_pairs.window_max_dx(dy, winners)
    if cuda_twin_applies(dy):
        return window_max_cuda.window_max_dx(dy, winners, n, stride, shape)
    _, P, Q, _ = dy.shape
    dx = array_library(dy).zeros(shape, dy.dtype)
    for winner in range(n * n):
        u, v = divmod(winner, n)
        rows = slice(u, u + stride * (P - 1) + 1, stride)
        columns = slice(v, v + stride * (Q - 1) + 1, stride)
        dx[:, rows, columns] += dy * (winners == winner)
    return dx
