"""NumPy twin of `correlate`: a few large matrix products over patches copied side by side.

Copying whole R x S x C patches ("im2col") makes one product per image but writes every pixel R S times. When S C alone
is already a good inner length, a patch is one row high instead: R times fewer bytes, and the R row products are summed.
One image at a time keeps its patches in the cache.
"""

import numpy as np

_GOOD_INNER_LENGTH = 128  # at and above it, sgemm gains nothing from longer rows


def correlate(x: np.ndarray, W: np.ndarray) -> np.ndarray:
    R, S, C, K = W.shape
    N, P, Q = len(x), x.shape[1] - R + 1, x.shape[2] - S + 1
    rows = _patch_rows(R, S * C)
    y = np.empty((N, P * Q, K), x.dtype)
    blocks = W.reshape(R // rows, rows * S * C, K)
    for image, out in zip(x, y, strict=True):
        patches = _patches(image, rows, S)  # (H-rows+1, Q, rows S C)
        np.matmul(_rows(patches, 0, P), blocks[0], out=out)
        for r in range(1, len(blocks)):
            out += _rows(patches, r * rows, P) @ blocks[r]
    return y.reshape(N, P, Q, K)


def correlate_dx(dy: np.ndarray, W: np.ndarray) -> np.ndarray:
    """dx[i, j, c] = sum over r, s, k of dy[i-r, j-s, k] W[r, s, c, k]: a correlation with the mirrored filters."""
    R, S, C, K = W.shape
    N, P, Q, _ = dy.shape
    H, width = P + R - 1, Q + S - 1
    dx = np.zeros((N, H, width * C), dy.dtype)
    mirrored = np.ascontiguousarray(W[:, ::-1].transpose(0, 1, 3, 2)).reshape(R, S * K, C)
    padded = np.zeros((P, Q + 2 * (S - 1), K), dy.dtype)
    for image, out in zip(dy, dx, strict=True):
        padded[:, S - 1 : S - 1 + Q] = image
        patches = _rows(_patches(padded, 1, S), 0, P)  # (P width, S K)
        for r in range(R):
            out[r : r + P] += (patches @ mirrored[r]).reshape(P, width * C)
    return dx.reshape(N, H, width, C)


def correlate_dW(x: np.ndarray, dy: np.ndarray) -> np.ndarray:
    _, P, Q, K = dy.shape
    R, S, C = x.shape[1] - P + 1, x.shape[2] - Q + 1, x.shape[3]
    rows = _patch_rows(R, S * C)
    dW = np.zeros((R // rows, rows * S * C, K), x.dtype)
    for image, gradient in zip(x, dy.reshape(len(dy), P * Q, K), strict=True):
        patches = _patches(image, rows, S)
        for r in range(len(dW)):
            dW[r] += _rows(patches, r * rows, P).T @ gradient
    return dW.reshape(R, S, C, K)


def _patch_rows(R: int, inner: int) -> int:
    """Height of a patch: one row, or all R where one row of `inner` values is too short."""
    return 1 if inner >= _GOOD_INNER_LENGTH else R


def _patches(image: np.ndarray, rows: int, S: int) -> np.ndarray:
    """All patches of `rows` x S pixels of image (H, W, C), copied to (H-rows+1, W-S+1, rows S C)."""
    height, width, C = image.shape
    image = np.ascontiguousarray(image)
    shape = (height - rows + 1, width - S + 1, rows, S * C)  # S pixels of C channels lie side by side already
    row, pixel, value = image.strides
    view = np.lib.stride_tricks.as_strided(image, shape, (row, pixel, row, value), writeable=False)
    return np.ascontiguousarray(view).reshape(shape[0], shape[1], rows * S * C)


def _rows(patches: np.ndarray, first: int, count: int) -> np.ndarray:
    """The patches of `count` output rows as one matrix."""
    return patches[first : first + count].reshape(-1, patches.shape[2])
