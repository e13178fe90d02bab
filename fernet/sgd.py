"""Stochastic gradient descent with momentum and weight decay."""

from fernet.backend import Array, array_library


class SGD:
    """One step moves every parameter w by its velocity v:

        v <- momentum v - learning_rate (g + decay w)
        w <- w + v

    Derivation. With decay, the objective is L + decay/2 (sum of w^2), whose gradient is g + decay w, g being dL/dw.
    Unrolled, the velocity after step T is -learning_rate (sum over t <= T of momentum^(T-t) (g_t + decay w_t)), so
    changes from batch to batch average out, and a gradient that persists is multiplied by up to 1 / (1 - momentum).

    Only the parameters named in `decayed` decay: the weights, not the biases, which are few and hardly overfit. Shapes:
    w, g and v alike, any shape. Arrays in `params` and `velocity` are updated in place. Source: the update of
    cuda-convnet (Krizhevsky 2012).
    """

    def __init__(self, params: dict[str, Array], decayed: set[str], momentum: float, weight_decay: float) -> None:
        self.params, self.decayed = params, decayed
        self.momentum, self.weight_decay = float(momentum), float(weight_decay)
        self.velocity = {name: array_library(w).zeros_like(w) for name, w in params.items()}

    def step(self, grads: dict[str, Array], learning_rate: float) -> None:
        """Move every parameter once; `grads` holds the gradient of each under its name."""
        for name, w in self.params.items():
            g, v = grads[name], self.velocity[name]
            decay = self.weight_decay if name in self.decayed else 0.0
            v[...] = self.momentum * v - learning_rate * (g + decay * w)
            w += v
