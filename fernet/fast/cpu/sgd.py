"""A step of SGD in chunks that fit into the cache, divided among the cores."""

from collections.abc import Iterator

import numpy as np

from fernet import threads
from fernet.sgd import SGD

_CHUNK = 2**17  # values of a piece of work: weight, gradient and velocity of one chunk fit the cache


class ThreadedSGD(SGD):
    """As `SGD`, in place and without temporary arrays of the size of a parameter."""

    def step(self, grads: dict[str, np.ndarray], learning_rate: float) -> None:
        learning_rate = float(learning_rate)
        for name, w in self.params.items():
            decay = self.weight_decay if name in self.decayed else 0.0
            pieces = list(_chunks(w, grads[name], self.velocity[name]))
            threads.parallel_map(lambda piece, decay=decay: self._move(*piece, learning_rate, decay), pieces)

    def _move(self, w: np.ndarray, g: np.ndarray, v: np.ndarray, learning_rate: float, decay: float) -> None:
        v *= self.momentum
        v -= learning_rate * g
        if decay:
            v -= (learning_rate * decay) * w
        w += v


def _chunks(*arrays: np.ndarray) -> Iterator[tuple[np.ndarray, ...]]:
    """Views of the same part of each array."""
    flat = [array.reshape(-1) for array in arrays]
    for first in range(0, len(flat[0]), _CHUNK):
        yield tuple(array[first : first + _CHUNK] for array in flat)
