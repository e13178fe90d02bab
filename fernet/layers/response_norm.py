"""Response normalisation: a value is divided by the energy around it (Krizhevsky et al. 2012, cuda-convnet)."""

from typing import Any

import numpy as np

from fernet.backend import Array
from fernet.layers.layer import Grads, Layer
from fernet.primitives.inverse_power import inverse_power
from fernet.primitives.window_sum import sum_along, window_sum, window_sum_adjoint


class ResponseNorm(Layer):
    """Within each map:   y = x D^-p,   D = k + (scale / n^2) * (sum of x^2 over the n x n window)

        dx_q = dy_q D_q^-p  -  2 p (scale / n^2) x_q * (sum over pixels r whose window holds q of dy_r x_r D_r^(-p-1))

    x (N, H, W, C), y alike; pixels outside the image count as zero. `scale` is the constant as configured: it is
    divided by the number of pixels of a window here. Defaults k = 1, scale = 5e-5, p = 0.75: cuda-convnet's examples.
    """

    def __init__(self, size: int, scale: float = 5e-5, power: float = 0.75, k: float = 1.0) -> None:
        super().__init__()
        self.size, self.scale, self.power, self.k = size, scale, power, k
        self.alpha = scale / self._window_values()

    def forward(self, x: Array, train: bool = False, rng: np.random.Generator | None = None) -> tuple[Array, Any]:
        D = self._sum(x * x, self.alpha, self.k)
        shrink = inverse_power(D, self.power)  # D^-p
        return x * shrink, (x, D, shrink) if train else None

    def backward(self, dy: Array, cache: Any) -> tuple[Array, Grads]:
        x, D, shrink = cache
        dx = dy * shrink
        pulled = dx * x  # dy x D^-p
        pulled /= D
        pulled = self._sum_adjoint(pulled, 2 * self.power * self.alpha)
        pulled *= x
        dx -= pulled
        return dx, {}

    def _window_values(self) -> int:
        return self.size**2

    def _sum(self, x: Array, scale: float, offset: float) -> Array:
        return window_sum(x, self.size, scale, offset)

    def _sum_adjoint(self, x: Array, scale: float) -> Array:
        return window_sum_adjoint(x, self.size, scale)


class AcrossMapsNorm(ResponseNorm):
    """Across maps:   y = x D^-p,   D = k + (scale / n) * (sum of x^2 over the n neighbouring maps of the same pixel)

    The gradient is that of `ResponseNorm` with n maps for the window of n x n pixels. Window of map c: the maps
    c - n//2 .. c + n-1-n//2 that exist.
    """

    def __init__(self, size: int, scale: float = 1e-3, power: float = 0.75, k: float = 1.0) -> None:
        super().__init__(size, scale, power, k)

    def _window_values(self) -> int:
        return self.size

    def _sum(self, x: Array, scale: float, offset: float) -> Array:
        return scale * sum_along(x, self.size, before=self.size // 2, axis=3) + offset

    def _sum_adjoint(self, x: Array, scale: float) -> Array:
        return scale * sum_along(x, self.size, before=self.size - 1 - self.size // 2, axis=3)
