"""Response normalisation: a value is divided by the energy around it (Krizhevsky et al. 2012, cuda-convnet)."""

from typing import Any

import numpy as np

from fernet.backend import Array
from fernet.fast.cpu.response_norm import response_normalise, response_normalise_dx
from fernet.layers.layer import Grads, Layer
from fernet.layers.window_sum import sum_along


class ResponseNorm(Layer):
    """Within each map:   y = x D^-p,   D = k + (scale / n^2) * (sum of x^2 over the n x n window)

        dx_q = dy_q D_q^-p  -  2 p (scale / n^2) x_q * (sum over pixels r whose window holds q of dy_r x_r D_r^(-p-1))

    x (N, H, W, C), y alike; pixels outside the image count as zero. `scale` is the constant as configured: it is
    divided by the number of pixels of a window here. Defaults k = 1, scale = 5e-5, p = 0.75: cuda-convnet's examples.
    """

    def __init__(self, size: int, scale: float = 5e-5, power: float = 0.75, k: float = 1.0) -> None:
        super().__init__()
        self.size, self.scale, self.power, self.k = size, scale, power, k
        self.alpha = scale / size**2

    def forward(self, x: Array, train: bool = False, rng: np.random.Generator | None = None) -> tuple[Array, Any]:
        y, kept = response_normalise(x, self.size, self.alpha, self.k, self.power)
        return y, (x, kept) if train else None

    def backward(self, dy: Array, cache: Any) -> tuple[Array, Grads]:
        x, kept = cache
        return response_normalise_dx(dy, x, kept, self.size, self.alpha, self.power), {}


class AcrossMapsNorm(Layer):
    """Across maps:   y = x D^-p,   D = k + (scale / n) * (sum of x^2 over the n neighbouring maps of the same pixel)

        dx_c = dy_c D_c^-p  -  2 p (scale / n) x_c * (sum over maps m whose window holds c of dy_m x_m D_m^(-p-1))

    x (N, H, W, C), y alike. Window of map c: the maps c - n//2 .. c + n-1-n//2 that exist.
    """

    def __init__(self, size: int, scale: float = 1e-3, power: float = 0.75, k: float = 1.0) -> None:
        super().__init__()
        self.size, self.scale, self.power, self.k = size, scale, power, k
        self.alpha = scale / size

    def forward(self, x: Array, train: bool = False, rng: np.random.Generator | None = None) -> tuple[Array, Any]:
        D = self.k + self.alpha * sum_along(x * x, self.size, before=self.size // 2, axis=3)
        shrink = D**-self.power
        return x * shrink, (x, D, shrink) if train else None

    def backward(self, dy: Array, cache: Any) -> tuple[Array, Grads]:
        x, D, shrink = cache
        dx = dy * shrink
        held = sum_along(dx * x / D, self.size, before=self.size - 1 - self.size // 2, axis=3)
        dx -= 2 * self.power * self.alpha * x * held
        return dx, {}
