"""A function applied to every clip of a set, on all cores, with progress."""

import threading
from collections.abc import Callable
from typing import TypeVar

from fernet.progress import Progress
from fernet.synthetic.sets import ClipSpec
from fernet.threads import parallel_map, worker_threads

Result = TypeVar("Result")


def for_each_clip(
    function: Callable[[ClipSpec], Result], specs: list[ClipSpec], title: str, progress: Progress
) -> list[Result]:
    """[function(spec) for spec in specs], as the task `title` of `progress`."""
    lock = threading.Lock()

    def counted(spec: ClipSpec) -> Result:
        result = function(spec)
        with lock:
            bar.advance(1)
        return result

    with progress.task(title, len(specs)) as bar, worker_threads():
        return parallel_map(counted, specs)
