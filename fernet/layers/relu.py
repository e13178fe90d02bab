"""Rectified linear unit."""

import numpy as np

from fernet.backend import Array, array_library
from fernet.fast.cuda.relu import rectify
from fernet.layers.layer import Grads, Layer


class ReLU(Layer):
    """y = max(0, x)

        dx = dy where x > 0, else 0        (0 at the kink x = 0)

    Any shape; y has that of x.
    """

    def forward(self, x: Array, train: bool = False, rng: np.random.Generator | None = None) -> tuple[Array, Array]:
        return rectify(x) if train else (array_library(x).maximum(x, 0), None)

    def backward(self, dy: Array, cache: Array) -> tuple[Array, Grads]:
        return dy * cache, {}
