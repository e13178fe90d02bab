"""Max pooling over 2 x 2 windows that do not overlap: three comparisons of whole arrays."""

from typing import Any

import numpy as np

from fernet.fast.version import FastVersion
from fernet.layers.layer import Grads, Shape
from fernet.layers.max_pool import MaxPool


class PairMaxPool(FastVersion):
    """As `MaxPool` for size and stride 2, on maps that such windows cover."""

    @classmethod
    def can(cls, layer: MaxPool, shape: Shape) -> bool:
        covered = layer.ceil or (shape[1] % 2 == 0 and shape[2] % 2 == 0)  # `ceil` frames odd maps
        return layer.size == layer.stride == 2 and covered

    def forward(
        self, x: np.ndarray, train: bool = False, rng: np.random.Generator | None = None
    ) -> tuple[np.ndarray, Any]:
        framed = self.layer.framed(x)
        top_left, top_right = framed[:, ::2, ::2], framed[:, ::2, 1::2]
        low_left, low_right = framed[:, 1::2, ::2], framed[:, 1::2, 1::2]
        top, low = np.maximum(top_left, top_right), np.maximum(low_left, low_right)
        # Strictly greater: of equal values the first wins, as in the layer.
        top_winner = (top_right > top_left).view(np.uint8)
        low_winner = (low_right > low_left).view(np.uint8) + np.uint8(2)
        # top + (low - top) where the lower pair wins: bytes wrap round, and this is far quicker than `where`.
        winners = (low_winner - top_winner) * (low > top).view(np.uint8)
        winners += top_winner
        return np.maximum(top, low), (winners, x.shape) if train else None

    def backward(self, dy: np.ndarray, cache: Any) -> tuple[np.ndarray, Grads]:
        winners, shape = cache
        N, P, Q, C = dy.shape
        dx = np.empty((N, 2 * P, 2 * Q, C), dy.dtype)
        for winner in range(4):
            u, v = divmod(winner, 2)
            np.multiply(dy, winners == winner, out=dx[:, u::2, v::2])
        return dx[:, : shape[1], : shape[2]], {}
