"""Window sums by OpenCV's separable filter, which applies a scale and an offset in the same pass.

    s_p = offset + scale (sum over q in win(p) of x_q)

OpenCV's box filter, which adds and drops one row as it slides, keeps its sums in double precision; at the window sizes
of these networks that costs more than the n additions along each axis.
"""

import cv2
import numpy as np

_MOST_CHANNELS = 128  # OpenCV 5 refuses more in one image; OpenCV 4 allows 512


def window_sum(x: np.ndarray, n: int, scale: float = 1.0, offset: float = 0.0) -> np.ndarray:
    """s (N, H, W, C) float32: for every pixel the sum of x over its window, scaled and shifted."""
    return _window_sum(x, n, n // 2, scale, offset)


def window_sum_adjoint(ds: np.ndarray, n: int, scale: float = 1.0) -> np.ndarray:
    """For every pixel q, scale times the sum of ds over all pixels whose window contains q."""
    return _window_sum(ds, n, n - 1 - n // 2, scale, 0.0)


def _window_sum(x: np.ndarray, n: int, before: int, scale: float, offset: float) -> np.ndarray:
    out = np.empty(x.shape, x.dtype)
    for image, result in zip(x, out, strict=True):
        _image_window_sum(image, n, before, scale, offset, result)
    return out


def _image_window_sum(image: np.ndarray, n: int, before: int, scale: float, offset: float, result: np.ndarray) -> None:
    """The window sums of one image (H, W, C), written to `result`, which is contiguous."""
    channels = image.shape[2]
    ones, scaled = np.ones(n, image.dtype), np.full(n, scale, image.dtype)
    for first in range(0, channels, _MOST_CHANNELS):
        some = slice(first, first + _MOST_CHANNELS)
        filtered = cv2.sepFilter2D(
            np.ascontiguousarray(image[..., some]),
            ddepth=-1,
            kernelX=ones,
            kernelY=scaled,
            dst=result if channels <= _MOST_CHANNELS else None,
            anchor=(before, before),
            delta=offset,
            borderType=cv2.BORDER_CONSTANT,
        )
        if filtered is not result:
            result[..., some] = filtered.reshape(result[..., some].shape)
