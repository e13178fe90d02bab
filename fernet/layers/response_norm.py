"""Response normalisation: every value is divided by the energy around it, within its map or across maps."""

from typing import Any

import numpy as np

from fernet.backend import Array
from fernet.layers.layer import Grads, Layer
from fernet.layers.window_sum import sum_along, window_sum, window_sum_adjoint


class ResponseNorm(Layer):
    """Every value is divided by the energy of its map in the n x n window around it:

        D_p = k + alpha (sum over q in win(p) of x_q^2),    alpha = scale / n^2
        y_p = x_p D_p^-power

    Derivation. x reaches the loss along two paths. As the dividend, with D held fixed, it receives dy_q D_q^-power.
    Through the divisor: y_p falls by power y_p / D_p for each unit of D_p, and D_p grows by 2 alpha x_q for each unit
    of every x_q in its window. Summed over the windows that contain q:

        dx_q = dy_q D_q^-power  -  2 power alpha x_q (sum over p with q in win(p) of dy_p y_p / D_p)

    Shapes: x, y (N, H, W, C). Pixels outside the image count as zero. Source: cuda-convnet, after Krizhevsky et al.
    2012; defaults as in its examples. `scale` is the constant as configured there, divided by n^2 here.
    """

    def __init__(self, size: int, scale: float = 5e-5, power: float = 0.75, k: float = 1.0) -> None:
        super().__init__()
        self.size, self.scale, self.power, self.k = size, scale, power, k
        self.alpha = scale / size**2

    def forward(self, x: Array, train: bool = False, rng: np.random.Generator | None = None) -> tuple[Array, Any]:
        D = self.k + self.alpha * window_sum(x * x, self.size)
        y = x * D**-self.power
        return y, (x, D) if train else None

    def backward(self, dy: Array, cache: Any) -> tuple[Array, Grads]:
        x, D = cache
        direct = dy * D**-self.power  # the path through the dividend; direct * x is dy * y
        collected = window_sum_adjoint(direct * x / D, self.size)
        dx = direct - 2 * self.power * self.alpha * x * collected
        return dx, {}


class AcrossMapsNorm(Layer):
    """Every value is divided by the energy of n neighbouring maps at the same pixel:

        D_c = k + alpha (sum over m in win(c) of x_m^2),    alpha = scale / n
        y_c = x_c D_c^-power

    win(c) holds the maps c - n//2 .. c + n-1-n//2 that exist.

    Derivation. As in `ResponseNorm`, with maps in place of pixels: as the dividend, x_c receives dy_c D_c^-power;
    through the divisor of each map m whose window contains c, it receives dy_m times -power (y_m / D_m) (2 alpha x_c):

        dx_c = dy_c D_c^-power  -  2 power alpha x_c (sum over m with c in win(m) of dy_m y_m / D_m)

    Shapes: x, y (N, H, W, C). Source: cuda-convnet, after Krizhevsky et al. 2012; `scale` is divided by n here.
    """

    def __init__(self, size: int, scale: float = 1e-3, power: float = 0.75, k: float = 1.0) -> None:
        super().__init__()
        self.size, self.scale, self.power, self.k = size, scale, power, k
        self.alpha = scale / size

    def forward(self, x: Array, train: bool = False, rng: np.random.Generator | None = None) -> tuple[Array, Any]:
        D = self.k + self.alpha * sum_along(x * x, self.size, before=self.size // 2, axis=3)
        y = x * D**-self.power
        return y, (x, D) if train else None

    def backward(self, dy: Array, cache: Any) -> tuple[Array, Grads]:
        x, D = cache
        direct = dy * D**-self.power
        # The maps whose windows contain c form the mirrored window around c, as in `window_sum_adjoint`.
        collected = sum_along(direct * x / D, self.size, before=self.size - 1 - self.size // 2, axis=3)
        dx = direct - 2 * self.power * self.alpha * x * collected
        return dx, {}
