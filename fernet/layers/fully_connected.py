"""Fully connected layer."""

import numpy as np

from fernet.backend import Array
from fernet.errors import UserError
from fernet.layers.layer import Grads, Layer, Shape, check_input, small_normal


class FullyConnected(Layer):
    """Every output is a weighted sum of all inputs plus a bias:

        y[n, o] = sum over i of x[n, i] W[i, o]  +  b[o],        in matrices  y = x W + b

    Derivation. x[n, i] enters every output o of its own sample, multiplied by W[i, o]. W[i, o] enters output o of every
    sample, multiplied by x[n, i], and b[o] likewise, multiplied by 1. By the chain rule,

        dx[n, i] = sum over o of dy[n, o] W[i, o]
        dW[i, o] = sum over n of x[n, i] dy[n, o]
        db[o]    = sum over n of dy[n, o]

    or in matrices, with ' for the transpose, dx = dy W' and dW = x' dy.

    Shapes: x (N, I), W (I, O), b (O,), y (N, O). Initial weights from `small_normal`, biases zero.
    """

    decayed = ("W",)

    def __init__(self, inputs: int, outputs: int, rng: np.random.Generator, dtype: type = np.float32) -> None:
        super().__init__()
        self.params["W"] = small_normal(rng, (inputs, outputs), inputs, dtype)
        self.params["b"] = np.zeros(outputs, dtype)

    def forward(self, x: Array, train: bool = False, rng: np.random.Generator | None = None) -> tuple[Array, Array]:
        W, b = self.params["W"], self.params["b"]
        check_input(x, W, "N", W.shape[0])
        y = x @ W + b
        return y, x if train else None

    def backward(self, dy: Array, cache: Array) -> tuple[Array, Grads]:
        dx = dy @ self.params["W"].T
        return dx, self.weight_gradients(dy, cache)

    def weight_gradients(self, dy: Array, cache: Array) -> Grads:
        x = cache
        return {"W": x.T @ dy, "b": dy.sum(axis=0)}

    def output_shape(self, shape: Shape) -> Shape:
        inputs, outputs = self.params["W"].shape
        if shape != (inputs,):
            raise UserError(f"the layer expects vectors of {inputs} values, got shape {shape}")
        return (outputs,)

    def multiply_adds(self, shape: Shape) -> int:
        return self.params["W"].size
