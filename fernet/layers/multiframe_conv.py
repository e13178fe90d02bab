"""The first layer of DTAN (Eq. 1): convolution over the frames of a clip without weight sharing along time."""

import numpy as np

from fernet.layers.conv import Conv


class MultiframeConv(Conv):
    """Every frame t has filters of its own, and their responses are added up:

        f[x, y, i] = sum over t, r, s of  I^(t)[x+r, y+s] w^(t)[r, s, i]  +  b[i]        (Eq. 1 before its ReLU)

    Derivation. Let the T frames be the channels of one image, I (N, H, W, T), and W[r, s, t, i] = w^(t)[r, s, i]. Then
    Eq. 1 is the equation of `Conv` with t for c, so forward and backward pass are those of `Conv`, line by line:

        dw^(t)[r, s, i] = sum over x, y of  I^(t)[x+r, y+s] df[x, y, i]
        dI^(t)[x, y]    = sum over r, s, i of  df[x-r, y-s, i] w^(t)[r, s, i]
        db[i]           = sum over x, y of  df[x, y, i]

    Because its filters differ from frame to frame, a map can weigh a late frame against an early one and respond to
    motion; a 3-D convolution would slide one filter along t instead. With T = 1 this is the first layer of the
    single-frame network of Fig. 3. Shapes: I (N, H, W, T), W (R, R, T, maps), b (maps,), f (N, H-R+1, W-R+1, maps).
    """

    def __init__(
        self, size: int, frames: int, maps: int, padding: str, rng: np.random.Generator, dtype: type = np.float32
    ) -> None:
        super().__init__(size, frames, maps, padding, rng, dtype)

    def frame_filters(self, t: int) -> np.ndarray:
        """w^(t), the filters (R, R, maps) applied to frame t (0 is the first)."""
        return self.params["W"][:, :, t]
