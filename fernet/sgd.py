"""Stochastic gradient descent with momentum and weight decay."""

from fernet.backend import Array, array_library


class SGD:
    """One step moves every parameter w by its velocity v:

        v <- momentum v - learning_rate (g + decay w)
        w <- w + v

    Derivation. With decay, the objective is L + decay/2 (sum of w^2), whose gradient with respect to w is g + decay w,
    g being dL/dw. The velocity is a sum of all earlier gradients, each older one smaller by another factor `momentum`:
    it averages out what changes from batch to batch and adds up what persists, by up to 1 / (1 - momentum).

    Only the parameters named in `decayed` are decayed: weights, not biases, which set thresholds and cannot overfit
    much. Arrays in `params` and `velocity` are updated in place. Source: the update of cuda-convnet (Krizhevsky 2012).
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
