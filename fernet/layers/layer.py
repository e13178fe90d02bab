"""What all layers have in common: the contract, and the check that data and weights fit together."""

from typing import Any

import numpy as np

from fernet.backend import Array, array_library
from fernet.errors import UserError

Grads = dict[str, Array]
Shape = tuple[int, ...]  # of one sample, without N


class Layer:
    """A differentiable map with parameters `params`; see the package docstring for the contract."""

    decayed: tuple[str, ...] = ()  # the parameters that weight decay shrinks: weights, never biases
    whole_batch = False  # True for an image layer that gains from seeing all images at once

    def __init__(self) -> None:
        self.params: dict[str, Array] = {}

    def forward(self, x: Array, train: bool = False, rng: np.random.Generator | None = None) -> tuple[Array, Any]:
        """y and the cache for `backward`; `rng` is used by layers that draw random numbers in training."""
        raise NotImplementedError

    def backward(self, dy: Array, cache: Any) -> tuple[Array, Grads]:
        """Gradient of the loss with respect to x, and to each parameter, given that with respect to y."""
        raise NotImplementedError

    def weight_gradients(self, dy: Array, cache: Any) -> Grads:
        """The parameters' gradients alone, for the first layer of a network, whose dx nobody reads."""
        return self.backward(dy, cache)[1]

    def output_shape(self, shape: Shape) -> Shape:
        """Shape of one output sample for one input sample of `shape`; UserError if the layer cannot take it."""
        return shape

    def multiply_adds(self, shape: Shape) -> int:
        """Multiply-adds of one forward pass of one sample of `shape`; layers without weights count as none."""
        return 0


def he_normal(rng: np.random.Generator, shape: Shape, fan_in: int, dtype: type) -> np.ndarray:
    """Normal weights of variance 2 / fan_in, which keeps the scale of ReLU activations (He et al. 2015)."""
    return (rng.standard_normal(shape) * np.sqrt(2.0 / fan_in)).astype(dtype)


def check_input(x: Array, W: Array, dimensions: str, channels: int) -> None:
    """Refuse x unless its axes are `dimensions`, the last one `channels` long, and it lies where W lies."""
    expected = f"({dimensions}, {channels})"
    if x.ndim != dimensions.count(",") + 2 or x.shape[-1] != channels:
        raise UserError(f"the layer expects {expected}, got {x.shape}")
    if array_library(x) is not array_library(W):
        here, there = array_library(x).__name__, array_library(W).__name__
        raise UserError(f"the input is a {here} array, the weights are {there}: move the input to {there} first")
    if x.dtype != W.dtype:
        raise UserError(f"the input is {x.dtype}, the weights are {W.dtype}: convert the input to {W.dtype} first")
