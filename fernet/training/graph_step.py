"""A training step on a GPU, recorded once as a CUDA graph and replayed for every batch.

These networks are so small that the host takes longer to launch the kernels of a step one by one than the device takes
to run them. A graph is one launch. It repeats the same work on the same memory, so everything that changes from batch
to batch is in buffers at fixed addresses: inputs, labels, the key of the random numbers, and the sums of the tally.
"""

from collections.abc import Callable
from types import ModuleType

import numpy as np

from fernet.backend import Array
from fernet.fast.cuda.generator import DeviceGenerator
from fernet.sgd import SGD
from fernet.training.random_numbers import step_key
from fernet.training.recording import CannotRecord, Recording
from fernet.training.step import Objective, Step
from fernet.training.tally import Tally


class GraphStep(Step):
    """Like `Step`, on the current stream, which must not be the default one.

    Each batch size has its own recording; an epoch has two, as its last batch is smaller. The learning rate is a
    constant of the recordings: it changes once or twice during training, and steps are then recorded again.
    """

    def __init__(
        self, objective: Objective, optimiser: SGD, tally: Tally, library: ModuleType, note: Callable[[str], None]
    ) -> None:
        """`note` is called if steps cannot be recorded here; they are then run without recording."""
        super().__init__(objective, optimiser, tally)
        self.library, self.note = library, note
        self.key = library.zeros(2, np.uint64)
        self.learning_rate: float | None = None
        self.recordings: dict[int, Recording] = {}
        self.kept: dict[int, dict[str, Array]] = {}  # where each recording writes its gradients
        self.records = True

    def __call__(self, inputs: tuple[Array, ...], labels: Array, seed: list[int], learning_rate: float) -> None:
        if learning_rate != self.learning_rate:
            self.learning_rate, self.recordings, self.kept = learning_rate, {}, {}
        self.key[...] = self.library.asarray(step_key(seed))
        if not self.records:
            self._take(*inputs, labels)
            return
        size = len(labels)
        if size not in self.recordings:
            self.recordings[size] = Recording(self._take, self.library, (*inputs, labels))
        try:
            self.recordings[size].play((*inputs, labels))
            self.gradients = self.kept.get(size, {})
        except CannotRecord as error:
            self.note(f"training steps cannot be recorded here; kernels are launched one by one, slower ({error})")
            self.records, self.recordings, self.kept = False, {}, {}
            self._take(*inputs, labels)

    def _take(self, *arrays: Array) -> None:
        """One step on (inputs.., labels), which is recorded."""
        self.take(arrays[:-1], arrays[-1], DeviceGenerator(self.key, self.library), self.learning_rate)
        self.kept[len(arrays[-1])] = self.gradients
