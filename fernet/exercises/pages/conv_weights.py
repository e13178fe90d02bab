"""Exercise: convolution, the gradient of the weights (lesson 6, docs/lessons).

    y[i, j, k] = sum over r, s, c of x[i+r, j+s, c] W[r, s, c, k]  +  b[k]

In y[i, j, k] the weight W[r, s, c, k] is multiplied by x[i+r, j+s, c], and b[k] by 1.
Both serve every pixel of map k in every image, so their gradients sum over all of them:

    dW[r, s, c, k] = sum over images, i, j of x[i+r, j+s, c] dy[i, j, k]
    db[k]          = sum over images, i, j of dy[i, j, k]

Shapes: x (N, H, W, C), W (R, R, C, K), b (K,), y (N, P, Q, K) with P = H-R+1 and Q =
W-R+1.
"""

import numpy as np


def forward(x, W, b):
    """y, and the cache for backward."""
    R = len(W)
    N, H, width, _ = x.shape
    P, Q = H - R + 1, width - R + 1
    y = np.zeros((N, P, Q, W.shape[3]), x.dtype) + b
    for r in range(R):
        for s in range(R):
            y += x[:, r : r + P, s : s + Q] @ W[r, s]
    return y, (x, W)


def backward(dy, cache):
    """Return dW, db."""
    x, W = cache
    raise NotImplementedError("write this")
