"""Max pooling."""

from itertools import product
from typing import Any

import numpy as np

from fernet.backend import Array, array_library
from fernet.errors import UserError
from fernet.layers.layer import Grads, Layer, Shape

_LARGEST = 16  # the position of a winner within its window is kept in one byte


class MaxPool(Layer):
    """Each output is the largest value of an n x n window; the windows are `stride` pixels apart:

        y[i, j, c] = max over u, v in 0..n-1 of x[i stride + u, j stride + v, c]

    Derivation. Where one value of a window, the winner, is larger than all others, y[i, j, c] equals it in a whole
    neighbourhood: the derivative is 1 for the winner and 0 for the others. Where windows overlap, a pixel may win
    several of them:

        dx[q, c] = sum of dy[i, j, c] over the windows (i, j) whose winner in map c is q

    Of equal values the first wins; at such a kink no gradient exists. Shapes: x (N, H, W, C), y (N, P, Q, C). Windows
    that reach beyond the image are left out (floor) or, with `ceil=True`, cut off at its border if they begin inside
    it: P = floor or ceil of (H - n) / stride, plus 1; Q likewise. Source: pooling as in cuda-convnet.
    """

    def __init__(self, size: int, stride: int = 2, ceil: bool = False) -> None:
        super().__init__()
        if not 1 <= size <= _LARGEST or stride < 1:
            raise UserError(f"pooling of size {size} and stride {stride}: size is 1 to {_LARGEST}, stride at least 1")
        self.size, self.stride, self.ceil = size, stride, ceil

    def forward(self, x: Array, train: bool = False, rng: np.random.Generator | None = None) -> tuple[Array, Any]:
        n = self.size
        framed = self.framed(x)
        windows = array_library(x).lib.stride_tricks.sliding_window_view(framed, (n, n), axis=(1, 2))
        windows = windows[:, :: self.stride, :: self.stride]  # (N, P, Q, C, n, n)
        windows = windows.reshape(*windows.shape[:4], n * n)
        y, winners = windows.max(axis=4), windows.argmax(axis=4).astype("uint8")  # a winner is u n + v
        return y, (winners, framed.shape, x.shape) if train else None

    def backward(self, dy: Array, cache: Any) -> tuple[Array, Grads]:
        winners, framed_shape, shape = cache
        n, stride, (_, P, Q, _) = self.size, self.stride, dy.shape
        dx = array_library(dy).zeros(framed_shape, dy.dtype)
        for u, v in product(range(n), repeat=2):
            rows, columns = slice(u, u + stride * (P - 1) + 1, stride), slice(v, v + stride * (Q - 1) + 1, stride)
            dx[:, rows, columns] += dy * (winners == u * n + v)
        return dx[:, : shape[1], : shape[2]], {}

    def framed(self, x: Array) -> Array:
        """x, padded with -infinity below and on the right until the last window of `ceil` is complete."""
        below, right = (max(0, self._span(length) - length) for length in x.shape[1:3])
        if below == right == 0:
            return x
        return array_library(x).pad(x, ((0, 0), (0, below), (0, right), (0, 0)), constant_values=-np.inf)

    def _span(self, length: int) -> int:
        """Pixels that the windows along an axis of `length` pixels cover."""
        return (self._windows(length) - 1) * self.stride + self.size

    def _windows(self, length: int) -> int:
        room = length - self.size
        if not self.ceil:
            return room // self.stride + 1
        # The last window must begin inside the image, or it would be empty.
        return min(-(-room // self.stride) + 1, (length - 1) // self.stride + 1)

    def output_shape(self, shape: Shape) -> Shape:
        height, width, channels = shape
        if min(height, width) < self.size:
            raise UserError(f"a pooling window of {self.size} x {self.size} does not fit into {height} x {width} maps")
        return (self._windows(height), self._windows(width), channels)
