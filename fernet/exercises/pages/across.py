"""Exercise: normalisation across maps (lesson 9, docs/lessons).

    D_c = k + alpha (sum over m in win(c) of x_m^2),    win(c) = the maps c - n//2 .. c + n-1-n//2 that exist
    y_c = x_c D_c^-power

As the dividend, x_c receives dy_c D_c^-power; through the divisor of each map m whose
window contains c, it receives dy_m times -power (y_m / D_m) (2 alpha x_c):

    dx_c = dy_c D_c^-power  -  2 power alpha x_c (sum over m with c in win(m) of dy_m y_m / D_m)

Shapes: x, y, D (N, H, W, C). Every pixel is on its own; the letters count its maps.
"""

import numpy as np


def sum_across(x, n, before):
    """For each map the sum over the n maps that start `before` maps ahead of it, zero where there is none."""
    maps = x.shape[3]
    framed = np.pad(x, ((0, 0), (0, 0), (0, 0), (before, n - 1 - before)))
    total = np.zeros_like(x)
    for u in range(n):
        total += framed[..., u : u + maps]
    return total


def forward(x, n, alpha, power, k):
    """y, and the cache for backward."""
    D = k + alpha * sum_across(x * x, n, n // 2)
    y = x * D**-power
    return y, (x, D, n, alpha, power)


def backward(dy, cache):
    """Return dx."""
    x, D, n, alpha, power = cache
    raise NotImplementedError("write this")
