"""Valid two-dimensional correlation of images with filters, and its two gradients.

    y[n, i, j, k] = sum over r, s, c of  x[n, i+r, j+s, c] W[r, s, c, k]

Shapes: x (N, H, W, C), filters W (R, S, C, K), y (N, H-R+1, W-S+1, K).
"""

from itertools import product

from fernet.backend import Array, array_library
from fernet.fast.cpu import conv_patches as correlate_patches
from fernet.fast.cuda import conv as correlate_cuda
from fernet.fast.twins import cuda_twin_applies, numpy_twin_applies


def correlate(x: Array, W: Array) -> Array:
    """y (N, P, Q, K) from x (N, P+R-1, Q+S-1, C) and W (R, S, C, K)."""
    if numpy_twin_applies(x, W):
        return correlate_patches.correlate(x, W)
    if cuda_twin_applies(x, W):
        return correlate_cuda.correlate(x, W)
    R, S, _, K = W.shape
    N, P, Q = x.shape[0], x.shape[1] - R + 1, x.shape[2] - S + 1
    y = array_library(x).zeros((N, P, Q, K), x.dtype)
    for r, s in product(range(R), range(S)):
        y += x[:, r : r + P, s : s + Q] @ W[r, s]
    return y


def correlate_dx(dy: Array, W: Array) -> Array:
    """Gradient with respect to x: every pixel collects from the outputs whose window covered it."""
    if numpy_twin_applies(dy, W):
        return correlate_patches.correlate_dx(dy, W)
    if cuda_twin_applies(dy, W):
        return correlate_cuda.correlate_dx(dy, W)
    R, S, C, _ = W.shape
    N, P, Q, _ = dy.shape
    dx = array_library(dy).zeros((N, P + R - 1, Q + S - 1, C), dy.dtype)
    for r, s in product(range(R), range(S)):
        dx[:, r : r + P, s : s + Q] += dy @ W[r, s].T
    return dx


def correlate_dW(x: Array, dy: Array) -> Array:
    """Gradient with respect to W: each coefficient sums (pixel it saw) x (gradient of the output it fed)."""
    if numpy_twin_applies(x, dy):
        return correlate_patches.correlate_dW(x, dy)
    if cuda_twin_applies(x, dy):
        return correlate_cuda.correlate_dW(x, dy)
    _, P, Q, K = dy.shape
    R, S, C = x.shape[1] - P + 1, x.shape[2] - Q + 1, x.shape[3]
    dW = array_library(x).empty((R, S, C, K), x.dtype)
    for r, s in product(range(R), range(S)):
        dW[r, s] = x[:, r : r + P, s : s + Q].reshape(-1, C).T @ dy.reshape(-1, K)
    return dW
