"""One step of training."""

from typing import Protocol

import numpy as np

from fernet.backend import Array
from fernet.sgd import SGD
from fernet.training.objectives import Outcome
from fernet.training.random_numbers import Generator, step_generator
from fernet.training.tally import Tally


class Objective(Protocol):
    """Something with parameters and a loss."""

    params: dict[str, Array]
    decayed: set[str]

    def inputs(self, samples: np.ndarray) -> tuple[Array, ...]: ...

    def outcome(self, inputs: tuple[Array, ...], labels: Array, rng: Generator) -> Outcome: ...


class Step:
    """Forward pass, backward pass, one update of the parameters; the loss is added to the tally."""

    def __init__(self, objective: Objective, optimiser: SGD, tally: Tally) -> None:
        self.objective, self.optimiser, self.tally = objective, optimiser, tally
        self.gradients: dict[str, Array] = {}  # of the latest step; valid until the network computes again

    def __call__(self, inputs: tuple[Array, ...], labels: Array, seed: list[int], learning_rate: float) -> None:
        """Train on one batch; its dropout masks depend on `seed` alone."""
        self.take(inputs, labels, step_generator(seed), learning_rate)

    def take(self, inputs: tuple[Array, ...], labels: Array, rng: Generator, learning_rate: float) -> None:
        self.gradients = {}  # their memory can be used again
        outcome = self.objective.outcome(inputs, labels, rng)
        self.optimiser.step(outcome.grads, learning_rate)
        self.tally.add(outcome, len(labels))
        self.gradients = outcome.grads
