"""NumPy twin of `window_max` for 2 x 2 windows that do not overlap: three comparisons of whole arrays."""

import numpy as np


def applies(shape: tuple[int, ...], n: int, stride: int) -> bool:
    return n == stride == 2 and shape[1] % 2 == 0 and shape[2] % 2 == 0


def window_max(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    top_left, top_right = x[:, ::2, ::2], x[:, ::2, 1::2]
    low_left, low_right = x[:, 1::2, ::2], x[:, 1::2, 1::2]
    top, low = np.maximum(top_left, top_right), np.maximum(low_left, low_right)
    # Strictly greater: where values are equal the first one wins, as in the reference.
    top_winner, low_winner = (top_right > top_left).view(np.uint8), (low_right > low_left).view(np.uint8) + np.uint8(2)
    # top + (low - top) where the lower pair wins: bytes wrap round, and this is far quicker than `where`.
    winners = (low_winner - top_winner) * (low > top).view(np.uint8)
    winners += top_winner
    return np.maximum(top, low), winners


def window_max_dx(dy: np.ndarray, winners: np.ndarray) -> np.ndarray:
    N, P, Q, C = dy.shape
    dx = np.empty((N, 2 * P, 2 * Q, C), dy.dtype)
    for winner in range(4):
        u, v = divmod(winner, 2)
        np.multiply(dy, winners == winner, out=dx[:, u::2, v::2])
    return dx
