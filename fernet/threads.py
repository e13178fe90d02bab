"""Work shared out over the processor's cores so that the result never depends on how many there are.

Whoever calls `in_order` cuts the work into pieces of a fixed size; threads only decide who computes a piece. BLAS and
OpenCV, whose own threads would change the order of additions, are held to one thread by `deterministic`.
"""

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_pool: ThreadPoolExecutor | None = None
_inside = threading.local()  # set in worker threads, which must not wait for the pool they run in


def available_cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def deterministic(threads: int | None = None) -> Iterator[None]:
    """Run the block with `threads` workers (default: one for each core) and single-threaded libraries."""
    global _pool
    from threadpoolctl import threadpool_limits

    outer, count = _pool, threads or available_cores()
    _pool = ThreadPoolExecutor(count, initializer=_mark_worker) if count > 1 else None
    try:
        with threadpool_limits(1), _single_threaded_opencv():
            yield
    finally:
        if _pool is not None:
            _pool.shutdown(cancel_futures=True)
        _pool = outer


def in_order(function: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """[function(item) for item in items], spread over the workers of the enclosing `deterministic` block."""
    items = list(items)
    # A single piece runs here, where it can share out its own work.
    if _pool is None or len(items) == 1 or getattr(_inside, "worker", False):
        return [function(item) for item in items]
    return list(_pool.map(function, items))


def _mark_worker() -> None:
    _inside.worker = True


@contextmanager
def _single_threaded_opencv() -> Iterator[None]:
    import cv2

    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)
