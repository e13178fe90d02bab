"""Convolution over image maps, in the form networks use: correlation with learned filters plus a bias per map."""

from typing import Any

import numpy as np

from fernet.backend import Array, array_library
from fernet.errors import UserError
from fernet.layers.layer import Grads, Layer, Shape, check_input, he_normal
from fernet.primitives.correlate_biased import biased_correlate, biased_gradients, biased_weight_gradients


class Conv(Layer):
    """y[i, j, k] = sum over r, s, c of x[i+r, j+s, c] W[r, s, c, k]  +  b[k]

        db[k]          = sum over i, j of dy[i, j, k]
        dW[r, s, c, k] = sum over i, j of x[i+r, j+s, c] dy[i, j, k]
        dx[i, j, c]    = sum over r, s, k of dy[i-r, j-s, k] W[r, s, c, k]

    x (N, H, W, C), W (R, R, C, K), b (K,), y (N, H-R+1, W-R+1, K); with padding "same" x is first framed with zeros
    so that y is as large as x. Eq. 1 of the paper has no padding ("valid").
    """

    decayed = ("W",)
    whole_batch = True  # what is done to the filters once serves all images

    def __init__(
        self, size: int, channels: int, maps: int, padding: str, rng: np.random.Generator, dtype: type = np.float32
    ) -> None:
        super().__init__()
        if padding not in ("valid", "same"):
            raise UserError(f"padding is {padding!r}: expected valid or same")
        self.size, self.padding = size, padding
        self.params["W"] = he_normal(rng, (size, size, channels, maps), size * size * channels, dtype)
        self.params["b"] = np.zeros(maps, dtype)

    def forward(self, x: Array, train: bool = False, rng: np.random.Generator | None = None) -> tuple[Array, Any]:
        W, b = self.params["W"], self.params["b"]
        check_input(x, W, "N, H, W", W.shape[2])
        x = self._framed(x)
        y, seen = biased_correlate(x, W, b)
        return y, seen if train else None

    def backward(self, dy: Array, cache: Any) -> tuple[Array, Grads]:
        dx, dW, db = biased_gradients(cache, dy, self.params["W"])
        return self._unframed(dx), {"W": dW, "b": db}

    def weight_gradients(self, dy: Array, cache: Any) -> Grads:
        dW, db = biased_weight_gradients(cache, dy, self.params["W"])
        return {"W": dW, "b": db}

    def _framed(self, x: Array) -> Array:
        """x with the zero frame of "same": half a filter all round, the larger half below and right if it is even."""
        if self.padding == "valid":
            return x
        before, after = (self.size - 1) // 2, self.size // 2
        return array_library(x).pad(x, ((0, 0), (before, after), (before, after), (0, 0)))

    def _unframed(self, dx: Array) -> Array:
        if self.padding == "valid":
            return dx
        before, after = (self.size - 1) // 2, self.size // 2
        return dx[:, before : dx.shape[1] - after, before : dx.shape[2] - after]

    def output_shape(self, shape: Shape) -> Shape:
        height, width, _ = shape
        if self.padding == "same":
            return (height, width, self.params["W"].shape[3])
        if min(height, width) < self.size:
            raise UserError(f"a {self.size} x {self.size} filter does not fit into {height} x {width} maps")
        return (height - self.size + 1, width - self.size + 1, self.params["W"].shape[3])

    def multiply_adds(self, shape: Shape) -> int:
        height, width, _ = self.output_shape(shape)
        return height * width * self.params["W"].size
