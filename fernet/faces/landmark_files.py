"""Landmarks that come with a dataset: text files of 68 lines "x y"."""

from pathlib import Path

import numpy as np

from fernet.errors import UserError

_LARGEST = 1 << 16  # bytes
_FARTHEST = 1e5  # pixels


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
