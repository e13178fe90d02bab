"""Contrast normalisation in one pass over memory each way; see contrast_norm.cu."""

from typing import Any

import numpy as np

from fernet.backend import Array, array_library
from fernet.fast.cuda.window_sums import LARGEST_WINDOW, run
from fernet.fast.version import FastVersion
from fernet.layers.contrast_norm import ContrastNorm
from fernet.layers.layer import Grads, Shape


class CudaContrastNorm(FastVersion):
    """As `ContrastNorm`. The cache keeps x, d and r = D^-1/2."""

    @classmethod
    def can(cls, layer: ContrastNorm, shape: Shape) -> bool:
        return layer.size <= LARGEST_WINDOW

    def forward(self, x: Array, train: bool = False, rng: np.random.Generator | None = None) -> tuple[Array, Any]:
        library, layer = array_library(x), self.layer
        x = library.ascontiguousarray(x)
        y, d, r = library.empty_like(x), library.empty_like(x), library.empty_like(x)
        arguments = (x, y, d, r, float(layer.alpha), float(layer.k))
        run("contrast_norm", "contrast_norm", arguments, layer.size, stages=2, power=layer.power)
        return y, (x, d, r) if train else None

    def backward(self, dy: Array, cache: Any) -> tuple[Array, Grads]:
        library, layer = array_library(dy), self.layer
        dy = library.ascontiguousarray(dy)
        dx = library.empty_like(dy)
        arguments = (dy, *cache, dx, float(layer.alpha))
        run("contrast_norm", "contrast_norm_backward", arguments, layer.size, stages=2, power=layer.power)
        return dx, {}
