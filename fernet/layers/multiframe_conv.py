"""The first layer of DTAN (Eq. 1): convolution over the frames of a clip without weight sharing along time."""

from itertools import product

import numpy as np

from fernet.backend import Array, array_library
from fernet.layers.conv import Conv
from fernet.layers.layer import Grads, check_input


class MultiframeConv(Conv):
    """Every frame t has filters of its own, and their responses are added up:

        y[i, j, k] = sum over t, r, s of  x[i+r, j+s, t] W[r, s, t, k]  +  b[k]

    This is Eq. 1 before its ReLU; in the paper's letters y is f, frame t of x is I^(t), and W[:, :, t] is w^(t).

    Derivation. W[r, s, t, k] is multiplied by x[i+r, j+s, t] at every output pixel (i, j) of map k, so its gradient
    sums over these pixels and the images. A pixel of frame t meets only the filters of its frame: through W[r, s, t, k]
    it enters the output r rows above it and s columns to its left.

        dW[r, s, t, k] = sum over images, i, j of  x[i+r, j+s, t] dy[i, j, k]
        db[k]          = sum over images, i, j of  dy[i, j, k]
        dx[i, j, t]    = sum over r, s, k of  dy[i-r, j-s, k] W[r, s, t, k]        (dy is 0 outside its maps)

    Because its filters differ from frame to frame, a map can weigh a late frame against an early one and so respond to
    motion; a 3-D convolution would slide one filter along t instead. With T = 1 this is the first layer of the
    single-frame network of Fig. 3. Shapes: x (N, H, W, T), W (R, R, T, K), b (K,), y (N, H-R+1, W-R+1, K).
    Source: Eq. 1 of the paper. Padding "same" is that of `Conv`.
    """

    def forward(self, x: Array, train: bool = False, rng: np.random.Generator | None = None) -> tuple[Array, Array]:
        W, b = self.params["W"], self.params["b"]
        R, _, T, K = W.shape
        check_input(x, W, "N, H, W", T)
        x = self.framed(x)
        P, Q = x.shape[1] - R + 1, x.shape[2] - R + 1
        y = array_library(x).zeros((len(x), P, Q, K), x.dtype) + b
        for t, r, s in product(range(T), range(R), range(R)):
            y += x[:, r : r + P, s : s + Q, t, None] * W[r, s, t]
        return y, x if train else None

    def backward(self, dy: Array, cache: Array) -> tuple[Array, Grads]:
        x, W = cache, self.params["W"]
        R, _, T, _ = W.shape
        _, P, Q, _ = dy.shape
        dx = array_library(x).zeros_like(x)
        for t, r, s in product(range(T), range(R), range(R)):
            dx[:, r : r + P, s : s + Q, t] += dy @ W[r, s, t]
        return self.unframed(dx), self.weight_gradients(dy, cache)

    def weight_gradients(self, dy: Array, cache: Array) -> Grads:
        x, W = cache, self.params["W"]
        R, _, T, K = W.shape
        _, P, Q, _ = dy.shape
        dW = array_library(x).empty_like(W)
        for t, r, s in product(range(T), range(R), range(R)):
            dW[r, s, t] = x[:, r : r + P, s : s + Q, t].reshape(-1) @ dy.reshape(-1, K)
        return {"W": dW, "b": dy.sum(axis=(0, 1, 2))}
