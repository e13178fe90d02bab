"""Response normalisation in one pass over memory each way; see response_norm.cu."""

from typing import Any

import numpy as np

from fernet.backend import Array, array_library
from fernet.fast.cuda.window_sums import LARGEST_WINDOW, run
from fernet.fast.version import FastVersion
from fernet.layers.layer import Grads, Shape
from fernet.layers.response_norm import ResponseNorm


class CudaResponseNorm(FastVersion):
    """As `ResponseNorm`. The cache keeps x and r = D^-1/2."""

    @classmethod
    def can(cls, layer: ResponseNorm, shape: Shape) -> bool:
        return layer.size <= LARGEST_WINDOW

    def forward(self, x: Array, train: bool = False, rng: np.random.Generator | None = None) -> tuple[Array, Any]:
        library, layer = array_library(x), self.layer
        x = library.ascontiguousarray(x)
        y, r = library.empty_like(x), library.empty_like(x)
        arguments = (x, y, r, float(layer.alpha), float(layer.k))
        run("response_norm", "response_norm", arguments, layer.size, stages=1, power=layer.power)
        return y, (x, r) if train else None

    def backward(self, dy: Array, cache: Any) -> tuple[Array, Grads]:
        library, layer = array_library(dy), self.layer
        dy = library.ascontiguousarray(dy)
        dx = library.empty_like(dy)
        arguments = (dy, *cache, dx, float(layer.alpha))
        run("response_norm", "response_norm_backward", arguments, layer.size, stages=1, power=layer.power)
        return dx, {}
