"""Work divided among the processor's cores so that the result does not depend on their number.

The caller of `parallel_map` cuts the work into pieces of a fixed size, and the threads share out the pieces. BLAS and
OpenCV, whose own threads would change the order of additions, are restricted to one thread by `worker_threads`.
"""

import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Thread
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_helpers: list[Thread] = []  # they work alongside the thread that calls `parallel_map`
_offers: SimpleQueue = SimpleQueue()  # work for the helpers; None ends one of them


@contextmanager
def without_interrupts() -> Iterator[None]:
    """Processes started in the block never see Ctrl-C, not even before they could ignore it; this one, after the block.

    Without it, each process that is still starting prints a traceback of its own.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])  # which the processes inherit
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def available_cores() -> int:
    """Number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def worker_threads(threads: int | None = None) -> Iterator[None]:
    """Run the block with `threads` threads (default: one for each core) and single-threaded libraries."""
    global _helpers, _offers
    from threadpoolctl import threadpool_limits

    outer = _helpers, _offers
    offers: SimpleQueue = SimpleQueue()
    helpers = [Thread(target=_help, args=(offers,), daemon=True) for _ in range((threads or available_cores()) - 1)]
    for helper in helpers:
        helper.start()
    _helpers, _offers = helpers, offers
    try:
        with threadpool_limits(1), _single_threaded_opencv():
            yield
    finally:
        _helpers, _offers = outer
        for _ in helpers:
            offers.put(None)
        for helper in helpers:
            helper.join()


def parallel_map(function: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """[function(item) for item in items], computed by the threads of the enclosing `worker_threads` block.

    The calling thread works too and waits only for pieces that a helper has begun, never for a helper to wake up. So a
    short call costs little more than a plain loop, and a piece may itself call `parallel_map`.
    """
    items = list(items)
    if not _helpers or len(items) == 1:
        return [function(item) for item in items]
    work = _Work(function, items)
    for _ in range(min(len(_helpers), len(items) - 1)):
        _offers.put(work)
    work.take_part()
    return work.results()


class _Work(Generic[Item, Result]):
    """The pieces of one `parallel_map`; each thread takes the next one that is free."""

    def __init__(self, function: Callable[[Item], Result], items: list[Item]) -> None:
        self.function = function
        self.waiting = deque(enumerate(items))  # its popleft is atomic
        self.done: list[Result | None] = [None] * len(items)
        self.errors: dict[int, BaseException] = {}
        self.finished: SimpleQueue = SimpleQueue()  # one entry for each piece

    def take_part(self) -> None:
        """Compute pieces until all are taken."""
        while True:
            try:
                number, item = self.waiting.popleft()
            except IndexError:
                return
            try:
                if not self.errors:
                    self.done[number] = self.function(item)
            except BaseException as error:  # raised again by `results`
                self.errors[number] = error
            self.finished.put(None)

    def results(self) -> list[Result]:
        """Wait for all pieces and return their results, or raise the error of the first piece that failed."""
        for _ in self.done:
            self.finished.get()
        if self.errors:
            raise self.errors[min(self.errors)]
        return self.done


def _help(offers: SimpleQueue) -> None:
    while (work := offers.get()) is not None:
        work.take_part()


@contextmanager
def _single_threaded_opencv() -> Iterator[None]:
    import cv2

    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)
