"""Exercise: response normalisation (lesson 9, docs/lessons).

    D_p = k + alpha (sum over q in win(p) of x_q^2)
    y_p = x_p D_p^-power

x reaches the loss along two paths: as the dividend, with D held fixed, and through the
divisor. y_p falls by power y_p / D_p for each unit of D_p, and D_p grows by 2 alpha x_q
for each unit of every x_q in its window. Summed over the windows that contain q:

    dx_q = dy_q D_q^-power  -  2 power alpha x_q (sum over p with q in win(p) of dy_p y_p / D_p)

win(p) is the n x n window around p, inside the image. For an even n it reaches one
pixel further up and to the left than down and to the right. Shapes: x, y, D (N, H, W,
C); the maps are independent.
"""

import numpy as np


def window_sum(x, n, before):
    """The sum over the n x n window of each pixel, which starts `before` rows above and `before` columns left of it."""
    N, H, W, C = x.shape
    after = n - 1 - before
    framed = np.pad(x, ((0, 0), (before, after), (before, after), (0, 0)))
    total = np.zeros_like(x)
    for u in range(n):
        for v in range(n):
            total += framed[:, u : u + H, v : v + W]
    return total


def forward(x, n, alpha, power, k):
    """y, and the cache for backward."""
    D = k + alpha * window_sum(x * x, n, n // 2)
    y = x * D**-power
    return y, (x, D, n, alpha, power)


def backward(dy, cache):
    """Return dx."""
    x, D, n, alpha, power = cache
    raise NotImplementedError("write this")
