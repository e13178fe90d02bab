"""Face boxes cut out of frames and resampled to one size, with the landmarks in them.

A pixel is a unit square around its whole-numbered coordinates, so a box (x, y, w, h) covers x - 1/2 .. x + w - 1/2, as
OpenCV's boxes do. Pixel u of a crop of S pixels is then at

    x(u) = x - 1/2 + (u + 1/2) w / S        and a point at x falls on        u(x) = (x - x_box + 1/2) S / w - 1/2
"""

import numpy as np

from fernet.errors import UserError


def crop_faces(frames: np.ndarray | list[np.ndarray], boxes: np.ndarray, size: int) -> np.ndarray:
    """(F, size, size) uint8 from F grey frames (H, W) uint8 and float boxes (F, 4) of x, y, w, h in pixels.

    A box may extend beyond its frame, whose border pixels are then repeated.
    """
    check_boxes(boxes, len(frames))
    crops = np.empty((len(frames), size, size), np.uint8)
    for crop, frame, (x, y, w, h) in zip(crops, frames, boxes.astype(np.float64), strict=True):
        rows, row_weights = _resampling(y, h, size, frame.shape[0])
        columns, column_weights = _resampling(x, w, size, frame.shape[1])
        patch = frame[np.ix_(rows, columns)].astype(np.float64)
        crop[...] = np.rint(row_weights @ patch @ column_weights.T)
    return crops


def points_in_crop(points: np.ndarray, boxes: np.ndarray, size: int) -> np.ndarray:
    """(F, P, 2) float64: `points` (F, P, 2) in pixels of the frames, converted to pixels of the crops of `boxes`."""
    check_boxes(boxes, len(points))
    boxes = boxes[:, None].astype(np.float64)
    return (points - boxes[..., :2] + 0.5) * size / boxes[..., 2:] - 0.5


def check_boxes(boxes: np.ndarray, frames: int) -> None:
    """UserError unless there is one box (x, y, w, h) of positive size for each frame."""
    if boxes.shape != (frames, 4):
        raise UserError(f"expects one box (x, y, w, h) for each of {frames} frames, ({frames}, 4), got {boxes.shape}")
    bad = ~(np.isfinite(boxes).all(axis=1) & (boxes[:, 2:] > 0).all(axis=1))
    if bad.any():
        at = int(np.argmax(bad))
        raise UserError(f"the box of frame {at} is {boxes[at].tolist()}: expected finite x, y and positive w, h")


def _resampling(start: float, length: float, size: int, available: int) -> tuple[np.ndarray, np.ndarray]:
    """Source indices (K,) along one axis and the weights (size, K) that turn them into `size` pixels.

    The weights form a triangle two target pixels wide, but at least two source pixels: bilinear when enlarging, and
    free of aliasing when shrinking, where plain bilinear interpolation would skip pixels.
    """
    step = length / size
    centres = start - 0.5 + (np.arange(size) + 0.5) * step
    reach = max(step, 1.0)
    taps = np.arange(np.floor(centres[0] - reach), np.ceil(centres[-1] + reach) + 1)
    weights = np.maximum(0, 1 - np.abs(taps - centres[:, None]) / reach)
    return np.clip(taps, 0, available - 1).astype(int), weights / weights.sum(axis=1, keepdims=True)
