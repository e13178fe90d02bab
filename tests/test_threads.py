"""Work divided among threads."""

import signal
import subprocess
import sys

import pytest

from fernet import threads


def test_the_first_piece_that_fails_is_heard_and_the_pool_goes_on():
    def fails_from_3(i):
        if i >= 3:
            raise ValueError(str(i))
        return i

    with threads.worker_threads(3):
        for _ in range(50):
            with pytest.raises(ValueError, match=r"^3$"):
                threads.parallel_map(fails_from_3, range(9))
        assert threads.parallel_map(abs, [-1, -2, -3]) == [1, 2, 3]


def test_pieces_of_work_come_back_in_order_for_any_number_of_threads():
    for count in (1, 2, 5):
        with threads.worker_threads(count):
            assert threads.parallel_map(lambda i: i * i, range(20)) == [i * i for i in range(20)]
            nested = threads.parallel_map(lambda i: sum(threads.parallel_map(lambda j: i + j, range(3))), range(8))
            assert nested == [3 * i + 3 for i in range(8)]


def test_an_error_in_a_thread_is_raised_and_the_settings_are_put_back():
    import cv2

    before = cv2.getNumThreads()
    with pytest.raises(ZeroDivisionError), threads.worker_threads(2):
        threads.parallel_map(lambda i: 1 / i, [1, 0])
    assert cv2.getNumThreads() == before


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="signals cannot be blocked here")
def test_processes_that_start_without_interrupts_never_see_one():
    script = "import signal; print(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, []))"
    start = [sys.executable, "-c", script]
    with threads.without_interrupts():
        assert subprocess.run(start, capture_output=True, text=True, check=True).stdout == "True\n"
    assert subprocess.run(start, capture_output=True, text=True, check=True).stdout == "False\n"


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="signals cannot be blocked here")
def test_workers_are_started_without_interrupts(monkeypatch):
    """Or each of them answers Ctrl-C with a traceback while it is still importing."""
    from concurrent.futures import Future

    from fernet.clips import workers
    from fernet.experiments.executors import run_everywhere

    masks = []

    class Pool:
        def __enter__(self):
            return self

        def __exit__(self, *error):
            pass

        def submit(self, function, *arguments):
            masks.append(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, []))
            done = Future()
            done.set_result("done")
            return done

    monkeypatch.setattr(workers, "_pool", lambda jobs: Pool())
    assert sorted(workers.clips_in_processes([(0, None), (1, None)], None, 2)) == [(0, "done"), (1, "done")]
    run_everywhere(Pool(), None, ["task"], 1, lambda task: None)
    assert masks == [True] * 3
