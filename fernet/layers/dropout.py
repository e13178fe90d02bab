"""Inverted dropout."""

import numpy as np

from fernet.backend import Array, array_library
from fernet.errors import UserError
from fernet.layers.layer import Grads, Layer


class Dropout(Layer):
    """In training, each value is kept with probability 1 - rate and otherwise set to zero; outside training, y = x:

        y = x m,    m = 1 / (1 - rate) with probability 1 - rate, else 0,    drawn anew for each value

    Derivation. Once m is drawn it is a constant, and the derivative of y with respect to x is m:

        dx = dy m        (the m of the forward pass)

    Dividing by 1 - rate gives m the mean 1, so activations keep their expected value and nothing has to be rescaled
    after training. Shapes: x of any shape, y alike. Source: Hinton et al. 2012, in its inverted form.
    """

    def __init__(self, rate: float = 0.5) -> None:
        super().__init__()
        if not 0 <= rate < 1:
            raise UserError(f"the dropout rate is {rate}: expected a number from 0 up to but not including 1")
        self.rate = float(rate)

    def forward(self, x: Array, train: bool = False, rng: np.random.Generator | None = None) -> tuple[Array, Array]:
        if not train:
            return x, None
        if rng is None:
            raise UserError("dropout in training needs a random generator: pass rng=numpy.random.default_rng(seed)")
        kept = array_library(x).asarray(rng.random(x.shape, dtype=np.float32)) >= self.rate
        m = kept * x.dtype.type(1 / (1 - self.rate))
        return x * m, m

    def backward(self, dy: Array, cache: Array) -> tuple[Array, Grads]:
        m = cache
        return dy * m, {}
