"""From maps to vectors."""

import math

import numpy as np

from fernet.backend import Array
from fernet.layers.layer import Grads, Layer, Shape


class Flatten(Layer):
    """The values of each sample in one row, in the order in which they are stored:

        y[n, (i W + j) C + c] = x[n, i, j, c]        (x has the shape N, H, W, C)

    Derivation. Every value of y is a copy of one value of x, so the gradient takes the same route in reverse:

        dx[n, i, j, c] = dy[n, (i W + j) C + c]

    Shapes: x (N, H, W, C), y (N, H W C).
    """

    def forward(self, x: Array, train: bool = False, rng: np.random.Generator | None = None) -> tuple[Array, Shape]:
        return x.reshape(len(x), -1), x.shape if train else None

    def backward(self, dy: Array, cache: Shape) -> tuple[Array, Grads]:
        return dy.reshape(cache), {}

    def output_shape(self, shape: Shape) -> Shape:
        return (math.prod(shape),)
