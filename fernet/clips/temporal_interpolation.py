"""Interpolation of clips of any length to T frames: the temporal normalisation of the paper, section 3.

Zhou, Zhao and Pietikäinen (A compact representation of visual speech data using latent variables / Towards a practical
lipreading system, CVPR 2011) embed the N frames of a clip in a path graph, whose eigenvectors are sampled cosines, fit
these curves to the frames and evaluate them at new times. Written out, the singular value decomposition and the least
squares cancel. What remains is interpolation by cosines over time, a fixed matrix for each N and T:

    output = A @ frames
    A[j, i] = 1/N + 2/N * sum_{k=1}^{N-1} cos(pi k (2i-1) / 2N) cos(pi k (t_j - 1/2N)),   i = 1..N
    t_j     = p_j (1 - 1/N) + 1/N,   p_j evenly spaced from 0 to 1,                         j = 1..T

Every row sums to 1, the first and the last frame are preserved, and T = N leaves the clip unchanged.
"""

import numpy as np
from scipy.fft import dct

from fernet.errors import UserError


def interpolation_matrix(frames: int, count: int) -> np.ndarray:
    """The matrix A (count, frames) float64. count = 1 selects the last frame, p = 1: most clips end at their peak."""
    if frames < 1 or count < 1:
        raise UserError(f"cannot interpolate {frames} frames to {count}: both numbers must be at least 1")
    if count == frames:
        return np.eye(frames)
    N, k = frames, np.arange(frames)
    p = np.linspace(0, 1, count) if count > 1 else np.ones(1)
    t = p[:, None] * (1 - 1 / N) + 1 / N
    curves = np.cos(np.pi * k * (t - 1 / (2 * N)))  # (T, N): the k-th curve at time t_j; k = 0 is the constant
    # The sum over k is a discrete cosine transform of type III, which doubles every term except k = 0.
    return dct(curves, type=3, axis=1) / N


class Interpolation:
    """Computes A @ frames for N frames that arrive one by one, or several at a time, and are not kept."""

    def __init__(self, frames: int, count: int, shape: tuple[int, ...], dtype: type = np.float64) -> None:
        """Interpolate `frames` arrays of `shape` to `count`, with sums in `dtype`, a float type."""
        self.total = np.zeros((count, *shape), dtype)  # (T, ...), the result once all frames are added
        self._A = interpolation_matrix(frames, count).astype(dtype, copy=False)  # (T, N)
        self._next = 0

    def add(self, frames: np.ndarray) -> None:
        """Add the next K frames, (K, ...)."""
        columns = self._A[:, self._next : self._next + len(frames)]
        self._next += len(frames)
        if len(frames) == 1:  # the same product, without a temporary array as large as the result
            for row, weight in zip(self.total, columns[:, 0], strict=True):
                if weight:
                    row += weight * frames[0]
            return
        self.total += (columns @ frames.reshape(len(frames), -1).astype(columns.dtype)).reshape(self.total.shape)


def as_bytes(values: np.ndarray) -> np.ndarray:
    """Grey values as uint8, rounded and clipped to 0..255, since cosines overshoot."""
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
