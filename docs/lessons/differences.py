"""The gradient as it is measured: the numerical Jacobian of a function, transposed, times dy."""

import numpy as np


def measured(f, x, dy, h=1e-6):
    """dL/dx for L = sum of dy f(x): every value of x is moved up and down by h, and the change of L is divided by 2 h.

    x is moved in place and put back, so f may also read it elsewhere: from the weights of a layer, for instance.
    """
    dx = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        value = x[index]
        x[index] = value + h
        above = np.array(f(x))  # a copy: f may return x itself
        x[index] = value - h
        below = np.array(f(x))
        x[index] = value
        dx[index] = (dy * (above - below)).sum() / (2 * h)
    return dx
