"""Where tasks run: processes of this machine, threads that share its GPU, or the workers of a Dask cluster."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Executor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager

from fernet.errors import UserError
from fernet.experiments.tasks import Task
from fernet.threads import without_interrupts

_PATIENCE = "10s"  # time after which a scheduler that does not answer counts as absent


@contextmanager
def processes(count: int) -> Iterator[Executor]:
    """`count` worker processes, which end when this one does, however it ends."""
    from concurrent.futures import ProcessPoolExecutor

    # Spawned, not forked: forking a process that runs threads (BLAS, OpenCV) can leave a lock held forever.
    executor = ProcessPoolExecutor(count, multiprocessing.get_context("spawn"), initializer=_prepare_worker)
    try:
        yield executor
    except BaseException:
        workers = multiprocessing.active_children()
        executor.shutdown(wait=False, cancel_futures=True)
        for worker in workers:
            worker.terminate()  # safe at any moment: files appear whole or not at all; the next start removes leftovers
        for worker in workers:
            worker.join()
        raise
    executor.shutdown()


@contextmanager
def gpu_threads(count: int) -> Iterator[Executor]:
    """`count` threads that share one GPU, each on its own stream (`backend.own_stream`).

    Threads rather than processes: the device runs kernels of one process concurrently, but processes only in turn, and
    each process would hold its own context, kernels and memory. A step is a single launch, so the threads seldom wait
    for Python's global lock.
    """
    from concurrent.futures import ThreadPoolExecutor

    from fernet.threads import worker_threads

    with worker_threads(1):  # around all tasks, lest one restore the settings while another still needs them
        executor = ThreadPoolExecutor(count)
        try:
            yield executor
        except BaseException:
            executor.shutdown(wait=False, cancel_futures=True)  # running tasks stop once the run has no owner
            raise
        executor.shutdown()


@contextmanager
def dask_cluster(address: str) -> Iterator[Executor]:
    """The workers of the Dask scheduler at `address`, such as tcp://node1:8786."""
    try:
        from distributed import Client
    except ImportError:
        raise UserError(
            "--executor dask needs the extra cluster: pip install -e '.[cluster]' in fernet's folder"
        ) from None
    try:
        client = Client(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:  # a timeout is an OSError
        raise UserError(
            f"no Dask scheduler answers at {address} ({str(error).splitlines()[0]}): start one with `dask scheduler`, "
            "or check --scheduler"
        ) from None
    try:
        if not client.scheduler_info()["workers"]:
            raise UserError(f"the Dask scheduler at {address} has no workers: start some with `dask worker {address}`")
        yield client.get_executor(pure=False)
    finally:
        client.close()


def run_everywhere(
    executor: Executor,
    function: Callable[[Task, int], str],
    tasks: Sequence[Task],
    threads: int,
    finished: Callable[[Task], None],
) -> None:
    """Call function(task, threads) for all tasks. A failure does not stop the others; it is raised at the end."""
    with without_interrupts():
        futures = {executor.submit(function, task, threads): task for task in tasks}
    failures: dict[str, Exception] = {}
    for future in as_completed(futures):
        task = futures[future]
        try:
            future.result()
        except (BrokenProcessPool, CancelledError):
            raise UserError(
                "a worker was lost (killed for lack of memory?): finished epochs are saved, and fewer --jobs need less"
            ) from None
        except Exception as error:
            failures[task.name] = error
        else:
            finished(task)
    if failures:
        name, error = next(iter(failures.items()))
        if not isinstance(error, (UserError, OSError)):
            raise error
        raise UserError(f"{len(failures)} of {len(tasks)} tasks failed, the others are saved; first {name}: {error}")


def _prepare_worker() -> None:
    """Leave Ctrl-C to the main process, and end when it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    multiprocessing.parent_process().join()
    os.kill(os.getpid(), signal.SIGKILL)
