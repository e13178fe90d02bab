"""NumPy twin of `window_sum`: OpenCV's separable filter, with scale and offset folded into its one pass.

Its box filter would add and drop one row as it slides, but keeps its sums in double precision, which costs more than
the n additions for each axis at the window sizes that networks use.
"""

import numpy as np

_MOST_CHANNELS = 128  # OpenCV 5 refuses more in one image; OpenCV 4 allows 512


def window_sum(x: np.ndarray, n: int, before: int, scale: float, offset: float) -> np.ndarray:
    out = np.empty(x.shape, x.dtype)
    for image, result in zip(x, out, strict=True):
        _image_window_sum(image, n, before, scale, offset, result)
    return out


def _image_window_sum(image: np.ndarray, n: int, before: int, scale: float, offset: float, result: np.ndarray) -> None:
    """The window sums of one image (H, W, C), written to `result`, which is contiguous."""
    import cv2

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
