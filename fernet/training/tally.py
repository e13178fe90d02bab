"""Sums over an epoch, accumulated without waiting for the device."""

from types import ModuleType

from fernet.backend import HostCopy
from fernet.training.objectives import Outcome


class Tally:
    """Loss and correct predictions of an epoch so far, summed where the network computes."""

    def __init__(self, library: ModuleType) -> None:
        self.sums = library.zeros(3)  # float64: loss x samples, correct predictions, samples
        self.known = HostCopy(self.sums)

    def restart(self) -> None:
        """Begin a new epoch; `total` has read the last one."""
        self.sums[...] = 0
        self.known.wait()

    def add(self, outcome: Outcome, samples: int) -> None:
        loss, right, seen = self.sums[:1], self.sums[1:2], self.sums[2:]  # views: `self.sums[0] += ..` would also copy
        loss += outcome.loss.astype(self.sums.dtype) * samples
        right += outcome.correct
        seen += samples

    def latest(self) -> tuple[float, float]:
        """Mean loss and accuracy over the batches whose sums have reached the host; (0, 0) before the first."""
        return _means(*self.known.latest().tolist())

    def total(self) -> tuple[float, float]:
        """Mean loss and accuracy over all batches, waiting for the last one."""
        return _means(*self.known.wait().tolist())


def _means(loss: float, right: float, samples: float) -> tuple[float, float]:
    return (loss / samples, right / samples) if samples else (0.0, 0.0)
