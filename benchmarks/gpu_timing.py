"""Timing on a GPU by its own events, and the peak rates of the device at hand."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from types import ModuleType
from typing import Any

import numpy as np

import fernet

_WARM_UP = 30  # untimed runs, in which kernels are compiled, recorded and tuned
_SIDE = 8192  # of the matrices that measure the matrix rate
_COPIED = 2**30  # bytes


@dataclass(frozen=True)
class Rates:
    """The rates of the device, measured in the same run as everything else."""

    flops: float  # per second, for products of large float32 matrices by cuBLAS in TF32
    bytes: float  # per second, read and written, when copying an array of 1 GB


def median_seconds(run: Callable[[], object], event: Callable[[], Any], runs: int) -> float:
    """Median time of `run` on the device, between events before and after each run.

    The host waits only after the last run, so the time includes launching if that is slower than the device's work.
    `event()` makes an unrecorded event of the library whose current stream `run` uses.
    """
    for _ in range(_WARM_UP):
        run()
    pairs = [(event(), event()) for _ in range(runs)]
    for before, after in pairs:
        before.record()
        run()
        after.record()
    pairs[-1][1].synchronize()
    return median(milliseconds(before, after) for before, after in pairs) / 1e3


def milliseconds(before: Any, after: Any) -> float:
    """Time between two events of either library."""
    if hasattr(before, "elapsed_time"):  # PyTorch's
        return before.elapsed_time(after)
    return sys.modules["cupy"].cuda.get_elapsed_time(before, after)


def measured_rates(cupy: ModuleType) -> Rates:
    a, b = (cupy.random.default_rng(seed).standard_normal((_SIDE, _SIDE), dtype=np.float32) for seed in (0, 1))
    product = cupy.empty_like(a)
    seconds = median_seconds(lambda: cupy.matmul(a, b, out=product), cupy.cuda.Event, 20)
    here, there = cupy.zeros(_COPIED // 4, np.float32), cupy.empty(_COPIED // 4, np.float32)
    return Rates(
        2 * _SIDE**3 / seconds,
        2 * _COPIED / median_seconds(lambda: cupy.copyto(there, here), cupy.cuda.Event, 20),
    )


def environment(cupy: ModuleType) -> dict[str, str]:
    """The device and software versions used for the measurements."""
    device = cupy.cuda.runtime.getDeviceProperties(cupy.cuda.Device().id)
    torch = sys.modules.get("torch")
    return {
        "device": f"{device['name'].decode()}, compute capability {device['major']}.{device['minor']}",
        "memory": f"{device['totalGlobalMem'] / 2**30:.0f} GiB",
        "driver": _version(cupy.cuda.runtime.driverGetVersion()),
        "cuda": _version(cupy.cuda.runtime.runtimeGetVersion()),
        "cupy": cupy.__version__,
        "numpy": np.__version__,
        "torch": f"{torch.__version__}, cuDNN {torch.backends.cudnn.version()}" if torch else "not used",
        "fernet": fernet.__version__,
        "commit": _commit(),
    }


def _version(number: int) -> str:
    return f"CUDA {number // 1000}.{number % 1000 // 10}"


def _commit() -> str:
    git = ["git", "-C", str(Path(__file__).parent)]
    try:
        commit = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
        changed = subprocess.run([*git, "status", "--porcelain"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return commit + (", with changes" if changed.strip() else "")
