"""Landmarks that come with a dataset: text files of 68 lines "x y", and whether they can be right."""

from pathlib import Path

import numpy as np

from fernet.errors import UserError
from fernet.faces.boxes_from_landmarks import box_from_points
from fernet.faces.detection import FaceDetector, nearest

_LARGEST = 1 << 16  # bytes
_FARTHEST = 1e5  # pixels
_SMALLEST = 20  # pixels: extent of the points
_SHARE_INSIDE = 0.75  # of the points; those of the jaw may lie outside a picture that was cropped
_STEEPEST = np.cos(np.radians(60))  # heads tilt less than 60 degrees
_LEFT_EYE, _RIGHT_EYE, _MOUTH = slice(36, 42), slice(42, 48), slice(48, 68)


def read_landmarks(path: Path) -> np.ndarray:
    """(68, 2) float64: x, y in pixels of the frame."""
    try:
        with open(path, "rb") as stream:
            text = stream.read(_LARGEST)
        points = np.array([line.split() for line in text.decode("ascii").splitlines() if line.strip()], np.float64)
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); expected 68 lines of x and y") from None
    except ValueError:  # letters, or lines of unequal length
        raise UserError(f"{path}: not landmarks; expected 68 lines of x and y") from None
    if points.shape != (68, 2) or not (np.abs(points) < _FARTHEST).all():
        raise UserError(f"{path}: landmarks of shape {points.shape}; expected 68 lines of two finite numbers, x and y")
    return points


def fault_of_landmarks(points: np.ndarray, shape: tuple[int, int]) -> str | None:
    """Why points (68, 2) cannot be those of a face in a picture of `shape` (H, W); None if they can.

    This finds fractions in place of pixels, x and y exchanged, and points of a picture stored in another orientation.
    """
    height, width = shape
    extent = np.ptp(points, axis=0)
    if extent.min() < _SMALLEST:
        return (
            f"the points span {extent[0]:.3g} x {extent[1]:.3g} pixels, expected {_SMALLEST} or more; are they in "
            "pixels of the picture?"
        )
    inside = ((points >= 0) & (points < (width, height))).all(axis=1).mean()
    if inside < _SHARE_INSIDE:
        return f"{1 - inside:.0%} of the points lie outside the picture of {width} x {height} pixels"
    left, right, mouth = (points[part].mean(axis=0) for part in (_LEFT_EYE, _RIGHT_EYE, _MOUTH))
    along, down = right - left, mouth - (left + right) / 2
    upright = along[0] > _STEEPEST * np.hypot(*along) and down[1] > _STEEPEST * np.hypot(*down)
    if not upright or along[0] * down[1] - along[1] * down[0] <= 0:
        return (
            "the points are turned or mirrored: expected the eyes above the mouth and the left eye of the picture "
            "first; are x and y exchanged, or is the picture stored in another orientation?"
        )
    return None


def fault_of_place(points: np.ndarray, picture: np.ndarray, detector: FaceDetector) -> str | None:
    """Why points (68, 2) are not those of a face in the picture (H, W) uint8; None if they are, or if none is found."""
    faces, box = detector.search(picture), box_from_points(points)
    if not len(faces) or nearest(faces, box) is not None:
        return None
    x, y, w, h = faces[0]
    return (
        f"the points lie around ({box[0] + box[2] / 2:.0f}, {box[1] + box[3] / 2:.0f}) on a face {box[2]:.0f} pixels "
        f"wide, but the face in the picture is at ({x + w / 2:.0f}, {y + h / 2:.0f}) and {w:.0f} pixels wide; do the "
        "points belong to a picture of another size?"
    )
