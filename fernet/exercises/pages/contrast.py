"""Exercise: contrast normalisation (lesson 9, docs/lessons).

    m_p = mean of x over the n_p pixels of win(p)
    d_p = x_p - m_p
    D_p = k + alpha (sum over q in win(p) of d_q^2)
    y_p = x_p D_p^-power

x reaches the loss as the dividend, and through D along d. The gradient of d is

    h_q  = -2 power alpha d_q (sum over p with q in win(p) of dy_p y_p / D_p)

and d = x - m passes it on to x twice, directly and, with the opposite sign, through the
mean of each window:

    dx_q = dy_q D_q^-power  +  h_q  -  (sum over p with q in win(p) of h_p / n_p)

win(p) is the n x n window around p, inside the image; it holds n_p pixels. For an even
n it reaches one pixel further up and to the left than down and to the right. Shapes: x,
y, d, D (N, H, W, C), n_p (1, H, W, 1); the maps are independent.
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
    pixels = window_sum(np.ones((1, *x.shape[1:3], 1), x.dtype), n, n // 2)  # n_p
    d = x - window_sum(x, n, n // 2) / pixels
    D = k + alpha * window_sum(d * d, n, n // 2)
    y = x * D**-power
    return y, (x, d, D, pixels, n, alpha, power)


def backward(dy, cache):
    """Return dx."""
    x, d, D, pixels, n, alpha, power = cache
    raise NotImplementedError("write this")
