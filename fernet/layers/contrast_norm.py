"""Local contrast normalisation (cuda-convnet), with its exact gradient."""

from typing import Any

import numpy as np

from fernet.backend import Array, array_library
from fernet.layers.layer import Grads, Layer
from fernet.primitives.inverse_power import inverse_power
from fernet.primitives.window_sum import window_sum, window_sum_adjoint


class ContrastNorm(Layer):
    """A value is divided by the local contrast of its map:

        m_p = mean of x over the valid pixels of the n x n window of p (n_p of them)
        d_p = x_p - m_p
        D_p = k + alpha * (sum of d^2 over the window of p),    alpha = scale / n^2
        y_p = x_p D_p^-pow

    The gradient, with  q in win(p)  for "the window of p holds q":

        h_q  = -2 pow alpha d_q * (sum over p with q in win(p) of dy_p y_p / D_p)         gradient reaching d_q
        dx_q = dy_q D_q^-pow  +  h_q  -  (sum over p with q in win(p) of h_p / n_p)       d depends on x twice

    cuda-convnet's own backward leaves out the last sum, the way through the mean; that is not the gradient of this
    forward. x (N, H, W, C), y alike. Defaults k = 1, scale = 5e-5, pow = 0.75 as in cuda-convnet's examples for
    response normalisation; `scale` is the constant as configured, divided by n^2 here.
    """

    def __init__(self, size: int, scale: float = 5e-5, power: float = 0.75, k: float = 1.0) -> None:
        super().__init__()
        self.size, self.scale, self.power, self.k = size, scale, power, k
        self.alpha = scale / size**2

    def forward(self, x: Array, train: bool = False, rng: np.random.Generator | None = None) -> tuple[Array, Any]:
        inverse_count = self._inverse_window_counts(x)
        d = window_sum(x, self.size)
        d *= inverse_count
        d = x - d
        D = window_sum(d * d, self.size, self.alpha, self.k)
        shrink = inverse_power(D, self.power)  # D^-pow
        return x * shrink, (x, d, D, shrink, inverse_count) if train else None

    def backward(self, dy: Array, cache: Any) -> tuple[Array, Grads]:
        x, d, D, shrink, inverse_count = cache
        dx = dy * shrink
        h = dx * x  # dy y
        h /= D
        h = window_sum_adjoint(h, self.size, -2 * self.power * self.alpha)
        h *= d
        dx += h
        h *= inverse_count
        dx -= window_sum_adjoint(h, self.size)
        return dx, {}

    def _inverse_window_counts(self, x: Array) -> Array:
        """1 / n_p for every pixel, (1, H, W, 1): windows at the border hold fewer pixels."""
        ones = array_library(x).ones((1, *x.shape[1:3], 1), x.dtype)
        return 1 / window_sum(ones, self.size)
