"""Fully connected layer."""

import numpy as np

from fernet.backend import Array
from fernet.errors import UserError
from fernet.fast.cpu.fully_connected import matrix_product
from fernet.layers.layer import Grads, Layer, Shape, check_input, he_normal


class FullyConnected(Layer):
    """y = x W + b

        dW = x' dy,    db = sum of dy over the batch,    dx = dy W'

    x (N, I), W (I, O), b (O,), y (N, O).
    """

    decayed = ("W",)

    def __init__(self, inputs: int, outputs: int, rng: np.random.Generator, dtype: type = np.float32) -> None:
        super().__init__()
        self.params["W"] = he_normal(rng, (inputs, outputs), inputs, dtype)
        self.params["b"] = np.zeros(outputs, dtype)

    def forward(self, x: Array, train: bool = False, rng: np.random.Generator | None = None) -> tuple[Array, Array]:
        W, b = self.params["W"], self.params["b"]
        check_input(x, W, "N", W.shape[0])
        return matrix_product(x, W) + b, x if train else None

    def backward(self, dy: Array, cache: Array) -> tuple[Array, Grads]:
        dx = matrix_product(dy, self.params["W"].T)
        return dx, self.weight_gradients(dy, cache)

    def weight_gradients(self, dy: Array, cache: Array) -> Grads:
        return {"W": matrix_product(cache.T, dy), "b": dy.sum(axis=0)}

    def output_shape(self, shape: Shape) -> Shape:
        inputs, outputs = self.params["W"].shape
        if shape != (inputs,):
            raise UserError(f"the layer expects vectors of {inputs} values, got shape {shape}")
        return (outputs,)

    def multiply_adds(self, shape: Shape) -> int:
        return self.params["W"].size
