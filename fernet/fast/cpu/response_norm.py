"""Response normalisation with OpenCV's filters for the window sums, and as few passes over the maps as possible."""

from typing import Any

import numpy as np

from fernet.fast.cpu.divide_by_energy import divide_by_energy, divide_by_energy_gradients
from fernet.fast.version import FastVersion
from fernet.layers.layer import Grads


class FilterResponseNorm(FastVersion):
    """As `ResponseNorm`. The cache keeps D^-power: raising D to it again would cost more than reading it."""

    def forward(
        self, x: np.ndarray, train: bool = False, rng: np.random.Generator | None = None
    ) -> tuple[np.ndarray, Any]:
        layer = self.layer
        y, energy = divide_by_energy(x, x, layer.size, layer.alpha, layer.k, layer.power)
        return y, (x, energy) if train else None

    def backward(self, dy: np.ndarray, cache: Any) -> tuple[np.ndarray, Grads]:
        x, energy = cache
        layer = self.layer
        dx, through_energy = divide_by_energy_gradients(dy, x, x, energy, layer.size, layer.alpha, layer.power)
        dx += through_energy
        return dx, {}
