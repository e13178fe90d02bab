"""Which array library computes: NumPy on the processor or CuPy on an NVIDIA GPU. The one place that imports CuPy."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import numpy as np

from fernet import gpu_faults
from fernet.errors import UserError
from fernet.gpu_faults import first_line

Array = Any  # numpy.ndarray or cupy.ndarray
BACKENDS = ("auto", "numpy", "cupy")
_OLDEST = 70  # compute capability 7.0: the threads of a warp advance independently, as the kernels' barriers assume


def choose(name: str) -> ModuleType:
    """The array library called `name`; `auto` takes CuPy where a GPU answers and NumPy elsewhere.

    Raises UserError if `cupy` is asked for and cannot compute here.
    """
    if name == "numpy":
        return np
    fault = cupy_fault()
    if fault is None:
        return sys.modules["cupy"]
    if name == "auto":
        return np
    raise UserError(f"--backend cupy cannot run here: {fault}. Or use --backend numpy, which needs no GPU.")


def cupy_fault() -> str | None:
    """Why CuPy cannot compute on this machine, in one sentence with the way out; None if it can."""
    try:
        import cupy
    except ImportError as error:
        if error.name == "cupy":
            return "CuPy is not installed; `pip install 'fernet[cuda12]'` (or cuda13 for a CUDA 13 driver) installs it"
        return f"CuPy is installed but does not load ({first_line(error)}); reinstall the extra cuda12 or cuda13"
    try:
        if cupy.cuda.runtime.getDeviceCount() == 0:
            return "CuPy is installed but finds no NVIDIA GPU; check `nvidia-smi`"
        if (capability := int(cupy.cuda.Device().compute_capability)) < _OLDEST:
            return (
                f"this GPU has compute capability {capability / 10}, the kernels need {_OLDEST / 10} (Volta, 2017) "
                "or later; choose another with CUDA_VISIBLE_DEVICES"
            )
    except cupy.cuda.runtime.CUDARuntimeError as error:
        if "InsufficientDriver" in str(error) and cupy.cuda.runtime.driverGetVersion() > 0:  # 0 is no driver at all
            return gpu_faults.old_driver(first_line(error))
        return f"CuPy is installed but finds no usable NVIDIA GPU and driver ({first_line(error)}); check `nvidia-smi`"
    try:
        float((cupy.arange(3, dtype=np.float32) + 1).sum())  # needs the driver, the compiler and the headers
    except Exception as error:
        # Whatever a broken installation raises here, the way out is the same.
        return (
            f"CuPy finds a GPU but cannot compute on it ({first_line(error)}); "
            "the extras cuda12 and cuda13 bring the toolkit parts that CuPy needs"
        )
    return None


def array_library(x: Array) -> ModuleType:
    """The library that `x` belongs to."""
    cupy = sys.modules.get("cupy")
    if cupy is not None and isinstance(x, cupy.ndarray):
        return cupy
    return np


def to_host(x: Array) -> np.ndarray:
    """`x` as a NumPy array, copied from the device if it lies there."""
    return x if isinstance(x, np.ndarray) else array_library(x).asnumpy(x)


def beside(x: Array, other: Array) -> Array:
    """`x` where `other` lies: itself if it lies there already, or else a copy of the host array on the device."""
    return array_library(other).asarray(x)


def address(x: Array) -> int:
    """Where the values of `x` begin in memory: a pointer in a table that a kernel reads."""
    return x.ctypes.data if isinstance(x, np.ndarray) else x.data.ptr


class HostCopy:
    """A small array as the host knows it: on NumPy the array itself, on CuPy a copy that follows without waiting."""

    def __init__(self, x: Array) -> None:
        self.x = x
        self.host = x if isinstance(x, np.ndarray) else sys.modules["cupyx"].zeros_pinned(x.shape, x.dtype)

    def latest(self) -> np.ndarray:
        """Send for the present values, and return those that have arrived, present or earlier ones."""
        if self.host is not self.x:
            self.x.get(out=self.host, blocking=False)
        return self.host

    def wait(self) -> np.ndarray:
        """The present values, after all work that they wait for."""
        if self.host is not self.x:
            self.x.get(out=self.host)
        return self.host


@contextmanager
def own_stream(library: ModuleType) -> Iterator[None]:
    """Give this thread a queue of its own on the GPU, beside those of others; nothing on NumPy."""
    if library is np:
        yield
        return
    with library.cuda.Stream(non_blocking=True) as stream:
        yield
        stream.synchronize()
    library.get_default_memory_pool().free_all_blocks(stream=stream)  # no other stream would be given them


def sliding_windows(x: Array, window: tuple[int, int]) -> Array:
    """Read-only view (N, H-R+1, W-S+1, C, R, S) of all R x S windows of x (N, H, W, C)."""
    return array_library(x).lib.stride_tricks.sliding_window_view(x, window, axis=(1, 2))
