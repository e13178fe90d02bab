"""Exercise: inverted dropout (lesson 5, docs/lessons).

    y = x m,    m = 1 / (1 - rate) with probability 1 - rate, else 0,    drawn anew for each value

Once m is drawn it is a constant, and the derivative of y with respect to x is m:

    dx = dy m        (the m of the forward pass)

Shapes: x of any shape, y alike. The cache holds which values were kept (True or False),
not m itself.
"""

import numpy as np


def forward(x, rate, seed):
    """y, and the cache for backward."""
    kept = np.random.default_rng(seed).random(x.shape, dtype=np.float32) >= rate
    y = x * kept / (1 - rate)
    return y, (kept, rate)


def backward(dy, cache):
    """Return dx."""
    kept, rate = cache
    raise NotImplementedError("write this")
