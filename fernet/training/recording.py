"""Work on a GPU that is recorded once, as a CUDA graph, and replayed with one launch."""

from collections.abc import Callable
from contextlib import suppress
from types import ModuleType
from typing import Any

from fernet.backend import Array
from fernet.errors import first_line


class CannotRecord(RuntimeError):
    """The device, its driver or an operation does not support recording."""


class Recording:
    """`work` on arrays of fixed shapes, on the current stream, which must not be the default one.

    Its memory comes from a separate pool: a recording writes to the same addresses every time it is replayed, so that
    memory must not be used for anything else.
    """

    def __init__(self, work: Callable[..., None], library: ModuleType, arrays: tuple[Array, ...]) -> None:
        self.work, self.library = work, library
        self.arrays = [library.empty_like(x) for x in arrays]
        self.memory = library.cuda.MemoryPool()
        self.warm, self.graph = False, None

    def play(self, arrays: tuple[Array, ...]) -> None:
        """Do the work on `arrays`. The first call compiles kernels and allocates memory, the second one records."""
        for own, x in zip(self.arrays, arrays, strict=True):
            own[...] = x
        if self.graph is None:
            with self.library.cuda.using_allocator(self.memory.malloc):
                if not self.warm:
                    self.work(*self.arrays)
                    self.warm = True
                    return
                self.graph = self._record()
        self.graph.launch()

    def _record(self) -> Any:
        stream = self.library.cuda.get_current_stream()
        try:
            stream.begin_capture()
            try:
                self.work(*self.arrays)
            except BaseException:
                with suppress(Exception):  # it would only repeat that the recording failed
                    stream.end_capture()
                raise
            return stream.end_capture()
        except Exception as error:  # each library involved has its own
            raise CannotRecord(first_line(error)) from error
