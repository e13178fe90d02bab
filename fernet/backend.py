"""The choice of array library: NumPy on the processor or CuPy on an NVIDIA GPU. The only place that imports CuPy."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np

from fernet import gpu_faults
from fernet.errors import UserError, first_line

Array = Any  # numpy.ndarray or cupy.ndarray
BACKENDS = ("auto", "numpy", "cupy")
PRECISIONS = ("tf32", "float32")  # of matrix products on a GPU
_NOT_INSTALLED = "CuPy is not installed"
_OLDEST = 70  # compute capability 7.0: the threads of a warp advance independently, as the kernels' barriers assume


def choose(name: str) -> ModuleType:
    """The array library called `name`; `auto` is CuPy if it can use a GPU and NumPy otherwise.

    Raises UserError if `name` is `cupy` and CuPy cannot compute here.
    """
    if name == "numpy":
        return np
    fault = cupy_fault()
    if fault is None:
        return sys.modules["cupy"]
    if name == "auto":
        if not fault.startswith(_NOT_INSTALLED):
            _note_once(f"note: --backend auto computes with NumPy: {fault}")
        return np
    raise UserError(f"--backend cupy cannot run here: {fault}. Or use --backend numpy, which needs no GPU.")


def cupy_fault() -> str | None:
    """Why CuPy cannot compute on this machine and what to do about it, in one sentence; None if it can."""
    try:
        import cupy
    except Exception as error:  # of any kind: a CuPy compiled for another NumPy raises a ValueError
        if isinstance(error, ImportError) and error.name == "cupy":
            return (
                f"{_NOT_INSTALLED}; `pip install -e '.[cuda12]'` in fernet's folder installs it (cuda13 for a CUDA 13 "
                "driver)"
            )
        return _does_not_load(error)
    try:
        if cupy.cuda.runtime.getDeviceCount() == 0:
            return "CuPy is installed but finds no NVIDIA GPU; check `nvidia-smi`"
        if (capability := int(cupy.cuda.Device().compute_capability)) < _OLDEST:
            return (
                f"this GPU has compute capability {capability / 10}, the kernels need {_OLDEST / 10} (Volta, 2017) "
                "or later; choose another with CUDA_VISIBLE_DEVICES"
            )
    except AttributeError as error:  # a folder called cupy, left by an older installation
        return _does_not_load(error)
    except Exception as error:
        if "InsufficientDriver" in str(error) and cupy.cuda.runtime.driverGetVersion() > 0:  # 0: no driver at all
            return gpu_faults.old_driver(first_line(error))
        return f"CuPy is installed but finds no usable NVIDIA GPU and driver ({first_line(error)}); check `nvidia-smi`"
    try:
        float((cupy.arange(3, dtype=np.float32) + 1).sum())  # needs the driver, the compiler and the headers
    except Exception as error:
        # Whatever a broken installation raises here, the remedy is the same.
        return (
            f"CuPy finds a GPU but cannot compute on it ({first_line(error)}); "
            "the extras cuda12 and cuda13 install the parts of the toolkit that CuPy needs"
        )
    return None


def _does_not_load(error: Exception) -> str:
    return f"CuPy is installed but does not load ({first_line(error)}); reinstall the extra cuda12 or cuda13"


@cache
def _note_once(text: str) -> None:
    """Print `text` on standard error, once in each process."""
    print(text, file=sys.stderr)


def array_library(x: Array) -> ModuleType:
    """The library that `x` belongs to."""
    cupy = sys.modules.get("cupy")
    if cupy is not None and isinstance(x, getattr(cupy, "ndarray", ())):  # without it, CuPy does not load
        return cupy
    return np


def to_host(x: Array) -> np.ndarray:
    """`x` as a NumPy array, copied from the device if it is there."""
    return x if isinstance(x, np.ndarray) else array_library(x).asnumpy(x)


def beside(x: Array, other: Array) -> Array:
    """`x` where `other` is: `x` itself if it is there already, otherwise a copy of the host array on the device."""
    return array_library(other).asarray(x)


def address(x: Array) -> int:
    """The address of the first value of `x`, for a table of pointers that a kernel reads."""
    return x.ctypes.data if isinstance(x, np.ndarray) else x.data.ptr


class HostCopy:
    """The host's view of a small array: with NumPy the array itself, with CuPy a copy updated asynchronously."""

    def __init__(self, x: Array) -> None:
        self.x = x
        self.host = x if isinstance(x, np.ndarray) else sys.modules["cupyx"].zeros_pinned(x.shape, x.dtype)

    def latest(self) -> np.ndarray:
        """Request the current values without waiting; return those that have arrived, which may be older."""
        if self.host is not self.x:
            self.x.get(out=self.host, blocking=False)
        return self.host

    def wait(self) -> np.ndarray:
        """The current values, once the work that they depend on is finished."""
        if self.host is not self.x:
            self.x.get(out=self.host)
        return self.host


@contextmanager
def own_stream(library: ModuleType) -> Iterator[None]:
    """Give this thread its own stream on the GPU, concurrent with those of other threads; no effect with NumPy."""
    if library is np:
        yield
        return
    with library.cuda.Stream(non_blocking=True) as stream:
        yield
        stream.synchronize()
    library.get_default_memory_pool().free_all_blocks(stream=stream)  # CuPy would not give them to another stream
