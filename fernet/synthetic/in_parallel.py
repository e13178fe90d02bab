"""Something done for every clip of a set, on all cores, with a count of what is done."""

import threading
from collections.abc import Callable
from typing import TypeVar

from fernet.synthetic.sets import ClipSpec
from fernet.threads import deterministic, in_order

Result = TypeVar("Result")


def for_each_clip(
    function: Callable[[ClipSpec], Result], specs: list[ClipSpec], progress: Callable[[int, int], None] | None
) -> list[Result]:
    """[function(spec) for spec in specs]; `progress(done, total)` after each, by one thread at a time."""
    lock, done = threading.Lock(), 0

    def counted(spec: ClipSpec) -> Result:
        nonlocal done
        result = function(spec)
        with lock:
            done += 1
            if progress:
                progress(done, len(specs))
        return result

    with deterministic():
        return in_order(counted, specs)
