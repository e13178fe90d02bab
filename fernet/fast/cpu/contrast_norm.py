"""Contrast normalisation with OpenCV's filters for the window sums, and as few passes over the maps as possible."""

from functools import lru_cache
from typing import Any

import numpy as np

from fernet.fast.cpu.divide_by_energy import divide_by_energy, divide_by_energy_gradients
from fernet.fast.cpu.window_sum import window_sum, window_sum_adjoint
from fernet.fast.version import FastVersion
from fernet.layers.layer import Grads


class FilterContrastNorm(FastVersion):
    """As `ContrastNorm`. The cache keeps D^-power: raising D to it again would cost more than reading it."""

    def forward(
        self, x: np.ndarray, train: bool = False, rng: np.random.Generator | None = None
    ) -> tuple[np.ndarray, Any]:
        layer = self.layer
        m = window_sum(x, layer.size)
        m *= _inverse_counts(*x.shape[1:3], layer.size)
        d = x - m
        y, energy = divide_by_energy(x, d, layer.size, layer.alpha, layer.k, layer.power)
        return y, (x, d, energy) if train else None

    def backward(self, dy: np.ndarray, cache: Any) -> tuple[np.ndarray, Grads]:
        x, d, energy = cache
        n = self.layer.size
        dx, h = divide_by_energy_gradients(dy, x, d, energy, n, self.layer.alpha, self.layer.power)
        dx += h
        dx -= window_sum_adjoint(h * _inverse_counts(*x.shape[1:3], n), n)
        return dx, {}


@lru_cache(maxsize=16)
def _inverse_counts(H: int, width: int, n: int) -> np.ndarray:
    """1 / n_p for every pixel, (H, W, 1)."""
    return 1 / window_sum(np.ones((1, H, width, 1), np.float32), n)[0]
