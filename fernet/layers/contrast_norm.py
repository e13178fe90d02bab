"""Local contrast normalisation (cuda-convnet), with its exact gradient."""

from typing import Any

import numpy as np

from fernet.backend import Array
from fernet.fast.cpu.contrast_norm import contrast_normalise, contrast_normalise_dx
from fernet.layers.layer import Grads, Layer


class ContrastNorm(Layer):
    """A value is divided by the local contrast of its map:

        m_p = mean of x over the valid pixels of the n x n window of p (n_p of them)
        d_p = x_p - m_p
        D_p = k + alpha * (sum of d^2 over the window of p),    alpha = scale / n^2
        y_p = x_p D_p^-pow

    The gradient, with  q in win(p)  for "the window of p holds q":

        h_q  = -2 pow alpha d_q * (sum over p with q in win(p) of dy_p y_p / D_p)         gradient reaching d_q
        dx_q = dy_q D_q^-pow  +  h_q  -  (sum over p with q in win(p) of h_p / n_p)       d depends on x twice

    cuda-convnet's own backward leaves out the last sum, the way through the mean; that is not the gradient of this
    forward. x (N, H, W, C), y alike. Defaults k = 1, scale = 5e-5, pow = 0.75 as in cuda-convnet's examples for
    response normalisation; `scale` is the constant as configured, divided by n^2 here.
    """

    def __init__(self, size: int, scale: float = 5e-5, power: float = 0.75, k: float = 1.0) -> None:
        super().__init__()
        self.size, self.scale, self.power, self.k = size, scale, power, k
        self.alpha = scale / size**2

    def forward(self, x: Array, train: bool = False, rng: np.random.Generator | None = None) -> tuple[Array, Any]:
        y, kept = contrast_normalise(x, self.size, self.alpha, self.k, self.power)
        return y, (x, kept) if train else None

    def backward(self, dy: Array, cache: Any) -> tuple[Array, Grads]:
        x, kept = cache
        return contrast_normalise_dx(dy, x, kept, self.size, self.alpha, self.power), {}
