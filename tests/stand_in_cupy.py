"""A module that behaves like CuPy on a machine with a GPU, and computes with NumPy."""

from contextlib import contextmanager
from types import ModuleType, SimpleNamespace

import numpy as np


class DeviceArray(np.ndarray):
    """Stands in for cupy.ndarray; no instances are made, so that arrays count as NumPy's."""


def cuda_error(name, module="cupy_backends.cuda.api.runtime", base=RuntimeError):
    """An exception class like one of CuPy's."""
    return type(name, (base,), {"__module__": module})


CUDARuntimeError = cuda_error("CUDARuntimeError")
OutOfMemoryError = cuda_error("OutOfMemoryError", "cupy.cuda.memory", MemoryError)
CompileException = cuda_error("CompileException", "cupy.cuda.compiler", Exception)


class Stand(ModuleType):
    def __init__(self, devices=1, capability="90", driver=13000):
        super().__init__("cupy")
        self.ndarray, self.__version__, self.streams = DeviceArray, "14.0.0", []
        count = self._raising(devices)
        self.cuda = SimpleNamespace(
            runtime=SimpleNamespace(
                getDeviceCount=count, CUDARuntimeError=CUDARuntimeError, driverGetVersion=lambda: driver
            ),
            Device=lambda: SimpleNamespace(compute_capability=capability),
            Stream=self._stream,
        )
        self.freed = []

    def __getattr__(self, name):
        return getattr(np, name)

    @staticmethod
    def _raising(value):
        def get():
            if isinstance(value, Exception):
                raise value
            return value

        return get

    @contextmanager
    def _stream(self, non_blocking):
        assert non_blocking  # otherwise the default stream would block all others
        stream = SimpleNamespace(synchronize=lambda: None)
        self.streams.append(stream)
        yield stream

    def get_default_memory_pool(self):
        return SimpleNamespace(free_all_blocks=lambda stream: self.freed.append(stream))
