"""Timing that tolerates a busy machine: candidates take turns, so that all meet the same disturbances."""

import os
import platform
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from statistics import median

import numpy as np

from fernet import threads
from fernet.networks.build import Network
from fernet.networks.summary import summarise

INSTALL_TORCH = 'PyTorch is not installed: `pip install -e ".[bench]"` adds the comparison.'
_SIDE = 1024  # of the matrices that measure the rate of sgemm


@dataclass(frozen=True)
class Candidate:
    """Something to time: `run` once, inside `setting()`, whose entry and exit are not timed."""

    run: Callable[[], object]
    setting: Callable[[], AbstractContextManager] = nullcontext


def interleaved(candidates: dict[str, Candidate], rounds: int) -> dict[str, float]:
    """Median seconds of each candidate over `rounds` rounds, in each of which it has one turn.

    A turn is three runs, of which only the last is timed: the first ones find another candidate's caches and threads.
    """
    seconds: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(rounds):
        for name, candidate in candidates.items():
            with candidate.setting():
                candidate.run()
                candidate.run()
                started = time.perf_counter()
                candidate.run()
                seconds[name].append(time.perf_counter() - started)
    return {name: median(values) for name, values in seconds.items()}


def on_threads(count: int) -> Callable[[], AbstractContextManager]:
    """The setting in which fernet trains on `count` threads."""
    return lambda: threads.worker_threads(count)


def sgemm(count: int) -> Candidate:
    """`count` simultaneous products of 1024 x 1024 matrices: `sgemm_flops(count)` operations at the speed of BLAS."""
    a, b = np.random.default_rng(0).standard_normal((2, _SIDE, _SIDE)).astype(np.float32)
    outs = [np.empty_like(a) for _ in range(4 * count)]
    return Candidate(lambda: threads.parallel_map(lambda out: np.matmul(a, b, out=out), outs), on_threads(count))


def sgemm_flops(count: int) -> int:
    return 4 * count * 2 * _SIDE**3


def training_flops(network: Network) -> int:
    """Operations of a training step for one sample, with direct convolutions and free normalisation and pooling.

    Two for each multiply-add; three products for each layer (y, dW, dx) except the first, whose dx is not needed.
    """
    multiply_adds = [row.multiply_adds for row in summarise(network) if row.multiply_adds]
    return 2 * (3 * sum(multiply_adds) - multiply_adds[0])


def assert_agree(what: str, actual: np.ndarray, expected: np.ndarray, tolerance: float = 5e-3) -> None:
    """Stop unless |actual - expected| <= tolerance |expected| (2-norms), without which timings cannot be compared.

    Rounding decides near ties in ReLU and max pooling, and each decision shifts a whole gradient, hence the tolerance;
    two different formulas would be much further apart.
    """
    difference = float(np.linalg.norm(actual - expected) / np.linalg.norm(expected))
    if not difference <= tolerance:
        raise SystemExit(f"{what} disagree by {difference:.1e} of their size: the timings would be meaningless")


def print_table(title: str, header: list[str], rows: list[list[str]]) -> None:
    """A Markdown table, columns aligned."""
    table = [header, ["-" * len(name) for name in header], *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(header))]
    print(f"\n{title}\n")
    for row in table:
        fill = "-" if row is table[1] else " "
        print("| " + " | ".join(cell.ljust(width, fill) for cell, width in zip(row, widths, strict=True)) + " |")


def machine(count: int) -> str:
    """The machine and software versions used for the measurements."""
    import cv2
    import scipy

    versions = f"Python {platform.python_version()}, NumPy {np.__version__}, SciPy {scipy.__version__}"
    return f"{_processor()}, {os.cpu_count()} cores, {count} threads; {versions}, OpenCV {cv2.__version__}"


def _processor() -> str:
    try:
        with open("/proc/cpuinfo") as lines:
            return next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
