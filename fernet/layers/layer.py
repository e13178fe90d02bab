"""What all layers have in common: the contract, initial weights, and the check that data and weights fit together."""

from typing import Any

import numpy as np

from fernet.backend import Array, array_library
from fernet.errors import UserError

Grads = dict[str, Array]
Shape = tuple[int, ...]  # of one sample, without N


class Layer:
    """A differentiable function with parameters `params`; see the package docstring for the contract."""

    decayed: tuple[str, ...] = ()  # the parameters to which weight decay applies: weights, never biases

    def __init__(self) -> None:
        self.params: dict[str, Array] = {}

    def forward(self, x: Array, train: bool = False, rng: np.random.Generator | None = None) -> tuple[Array, Any]:
        """y and the cache for `backward`; layers that draw random numbers in training take them from `rng`."""
        raise NotImplementedError

    def backward(self, dy: Array, cache: Any) -> tuple[Array, Grads]:
        """The gradients of the loss with respect to x and to each parameter, given the gradient dy."""
        raise NotImplementedError

    def weight_gradients(self, dy: Array, cache: Any) -> Grads:
        """The gradients of the parameters alone: all that the first layer of a network needs."""
        return self.backward(dy, cache)[1]

    def output_shape(self, shape: Shape) -> Shape:
        """Shape of one output sample for one input sample of `shape`; UserError if the layer cannot take it."""
        return shape

    def multiply_adds(self, shape: Shape) -> int:
        """Multiply-adds of the forward pass of one sample of `shape`; layers without weights count as none."""
        return 0


def small_normal(rng: np.random.Generator, shape: Shape, fan_in: int, dtype: type) -> np.ndarray:
    """Normal weights of variance 1 / (2 fan_in), with which every layer halves the scale of its activations.

    Each output is a sum of fan_in products, so its mean square is fan_in times the variance times the mean square of
    the inputs, and ReLU sets half of the outputs to zero. Variance 2 / fan_in preserves the scale (He et al. 2015); a
    quarter of it halves the scale. The logits are then close to zero, and the first loss is close to ln C. With He's
    variance, dropout and max pooling enlarge the logits, and the first steps leave many maps below zero for good.
    """
    return (rng.standard_normal(shape) * np.sqrt(0.5 / fan_in)).astype(dtype)


def check_input(x: Array, W: Array, dimensions: str, channels: int) -> None:
    """UserError unless x has the axes `dimensions` and `channels`, and the library and dtype of the weights W."""
    expected = f"({dimensions}, {channels})"
    if x.ndim != dimensions.count(",") + 2 or x.shape[-1] != channels:
        raise UserError(f"the layer expects {expected}, got {x.shape}")
    if array_library(x) is not array_library(W):
        here, there = array_library(x).__name__, array_library(W).__name__
        raise UserError(f"the input is a {here} array, the weights are {there}: move the input to {there} first")
    if x.dtype != W.dtype:
        raise UserError(f"the input is {x.dtype}, the weights are {W.dtype}: convert the input to {W.dtype} first")
