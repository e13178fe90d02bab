"""Exercise: the fully connected layer (lesson 3, docs/lessons).

    y[n, o] = sum over i of x[n, i] W[i, o]  +  b[o],        in matrices  y = x W + b

x[n, i] enters every output o of its own sample, multiplied by W[i, o]. W[i, o] enters
output o of every sample, multiplied by x[n, i], and b[o] likewise, multiplied by 1:

    dx[n, i] = sum over o of dy[n, o] W[i, o]
    dW[i, o] = sum over n of x[n, i] dy[n, o]
    db[o]    = sum over n of dy[n, o]

Shapes: x (N, I), W (I, O), b (O,), y (N, O).
"""

import numpy as np


def forward(x, W, b):
    """y, and the cache for backward."""
    y = x @ W + b
    return y, (x, W)


def backward(dy, cache):
    """Return dx, dW, db."""
    x, W = cache
    raise NotImplementedError("write this")
