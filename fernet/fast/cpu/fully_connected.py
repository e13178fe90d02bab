"""Fully connected layers whose matrix products are divided among the cores."""

import numpy as np

from fernet import threads
from fernet.fast.version import FastVersion
from fernet.layers.layer import Grads, check_input

_TILE_ROWS, _TILE_COLUMNS = 256, 128
_WORTH_SHARING = 2**24  # multiply-adds below which handing out tiles costs more than it saves
_STRIP = 2**19  # values of b in a piece of a product with a single row


class TiledFullyConnected(FastVersion):
    """As `FullyConnected`."""

    def forward(
        self, x: np.ndarray, train: bool = False, rng: np.random.Generator | None = None
    ) -> tuple[np.ndarray, np.ndarray | None]:
        W, b = self.params["W"], self.params["b"]
        check_input(x, W, "N", W.shape[0])
        return matrix_product(x, W) + b, x if train else None

    def backward(self, dy: np.ndarray, cache: np.ndarray) -> tuple[np.ndarray, Grads]:
        dx = matrix_product(dy, self.params["W"].T)
        return dx, self.weight_gradients(dy, cache)

    def weight_gradients(self, dy: np.ndarray, cache: np.ndarray) -> Grads:
        return {"W": matrix_product(cache.T, dy), "b": dy.sum(axis=0)}


def matrix_product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a (I, J) @ b (J, K) -> (I, K).

    Pieces depend on the shapes alone, so the result is the same for any number of threads; BLAS's own threads do not
    promise that.
    """
    if len(a) == 1 and b.size > _STRIP:
        return _single_row(a, b)
    if len(a) * b.size >= _WORTH_SHARING:
        return _tiled(a, b)
    return a @ b


def _tiled(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Strips along the longer side of the result."""
    out = np.empty((a.shape[0], b.shape[1]), a.dtype)
    if a.shape[0] > b.shape[1]:
        rows = [slice(i, i + _TILE_ROWS) for i in range(0, a.shape[0], _TILE_ROWS)]
        threads.parallel_map(lambda part: np.matmul(a[part], b, out=out[part]), rows)
    else:
        width = min(_TILE_COLUMNS, -(-b.shape[1] // 2))  # two strips at least
        columns = [slice(k, k + width) for k in range(0, b.shape[1], width)]
        threads.parallel_map(lambda part: np.matmul(a, b[:, part], out=out[:, part]), columns)
    return out


def _single_row(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """One row, where the time goes into reading b: products with strips of b, added up in order."""
    height = max(1, _STRIP // b.shape[1])
    strips = [slice(j, j + height) for j in range(0, len(b), height)]
    # Unlike `dot`, `matmul` lets no other thread run while it computes up to 500 values.
    return sum(threads.parallel_map(lambda strip: np.dot(a[:, strip], b[strip]), strips))
