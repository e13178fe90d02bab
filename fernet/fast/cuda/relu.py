"""ReLU and its mask in one pass over x in place of two; see relu.cu."""

import numpy as np

from fernet.backend import Array, array_library
from fernet.fast.cuda import kernels
from fernet.fast.version import FastVersion
from fernet.layers.layer import Grads

_THREADS = 256  # of a block, as in relu.cu


class CudaReLU(FastVersion):
    """As `ReLU`."""

    def forward(
        self, x: Array, train: bool = False, rng: np.random.Generator | None = None
    ) -> tuple[Array, Array | None]:
        library = array_library(x)
        if not train:
            return library.maximum(x, 0), None
        y, positive = library.empty(x.shape, x.dtype), library.empty(x.shape, bool)
        values = 4 if x.shape[-1] % 4 == 0 else 1  # then a part of a batch starts at a multiple of 16 bytes, too
        groups = x.size // values
        relu = kernels.kernel("relu", "relu", VALUES=values)
        relu((-(-groups // _THREADS),), (_THREADS,), (library.ascontiguousarray(x), y, positive, groups))
        return y, positive

    def backward(self, dy: Array, cache: Array) -> tuple[Array, Grads]:
        return dy * cache, {}
