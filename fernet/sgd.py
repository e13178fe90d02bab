"""Stochastic gradient descent with momentum and weight decay."""

from collections.abc import Iterator

import numpy as np

from fernet import threads
from fernet.backend import Array, array_library
from fernet.fast.cuda import sgd as sgd_step_cuda
from fernet.fast.twins import cuda_twin_applies

_CHUNK = 2**17  # values of a piece of work: weight, gradient and velocity of one chunk fit the cache


class SGD:
    """v <- momentum v - learning_rate (g + decay w),    w <- w + v

    Updates the arrays in `params` in place. Only the parameters named in `decayed` are decayed: weights, not biases.
    """

    def __init__(self, params: dict[str, Array], decayed: set[str], momentum: float, weight_decay: float) -> None:
        self.params, self.decayed = params, decayed
        self.momentum, self.weight_decay = float(momentum), float(weight_decay)
        self.velocity = {name: array_library(w).zeros_like(w) for name, w in params.items()}

    def step(self, grads: dict[str, Array], learning_rate: float) -> None:
        """Move every parameter once."""
        learning_rate = float(learning_rate)
        moves = [
            (w, grads[name], self.velocity[name], self.weight_decay if name in self.decayed else 0.0)
            for name, w in self.params.items()
        ]
        if cuda_twin_applies(*self.params.values()):
            sgd_step_cuda.sgd_step(moves, self.momentum, learning_rate)
            return
        for *arrays, decay in moves:
            pieces = list(_chunks(*arrays))
            threads.in_order(lambda piece, decay=decay: self._move(*piece, learning_rate, decay), pieces)

    def _move(self, w: Array, g: Array, v: Array, learning_rate: float, decay: float) -> None:
        v *= self.momentum
        v -= learning_rate * g
        if decay:
            v -= (learning_rate * decay) * w
        w += v


def _chunks(*arrays: Array) -> Iterator[tuple[Array, ...]]:
    """Views of the same part of each array; whole arrays on a GPU."""
    flat = [array.reshape(-1) for array in arrays]
    size = _CHUNK if isinstance(flat[0], np.ndarray) else max(1, len(flat[0]))
    for first in range(0, len(flat[0]), size):
        yield tuple(array[first : first + size] for array in flat)
