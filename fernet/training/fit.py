"""The training loop, the same for DTAN, DTGN and the integrated top layers."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fernet.backend import array_library
from fernet.errors import UserError
from fernet.sgd import SGD
from fernet.training.graph_step import GraphStep
from fernet.training.layer_statistics import LayerWatch
from fernet.training.sample_order import Order, shuffled
from fernet.training.settings import Schedule
from fernet.training.step import Objective, Step
from fernet.training.tally import Tally


@dataclass(frozen=True)
class Epoch:
    """The result of one pass over the training samples; loss and accuracy are those of training, with dropout."""

    number: int  # 1 is the first
    loss: float
    accuracy: float
    learning_rate: float
    seconds: float


BatchDone = Callable[[int, float, float], None]  # number of samples in the batch; latest loss and accuracy of the epoch
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
    note: Callable[[str], None] = lambda text: None,
    watch: LayerWatch | None = None,
    order_of: Order = shuffled,
) -> None:
    """Train from epoch `first_epoch` (0 is the first) to the end of the schedule.

    `labels` (samples,) on the host; `order_of` chooses the samples of an epoch and their order. All random numbers
    depend on (seed, epoch) and (seed, epoch, batch) alone, so a run resumed from a saved epoch ends with the same bits
    as an uninterrupted one. On a GPU this loop only submits work: it waits for the device at the end of an epoch, never
    for a batch.
    """
    library = array_library(next(iter(objective.params.values())))
    on_host, labels, tally = labels, library.asarray(labels), Tally(library)
    step = Step(objective, optimiser, tally) if library is np else GraphStep(objective, optimiser, tally, library, note)
    if watch is not None and first_epoch == 0:
        watch.before_training()
    for epoch in range(first_epoch, schedule.epochs):
        started = time.monotonic()
        order = order_of(on_host, np.random.default_rng([*seed, epoch]))
        learning_rate = schedule.learning_rate_at(epoch)
        tally.restart()
        for number, first in enumerate(range(0, len(order), schedule.batch_size)):
            batch = order[first : first + schedule.batch_size]
            step(objective.inputs(batch), labels[library.asarray(batch)], [*seed, epoch, number], learning_rate)
            if watch is not None and epoch == number == 0:
                watch.first_step(step)
            loss, accuracy = tally.latest()
            _refuse_divergence(loss, epoch, learning_rate)
            batch_done(len(batch), loss, accuracy)
        loss, accuracy = tally.total()
        _refuse_divergence(loss, epoch, learning_rate)
        result = Epoch(epoch + 1, loss, accuracy, learning_rate, time.monotonic() - started)
        if watch is not None:
            watch.epoch_ended(epoch + 1, step)
        epoch_done(result, optimiser)


def _refuse_divergence(loss: float, epoch: int, learning_rate: float) -> None:
    if not np.isfinite(loss):
        raise UserError(
            f"the loss became {loss} in epoch {epoch + 1} at learning rate {learning_rate:g}: "
            "training diverged; choose a smaller --learning-rate"
        )
