"""From maps to vectors."""

import math

import numpy as np

from fernet.backend import Array
from fernet.layers.layer import Grads, Layer, Shape


class Flatten(Layer):
    """y (N, H W C) from x (N, H, W, C): the same values in the same order; dx is dy in the shape of x."""

    def forward(self, x: Array, train: bool = False, rng: np.random.Generator | None = None) -> tuple[Array, Shape]:
        return x.reshape(len(x), -1), x.shape if train else None

    def backward(self, dy: Array, cache: Shape) -> tuple[Array, Grads]:
        return dy.reshape(cache), {}

    def output_shape(self, shape: Shape) -> Shape:
        return (math.prod(shape),)
