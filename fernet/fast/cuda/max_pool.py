"""Max pooling with one thread for each value; see max_pool.cu."""

from typing import Any

import numpy as np

from fernet.backend import Array, array_library
from fernet.fast.cuda import kernels
from fernet.fast.version import FastVersion
from fernet.layers.layer import Grads, Shape

_THREADS = 256


class CudaMaxPool(FastVersion):
    """As `MaxPool`."""

    def forward(self, x: Array, train: bool = False, rng: np.random.Generator | None = None) -> tuple[Array, Any]:
        library, n, stride = array_library(x), self.layer.size, self.layer.stride
        framed = self.layer.framed(x)
        N, H, W, C = framed.shape
        y_shape = (N, (H - n) // stride + 1, (W - n) // stride + 1, C)
        y, winners = library.empty(y_shape, x.dtype), library.empty(y_shape, "uint8")
        pool = kernels.kernel("max_pool", "max_pool", **self._constants(framed.shape))
        pool(_grid(y_shape), (_THREADS,), (library.ascontiguousarray(framed), y, winners))
        return y, (winners, framed.shape, x.shape) if train else None

    def backward(self, dy: Array, cache: Any) -> tuple[Array, Grads]:
        winners, framed_shape, shape = cache
        library = array_library(dy)
        dx = library.empty(framed_shape, dy.dtype)
        collect = kernels.kernel("max_pool", "max_pool_backward", **self._constants(framed_shape))
        collect(_grid(framed_shape), (_THREADS,), (library.ascontiguousarray(dy), winners, dx))
        return dx[:, : shape[1], : shape[2]], {}

    def _constants(self, shape: Shape) -> dict[str, int]:
        _, H, W, C = shape
        return {"HEIGHT": H, "WIDTH": W, "CHANNELS": C, "SIZE": self.layer.size, "STRIDE": self.layer.stride}


def _grid(shape: Shape) -> tuple[int]:
    """Whole blocks for each image."""
    N, H, W, C = shape
    return (N * -(-H * W * C // _THREADS),)
