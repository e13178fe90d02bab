"""Local contrast normalisation, with its exact gradient."""

from typing import Any

import numpy as np

from fernet.backend import Array
from fernet.layers.layer import Grads, Layer
from fernet.layers.window_sum import window_mean, window_mean_adjoint, window_sum, window_sum_adjoint


class ContrastNorm(Layer):
    """Every value is divided by the local contrast of its map:

        m_p = mean of x over the n_p pixels of win(p)
        d_p = x_p - m_p
        D_p = k + alpha (sum over q in win(p) of d_q^2),    alpha = scale / n^2
        y_p = x_p D_p^-power

    Derivation. x reaches the loss along two paths, as the dividend and through D. With D held fixed, the first gives
    dx_q = dy_q D_q^-power. Along the second, y_p falls by power y_p / D_p for each unit of D_p, and D_p grows by
    2 alpha d_q for each unit of every d_q in its window; summed over the windows that contain q, the gradient of d is

        h_q  = -2 power alpha d_q (sum over p with q in win(p) of dy_p y_p / D_p)

    and d = x - m passes it on to x twice, directly and, with the opposite sign, through the mean of each window:

        dx_q = dy_q D_q^-power  +  h_q  -  (sum over p with q in win(p) of h_p / n_p)

    Shapes: x, y (N, H, W, C); maps are independent. Source: the local contrast normalisation of cuda-convnet, whose own
    backward pass leaves out the last sum, the path through the mean, and so is not the gradient of its forward pass.
    Defaults as in cuda-convnet's examples for response normalisation; `scale` is divided by n^2 here.
    """

    def __init__(self, size: int, scale: float = 5e-5, power: float = 0.75, k: float = 1.0) -> None:
        super().__init__()
        self.size, self.scale, self.power, self.k = size, scale, power, k
        self.alpha = scale / size**2

    def forward(self, x: Array, train: bool = False, rng: np.random.Generator | None = None) -> tuple[Array, Any]:
        d = x - window_mean(x, self.size)
        D = self.k + self.alpha * window_sum(d * d, self.size)
        y = x * D**-self.power
        return y, (x, d, D) if train else None

    def backward(self, dy: Array, cache: Any) -> tuple[Array, Grads]:
        x, d, D = cache
        direct = dy * D**-self.power  # the path through the dividend; direct * x is dy * y
        h = -2 * self.power * self.alpha * d * window_sum_adjoint(direct * x / D, self.size)
        dx = direct + h - window_mean_adjoint(h, self.size)
        return dx, {}
