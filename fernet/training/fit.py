"""The training loop, the same for DTAN, DTGN and the joined top layers."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from fernet.backend import Array
from fernet.errors import UserError
from fernet.training.objectives import Outcome
from fernet.training.settings import Schedule
from fernet.training.sgd import SGD


class Objective(Protocol):
    """Something with parameters and a loss."""

    params: dict[str, Array]
    decayed: set[str]

    def outcome(self, samples: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> Outcome: ...


@dataclass(frozen=True)
class Epoch:
    """What one pass over the training samples came to; loss and accuracy are those of training, dropout on."""

    number: int  # 1 is the first
    loss: float
    accuracy: float
    learning_rate: float
    seconds: float


BatchDone = Callable[[int, float, float], None]  # samples of the batch; loss and accuracy of the epoch so far
EpochDone = Callable[[Epoch, SGD], None]


def fit(
    objective: Objective,
    labels: np.ndarray,
    schedule: Schedule,
    seed: tuple[int, ...],
    optimiser: SGD,
    first_epoch: int = 0,
    batch_done: BatchDone = lambda samples, loss, accuracy: None,
    epoch_done: EpochDone = lambda epoch, optimiser: None,
) -> None:
    """Train from epoch `first_epoch` (0 is the first) to the end of the schedule.

    `labels` (samples,) on the host. All random numbers come from (seed, epoch) and (seed, epoch, batch), so a run that
    goes on from a saved epoch ends with the bits of one that was never interrupted.
    """
    for epoch in range(first_epoch, schedule.epochs):
        started = time.monotonic()
        order = np.random.default_rng([*seed, epoch]).permutation(len(labels))
        learning_rate = schedule.learning_rate_at(epoch)
        loss, correct, seen = 0.0, 0, 0
        for number, first in enumerate(range(0, len(order), schedule.batch_size)):
            batch = order[first : first + schedule.batch_size]
            rng = np.random.default_rng([*seed, epoch, number])
            outcome = objective.outcome(batch, labels[batch], rng)
            optimiser.step(outcome.grads, learning_rate)
            loss += float(outcome.loss) * len(batch)
            correct += int(outcome.correct)
            seen += len(batch)
            if not np.isfinite(loss):
                raise UserError(
                    f"the loss became {loss} in epoch {epoch + 1} at learning rate {learning_rate:g}: "
                    "training diverged; choose a smaller --learning-rate"
                )
            batch_done(len(batch), loss / seen, correct / seen)
        epoch_done(Epoch(epoch + 1, loss / seen, correct / seen, learning_rate, time.monotonic() - started), optimiser)
