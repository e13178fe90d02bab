"""Convolution as a few large matrix products over patches copied side by side.

Copying whole R x S x C patches ("im2col") makes one product for each image but writes every pixel R S times. When S C
alone is already a good inner length, a patch is one row high instead: R times fewer bytes, and the R row products are
summed. One image at a time keeps its patches in the cache.
"""

import numpy as np

from fernet import threads
from fernet.fast.cpu.scratch import scratch
from fernet.fast.version import FastVersion
from fernet.layers.layer import Grads, check_input

_GOOD_INNER_LENGTH = 128  # from it on, sgemm gains nothing from longer rows
_PIECE = 4  # images whose dW are added up at once


class PatchConv(FastVersion):
    """As `Conv`."""

    whole_batch = True

    def forward(
        self, x: np.ndarray, train: bool = False, rng: np.random.Generator | None = None
    ) -> tuple[np.ndarray, np.ndarray | None]:
        W, b = self.params["W"], self.params["b"]
        check_input(x, W, "N, H, W", W.shape[2])
        x = self.layer.framed(x)
        y = correlate(x, W)
        y += b
        return y, x if train else None

    def backward(self, dy: np.ndarray, cache: np.ndarray) -> tuple[np.ndarray, Grads]:
        return self.layer.unframed(correlate_dx(dy, self.params["W"])), self.weight_gradients(dy, cache)

    def weight_gradients(self, dy: np.ndarray, cache: np.ndarray) -> Grads:
        db = np.einsum("nijk->k", dy)  # `sum` over three axes takes several times as long
        return {"W": correlate_dW(cache, dy), "b": db}


class PatchMultiframeConv(PatchConv):
    """As `MultiframeConv`: few channels and large maps, which stay in the cache if images are taken one by one."""

    whole_batch = False


def correlate(x: np.ndarray, W: np.ndarray) -> np.ndarray:
    """y (N, P, Q, K) from x (N, P+R-1, Q+S-1, C) and W (R, S, C, K)."""
    R, S, C, K = W.shape
    N, P, Q = len(x), x.shape[1] - R + 1, x.shape[2] - S + 1
    rows = _patch_rows(R, S * C)
    y = np.empty((N, P * Q, K), x.dtype)
    blocks = W.reshape(R // rows, rows * S * C, K)

    def one(n: int) -> None:
        patches = _patches(x[n], rows, S)  # (H-rows+1, Q, rows S C)
        np.matmul(_rows(patches, 0, P), blocks[0], out=y[n])
        for r in range(1, len(blocks)):
            y[n] += _rows(patches, r * rows, P) @ blocks[r]

    threads.parallel_map(one, range(N))
    return y.reshape(N, P, Q, K)


def correlate_dx(dy: np.ndarray, W: np.ndarray) -> np.ndarray:
    """dx[i, j, c] = sum over r, s, k of dy[i-r, j-s, k] W[r, s, c, k]: a correlation with the mirrored filters."""
    R, S, C, K = W.shape
    N, P, Q, _ = dy.shape
    H, width = P + R - 1, Q + S - 1
    dx = np.zeros((N, H, width * C), dy.dtype)
    mirrored = np.ascontiguousarray(W[:, ::-1].transpose(0, 1, 3, 2)).reshape(R, S * K, C)

    def one(n: int) -> None:
        padded = np.zeros((P, Q + 2 * (S - 1), K), dy.dtype)
        padded[:, S - 1 : S - 1 + Q] = dy[n]
        patches = _rows(_patches(padded, 1, S), 0, P)  # (P width, S K)
        for r in range(R):
            dx[n, r : r + P] += (patches @ mirrored[r]).reshape(P, width * C)

    threads.parallel_map(one, range(N))
    return dx.reshape(N, H, width, C)


def correlate_dW(x: np.ndarray, dy: np.ndarray) -> np.ndarray:
    """dW[r, s, c, k] = sum over i, j of x[i+r, j+s, c] dy[i, j, k]."""
    _, P, Q, K = dy.shape
    R, S, C = x.shape[1] - P + 1, x.shape[2] - Q + 1, x.shape[3]
    rows = _patch_rows(R, S * C)

    def few(first: int) -> np.ndarray:
        dW = np.zeros((R // rows, rows * S * C, K), x.dtype)
        for n in range(first, min(first + _PIECE, len(x))):
            patches = _patches(x[n], rows, S)
            for r in range(len(dW)):
                dW[r] += _rows(patches, r * rows, P).T @ dy[n].reshape(P * Q, K)
        return dW

    # Pieces of a fixed size, added up in order: the same bits for any number of threads.
    return sum(threads.parallel_map(few, range(0, len(x), _PIECE))).reshape(R, S, C, K)


def _patch_rows(R: int, inner: int) -> int:
    """Height of a patch: one row, or all R where one row of `inner` values is too short."""
    return 1 if inner >= _GOOD_INNER_LENGTH else R


def _patches(image: np.ndarray, rows: int, S: int) -> np.ndarray:
    """All patches of `rows` x S pixels of image (H, W, C), copied to (H-rows+1, W-S+1, rows S C)."""
    height, width, C = image.shape
    image = np.ascontiguousarray(image)
    shape = (height - rows + 1, width - S + 1, rows, S * C)  # S pixels of C channels lie side by side already
    # Not image.strides: along an axis of length 1 a contiguous array may have any stride.
    value = image.itemsize
    pixel, row = C * value, width * C * value
    view = np.lib.stride_tricks.as_strided(image, shape, (row, pixel, row, value), writeable=False)
    patches = scratch("patches", shape, image.dtype)
    np.copyto(patches, view)
    return patches.reshape(shape[0], shape[1], rows * S * C)


def _rows(patches: np.ndarray, first: int, count: int) -> np.ndarray:
    """The patches of `count` output rows as one matrix."""
    return patches[first : first + count].reshape(-1, patches.shape[2])
