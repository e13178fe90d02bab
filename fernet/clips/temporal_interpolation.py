"""Clips of any length brought to T frames: the temporal normalisation of the paper, section 3.

Zhou, Zhao and Pietikäinen (A compact representation of visual speech data using latent variables / Towards a practical
lipreading system, CVPR 2011) embed the N frames of a clip in a path graph, whose eigenvectors are samples of cosines,
fit those curves to the frames and read them at new times. Written out, the singular value decomposition and the least
squares cancel, and what remains is interpolation by cosines along time, a fixed matrix for each N and T:

    output = A @ frames
    A[j, i] = 1/N + 2/N * sum_{k=1}^{N-1} cos(pi k (2i-1) / 2N) cos(pi k (t_j - 1/2N)),   i = 1..N
    t_j     = p_j (1 - 1/N) + 1/N,   p_j evenly spaced from 0 to 1,                         j = 1..T

Every row sums to 1, the first and the last frame are kept, and T = N changes nothing.
"""

import numpy as np

from fernet.errors import UserError


def interpolation_matrix(frames: int, count: int) -> np.ndarray:
    """A (count, frames) float64. One wanted frame (count = 1) is the first one, p = 0."""
    if frames < 1 or count < 1:
        raise UserError(f"cannot bring {frames} frames to {count}: both numbers must be at least 1")
    if count == frames:
        return np.eye(frames)
    from scipy.fft import dct

    N, k = frames, np.arange(frames)
    t = np.linspace(0, 1, count)[:, None] * (1 - 1 / N) + 1 / N
    curves = np.cos(np.pi * k * (t - 1 / (2 * N)))  # (T, N): the k-th curve at time t_j; k = 0 is the constant
    # The sum over k is a discrete cosine transform of type III, which doubles every term but the one of k = 0.
    return dct(curves, type=3, axis=1) / N


def interpolate(frames: np.ndarray, count: int) -> np.ndarray:
    """(N, ...) to (count, ...) along time, in the dtype of `frames`; uint8 is rounded and clipped to 0..255."""
    if frames.dtype != np.uint8 and not np.issubdtype(frames.dtype, np.floating):
        raise UserError(f"interpolate expects frames of uint8 or a float type, got {frames.dtype}")
    N = len(frames)
    A = interpolation_matrix(N, count)
    if count == N:
        return frames.copy()
    if N == 1:
        return np.repeat(frames, count, axis=0)
    result = (A @ frames.reshape(N, -1).astype(np.float64)).reshape(count, *frames.shape[1:])
    if frames.dtype == np.uint8:
        result = np.clip(np.rint(result), 0, 255)
    return result.astype(frames.dtype)
