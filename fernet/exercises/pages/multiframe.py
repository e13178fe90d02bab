"""Exercise: Eq. 1, the first layer of DTAN (lesson 7, docs/lessons).

    y[i, j, k] = sum over t, r, s of x[i+r, j+s, t] W[r, s, t, k]  +  b[k]

Every frame t has filters of its own, and their responses are added up. A pixel of frame
t meets only the filters of its frame:

    dx[i, j, t]    = sum over r, s, k of dy[i-r, j-s, k] W[r, s, t, k]        (dy is 0 outside its maps)
    dW[r, s, t, k] = sum over images, i, j of x[i+r, j+s, t] dy[i, j, k]
    db[k]          = sum over images, i, j of dy[i, j, k]

Shapes: x (N, H, W, T), W (R, R, T, K), b (K,), y (N, P, Q, K) with P = H-R+1 and Q =
W-R+1.
"""

import numpy as np


def forward(x, W, b):
    """y, and the cache for backward."""
    R, _, T, K = W.shape
    N, H, width, _ = x.shape
    P, Q = H - R + 1, width - R + 1
    y = np.zeros((N, P, Q, K), x.dtype) + b
    for t in range(T):
        for r in range(R):
            for s in range(R):
                y += x[:, r : r + P, s : s + Q, t, None] * W[r, s, t]
    return y, (x, W)


def backward(dy, cache):
    """Return dx, dW, db."""
    x, W = cache
    raise NotImplementedError("write this")
