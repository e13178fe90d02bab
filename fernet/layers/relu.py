"""Rectified linear unit."""

import numpy as np

from fernet.backend import Array, array_library
from fernet.layers.layer import Grads, Layer


class ReLU(Layer):
    """y = max(0, x), elementwise.

    Derivation. Where x > 0, y = x and the derivative is 1; where x < 0, y = 0 and it is 0. Each value of y depends on
    one value of x, so the chain rule multiplies dy by that derivative:

        dx = dy where x > 0, else 0

    At the kink x = 0 there is no gradient; 0, one of its subgradients, is taken. Shapes: x of any shape, y alike.
    Source: Nair and Hinton 2010.
    """

    def forward(self, x: Array, train: bool = False, rng: np.random.Generator | None = None) -> tuple[Array, Array]:
        y = array_library(x).maximum(x, 0)
        return y, x > 0 if train else None

    def backward(self, dy: Array, cache: Array) -> tuple[Array, Grads]:
        positive = cache
        return dy * positive, {}
