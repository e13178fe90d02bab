"""Exercise: convolution, the gradient of the pixels (lesson 7, docs/lessons).

    y[i, j, k] = sum over r, s, c of x[i+r, j+s, c] W[r, s, c, k]  +  b[k]

x is first framed with zeros, `before` rows above and columns to the left, `after` below
and to the right. The pixel x[i, j, c] of the framed image is multiplied by W[r, s, c,
k] in the output y[i-r, j-s, k]; its gradient sums over the filter positions and the
maps:

    dx[i, j, c] = sum over r, s, k of dy[i-r, j-s, k] W[r, s, c, k]        (dy is 0 outside its maps)

The frame is constant: its gradient is cut off at the end. Shapes: x, dx (N, H, W, C), W
(R, R, C, K), b (K,), y (N, P, Q, K) with P = H + before + after - R + 1, Q likewise.
"""

import numpy as np


def forward(x, W, b, before, after):
    """y, and the cache for backward; x in the cache is the framed one."""
    R = len(W)
    x = np.pad(x, ((0, 0), (before, after), (before, after), (0, 0)))
    N, H, width, _ = x.shape
    P, Q = H - R + 1, width - R + 1
    y = np.zeros((N, P, Q, W.shape[3]), x.dtype) + b
    for r in range(R):
        for s in range(R):
            y += x[:, r : r + P, s : s + Q] @ W[r, s]
    return y, (x, W, before, after)


def backward(dy, cache):
    """Return dx, without the frame."""
    x, W, before, after = cache
    raise NotImplementedError("write this")
