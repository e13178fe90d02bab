"""The first layer of DTAN (Eq. 1): convolution over the frames of a clip without weight sharing along time."""

from itertools import product

import numpy as np

from fernet.backend import Array, array_library
from fernet.layers.conv import Conv
from fernet.layers.layer import Grads, check_input


class MultiframeConv(Conv):
    """Every frame t has filters of its own, and their responses are added up:

        f[x, y, i] = sum over t, r, s of  I^(t)[x+r, y+s] w^(t)[r, s, i]  +  b[i]        (Eq. 1 before its ReLU)

    Derivation. f[x, y, i] depends on w^(t)[r, s, i] with slope I^(t)[x+r, y+s], the same weight at every pixel (x, y),
    so its gradient sums over them (and over the batch). A pixel of frame t enters, through the filters of its frame
    alone, the outputs up to R-1 places above and to the left of it, with the filter value as slope:

        dw^(t)[r, s, i] = sum over x, y of  I^(t)[x+r, y+s] df[x, y, i]
        db[i]           = sum over x, y of  df[x, y, i]
        dI^(t)[x, y]    = sum over r, s, i of  df[x-r, y-s, i] w^(t)[r, s, i]        (df is 0 outside its maps)

    Because its filters differ from frame to frame, a map can weigh a late frame against an early one and respond to
    motion; a 3-D convolution would slide one filter along t instead. With T = 1 this is the first layer of the
    single-frame network of Fig. 3. Shapes: the T frames are the channels of x = I (N, H, W, T), and W[:, :, t] is
    w^(t), so W is (R, R, T, maps); b (maps,), y = f (N, H-R+1, W-R+1, maps). With t for the channel c these are the
    equations of `Conv`, which also frames x for padding "same".
    """

    def __init__(
        self, size: int, frames: int, maps: int, padding: str, rng: np.random.Generator, dtype: type = np.float32
    ) -> None:
        super().__init__(size, frames, maps, padding, rng, dtype)

    def forward(self, x: Array, train: bool = False, rng: np.random.Generator | None = None) -> tuple[Array, Array]:
        W, b = self.params["W"], self.params["b"]
        check_input(x, W, "N, H, W", W.shape[2])
        x = self.framed(x)
        R, _, T, maps = W.shape
        P, Q = x.shape[1] - R + 1, x.shape[2] - R + 1
        f = array_library(x).zeros((len(x), P, Q, maps), x.dtype) + b
        for t, r, s in product(range(T), range(R), range(R)):
            f += x[:, r : r + P, s : s + Q, t, None] * W[r, s, t]
        return f, x if train else None

    def backward(self, dy: Array, cache: Array) -> tuple[Array, Grads]:
        x, W, df = cache, self.params["W"], dy
        R, _, T, _ = W.shape
        _, P, Q, _ = df.shape
        dx = array_library(x).zeros_like(x)
        for t, r, s in product(range(T), range(R), range(R)):
            dx[:, r : r + P, s : s + Q, t] += df @ W[r, s, t]
        return self.unframed(dx), self.weight_gradients(dy, cache)

    def weight_gradients(self, dy: Array, cache: Array) -> Grads:
        x, W, df = cache, self.params["W"], dy
        R, _, T, maps = W.shape
        _, P, Q, _ = df.shape
        dW = array_library(x).empty_like(W)
        for t, r, s in product(range(T), range(R), range(R)):
            dW[r, s, t] = x[:, r : r + P, s : s + Q, t].reshape(-1) @ df.reshape(-1, maps)
        return {"W": dW, "b": df.sum(axis=(0, 1, 2))}

    def frame_filters(self, t: int) -> np.ndarray:
        """w^(t), the filters (R, R, maps) applied to frame t (0 is the first)."""
        return self.params["W"][:, :, t]
