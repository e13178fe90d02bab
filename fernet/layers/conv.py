"""Convolution over image maps, in the form that networks use: correlation with learned filters plus a bias per map."""

from itertools import product

import numpy as np

from fernet.backend import Array, array_library
from fernet.errors import UserError
from fernet.layers.layer import Grads, Layer, Shape, check_input, small_normal


class Conv(Layer):
    """Each output is the sum of the products of a filter with the window of x under it:

        y[i, j, k] = sum over r, s, c of x[i+r, j+s, c] W[r, s, c, k]  +  b[k]

    Derivation. In y[i, j, k] the weight W[r, s, c, k] is multiplied by x[i+r, j+s, c], and b[k] by 1. Both serve every
    pixel of map k in every image, so their gradients sum over all of them. The pixel x[i, j, c] is multiplied by
    W[r, s, c, k] in the output y[i-r, j-s, k]; its gradient sums over the filter positions and the maps:

        dW[r, s, c, k] = sum over images, i, j of x[i+r, j+s, c] dy[i, j, k]
        db[k]          = sum over images, i, j of dy[i, j, k]
        dx[i, j, c]    = sum over r, s, k of dy[i-r, j-s, k] W[r, s, c, k]        (dy is 0 outside its maps)

    Shapes: x (N, H, W, C), W (R, R, C, K), b (K,), y (N, H-R+1, W-R+1, K). With padding "same", x is first framed with
    zeros so that y is as large as x; Eq. 1 of the paper has no padding ("valid"). In code, one matrix product over the
    channels handles all pixels of one filter position (r, s). Source: LeCun et al. 1998; initial weights from
    `small_normal`, biases zero.
    """

    decayed = ("W",)

    def __init__(
        self, size: int, channels: int, maps: int, padding: str, rng: np.random.Generator, dtype: type = np.float32
    ) -> None:
        super().__init__()
        if padding not in ("valid", "same"):
            raise UserError(f"padding is {padding!r}: expected valid or same")
        self.size, self.padding = size, padding
        self.params["W"] = small_normal(rng, (size, size, channels, maps), size * size * channels, dtype)
        self.params["b"] = np.zeros(maps, dtype)

    def forward(self, x: Array, train: bool = False, rng: np.random.Generator | None = None) -> tuple[Array, Array]:
        W, b = self.params["W"], self.params["b"]
        check_input(x, W, "N, H, W", W.shape[2])
        x = self.framed(x)
        P, Q = x.shape[1] - self.size + 1, x.shape[2] - self.size + 1
        y = array_library(x).zeros((len(x), P, Q, W.shape[3]), x.dtype) + b
        for r, s in product(range(self.size), repeat=2):
            y += x[:, r : r + P, s : s + Q] @ W[r, s]
        return y, x if train else None

    def backward(self, dy: Array, cache: Array) -> tuple[Array, Grads]:
        x, W = cache, self.params["W"]
        _, P, Q, _ = dy.shape
        dx = array_library(x).zeros_like(x)
        for r, s in product(range(self.size), repeat=2):
            dx[:, r : r + P, s : s + Q] += dy @ W[r, s].T
        return self.unframed(dx), self.weight_gradients(dy, cache)

    def weight_gradients(self, dy: Array, cache: Array) -> Grads:
        x, W = cache, self.params["W"]
        _, P, Q, K = dy.shape
        dW = array_library(x).empty_like(W)
        for r, s in product(range(self.size), repeat=2):
            seen = x[:, r : r + P, s : s + Q]  # what W[r, s] was multiplied by
            dW[r, s] = seen.reshape(-1, W.shape[2]).T @ dy.reshape(-1, K)
        return {"W": dW, "b": dy.sum(axis=(0, 1, 2))}

    def framed(self, x: Array) -> Array:
        """x with the zero frame of "same": half a filter all round, the larger half below and right if it is even."""
        if self.padding == "valid":
            return x
        before, after = (self.size - 1) // 2, self.size // 2
        return array_library(x).pad(x, ((0, 0), (before, after), (before, after), (0, 0)))

    def unframed(self, dx: Array) -> Array:
        """The gradient of x from that of the framed x; the frame is constant, and its gradient is dropped."""
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
