"""Stochastic gradient descent with momentum and weight decay."""

from fernet.backend import Array, array_library
from fernet.primitives.momentum_step import momentum_step


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
        momentum_step(moves, self.momentum, learning_rate)
