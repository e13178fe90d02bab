"""A training step on a GPU, recorded once as a CUDA graph and played again for every batch.

These networks are so small that the host needs longer to launch a step's kernels one by one than the device to run
them. A graph is one launch. It repeats the very same work on the very same memory, so what changes from batch to batch
lies in buffers that stay where they are: inputs, labels, the key of the random numbers, and the sums of the tally.
"""

from collections.abc import Callable
from contextlib import suppress
from types import ModuleType
from typing import Any

import numpy as np

from fernet.backend import Array
from fernet.primitives.generator import DeviceGenerator, step_key
from fernet.training.sgd import SGD
from fernet.training.step import Objective, Step
from fernet.training.tally import Tally


class GraphStep(Step):
    """As `Step`, on the current stream, which must not be the default one.

    Each size of batch has a recording of its own; an epoch has two, as its last batch is smaller. The learning rate is
    a constant of the recordings: it changes once or twice in a training, which then records anew.
    """

    def __init__(
        self, objective: Objective, optimiser: SGD, tally: Tally, library: ModuleType, note: Callable[[str], None]
    ) -> None:
        """`note` is told if steps cannot be recorded here; they then run without."""
        super().__init__(objective, optimiser, tally)
        self.library, self.note = library, note
        self.key = library.zeros(2, np.uint64)
        self.learning_rate: float | None = None
        self.recordings: dict[int, _Recording] = {}
        self.records = True

    def __call__(self, inputs: tuple[Array, ...], labels: Array, seed: list[int], learning_rate: float) -> None:
        if learning_rate != self.learning_rate:
            self.learning_rate, self.recordings = learning_rate, {}
        self.key[...] = self.library.asarray(step_key(seed))
        if not self.records:
            self._take(*inputs, labels)
            return
        size = len(labels)
        if size not in self.recordings:
            self.recordings[size] = _Recording(self._take, self.library, (*inputs, labels))
        try:
            self.recordings[size].play((*inputs, labels))
        except CannotRecord as error:
            self.note(f"training steps cannot be recorded here and are launched piece by piece, slower ({error})")
            self.records, self.recordings = False, {}
            self._take(*inputs, labels)

    def _take(self, *arrays: Array) -> None:
        """One step on (inputs.., labels): what is recorded."""
        self.take(arrays[:-1], arrays[-1], DeviceGenerator(self.key, self.library), self.learning_rate)


class CannotRecord(RuntimeError):
    """The device, its driver or an operation does not take part in a recording."""


class _Recording:
    """`work` on arrays of fixed shapes.

    Its memory comes from a pool of its own: whatever the recording wrote to when it was made, it writes to whenever
    it is played, so nobody else may be given that memory.
    """

    def __init__(self, work: Callable[..., None], library: ModuleType, arrays: tuple[Array, ...]) -> None:
        self.work, self.library = work, library
        self.arrays = [library.empty_like(x) for x in arrays]
        self.memory = library.cuda.MemoryPool()
        self.warm, self.graph = False, None

    def play(self, arrays: tuple[Array, ...]) -> None:
        """Do the work on `arrays`. The first time compiles kernels and fetches memory, the second records."""
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
                with suppress(Exception):  # which only says again that the recording failed
                    stream.end_capture()
                raise
            return stream.end_capture()
        except Exception as error:  # each library that takes part has its own
            raise CannotRecord(str(error).partition("\n")[0] or type(error).__name__) from error
