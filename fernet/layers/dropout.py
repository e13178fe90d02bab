"""Inverted dropout (Hinton et al. 2012)."""

import numpy as np

from fernet.backend import Array, beside
from fernet.errors import UserError
from fernet.layers.layer import Grads, Layer


class Dropout(Layer):
    """In training   y = x m,   m = 1 / (1 - rate) with probability 1 - rate, else 0;   elsewhere   y = x

        dx = dy m

    Dividing by 1 - rate in training keeps the expected activation, so that nothing has to be rescaled afterwards.
    Any shape. `rng` draws on the host or where x lies, see `fernet.fast.cuda.generator`; both draw the same numbers.
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
        kept = beside(rng.random(x.shape, dtype=np.float32), x) >= self.rate
        mask = kept * x.dtype.type(1 / (1 - self.rate))
        return x * mask, mask

    def backward(self, dy: Array, cache: Array) -> tuple[Array, Grads]:
        return dy * cache, {}
