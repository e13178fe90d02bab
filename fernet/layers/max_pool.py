"""Max pooling."""

from typing import Any

import numpy as np

from fernet.backend import Array, array_library
from fernet.errors import UserError
from fernet.layers.layer import Grads, Layer, Shape
from fernet.primitives.window_max import window_max, window_max_dx

_LARGEST = 16  # the position of a winner in its window is kept in one byte


class MaxPool(Layer):
    """y[i, j, c] = max over u, v in 0..n-1 of x[i stride + u, j stride + v, c]

        dx[winner of window (i, j)] += dy[i, j, c]        (the first winner of equal ones)

    x (N, H, W, C), y (N, P, Q, C). Windows that would reach beyond the image are left out (floor), or, with
    `ceil=True` as in cuda-convnet, kept with what they hold: P = floor or ceil of (H - n) / stride, plus 1.
    """

    def __init__(self, size: int, stride: int = 2, ceil: bool = False) -> None:
        super().__init__()
        if not 1 <= size <= _LARGEST or stride < 1:
            raise UserError(f"pooling of size {size} and stride {stride}: size is 1 to {_LARGEST}, stride at least 1")
        self.size, self.stride, self.ceil = size, stride, ceil

    def forward(self, x: Array, train: bool = False, rng: np.random.Generator | None = None) -> tuple[Array, Any]:
        framed = self._framed(x)
        y, winners = window_max(framed, self.size, self.stride)
        return y, (winners, framed.shape, x.shape) if train else None

    def backward(self, dy: Array, cache: Any) -> tuple[Array, Grads]:
        winners, framed_shape, shape = cache
        dx = window_max_dx(dy, winners, self.size, self.stride, framed_shape)
        return dx[:, : shape[1], : shape[2]], {}

    def _framed(self, x: Array) -> Array:
        """x, filled up with -infinity below and right until the last window of `ceil` is whole."""
        below, right = (self._span(length) - length for length in x.shape[1:3])
        if below <= 0 and right <= 0:
            return x
        frame = ((0, 0), (0, max(0, below)), (0, max(0, right)), (0, 0))
        return array_library(x).pad(x, frame, constant_values=-np.inf)

    def _span(self, length: int) -> int:
        return (self._windows(length) - 1) * self.stride + self.size

    def _windows(self, length: int) -> int:
        room = length - self.size
        if not self.ceil:
            return room // self.stride + 1
        # A last window must start inside the image, or it would hold nothing.
        return min(-(-room // self.stride) + 1, (length - 1) // self.stride + 1)

    def output_shape(self, shape: Shape) -> Shape:
        height, width, channels = shape
        if min(height, width) < self.size:
            raise UserError(f"a pooling window of {self.size} x {self.size} does not fit into {height} x {width} maps")
        return (self._windows(height), self._windows(width), channels)
