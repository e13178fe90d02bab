"""Random numbers drawn on a GPU: the stream of NumPy's Philox, a counter-based generator; see philox.cu."""

import math
from types import ModuleType

import numpy as np

from fernet.backend import Array
from fernet.fast.cuda import kernels

_THREADS, _VALUES = 128, 8  # of a block of threads; of a block of the stream, as in philox.cu


class DeviceGenerator:
    """Draws on a GPU what `numpy.random.Generator` draws; layers need only `random`."""

    def __init__(self, key: Array, library: ModuleType) -> None:
        """`key` (2,) uint64 on the device. Kernels read it when they run, so a replayed step uses the current key."""
        self.key, self.library = key, library
        self.position = 0  # values drawn so far

    def random(self, shape: tuple[int, ...], dtype: type = np.float32) -> Array:
        """Uniform float32 values from 0 to below 1."""
        if dtype != np.float32:
            raise TypeError(f"draws float32, not {dtype}")
        values = self.library.empty(shape, np.float32)
        count = math.prod(shape)
        blocks = -(-(self.position + count) // _VALUES) - self.position // _VALUES
        uniform = kernels.kernel("philox", "uniform")
        grid = (-(-blocks // _THREADS),)
        uniform(grid, (_THREADS,), (self.key, values, np.uint64(self.position), np.uint64(count)))
        self.position += count
        return values
