"""Random numbers of one training step: a function of the step's seed alone, the same on host and device."""

from typing import Protocol

import numpy as np

from fernet.backend import Array


class Generator(Protocol):
    """What layers need: `numpy.random.Generator` has it on the host, `fast.cuda.generator.DeviceGenerator` on a GPU."""

    def random(self, shape: tuple[int, ...], dtype: type) -> Array: ...


def step_generator(seed: list[int]) -> np.random.Generator:
    """The generator on the host."""
    return np.random.Generator(np.random.Philox(seed))


def step_key(seed: list[int]) -> np.ndarray:
    """The key (2,) uint64 with which a `DeviceGenerator` draws what `step_generator(seed)` draws."""
    return np.random.SeedSequence(seed).generate_state(2, np.uint64)
