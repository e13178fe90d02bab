"""Exercise: a fork (lesson 2, docs/lessons).

x is used twice: its values in one row for each sample, as Flatten stores them, and its
square,

    flat[n, (i W + j) C + c] = x[n, i, j, c]        square[n, i, j, c] = x[n, i, j, c]^2

A gradient arrives along each way, dflat and dsquare. Along the first every value is a
copy, along the second its derivative is 2 x. Where a value is used twice, its gradients
add:

    dx[n, i, j, c] = dflat[n, (i W + j) C + c]  +  2 x[n, i, j, c] dsquare[n, i, j, c]

Shapes: x, square (N, H, W, C), flat (N, H W C). H, W and C are the rows, columns and
channels of x.
"""

import numpy as np


def forward(x):
    """(flat, square), and the cache for backward."""
    flat = x.reshape(len(x), -1)
    square = x * x
    return (flat, square), x


def backward(dflat, dsquare, cache):
    """Return dx."""
    x = cache
    raise NotImplementedError("write this")
