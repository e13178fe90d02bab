"""Landmark trajectories normalised for the position and size of the face (Eq. 3), and their mirror images."""

import numpy as np

from fernet.errors import UserError
from fernet.faces.landmark_layout import FLIP_PERMUTATION


def normalise_landmarks(points: np.ndarray, nose_point: int) -> np.ndarray:
    """Eq. 3 for points (..., 49, 2) in pixels from any origin; dimensionless, of the same float type as the input.

    x' = (x - x_nose) / sigma_x and y' = (y - y_nose) / sigma_y, where sigma is the standard deviation over the 49
    points of the frame, separately for each axis. An axis on which all points coincide becomes 0.
    """
    _check_shape(points)
    if not np.issubdtype(points.dtype, np.floating):
        raise UserError(f"normalise_landmarks expects points of a float type, got {points.dtype}")
    centred = points - points[..., nose_point : nose_point + 1, :]
    sigma = centred.std(axis=-2, keepdims=True)  # (..., 1, 2)
    return centred / np.where(sigma > 0, sigma, 1).astype(points.dtype)


def flip_landmarks(normalised: np.ndarray) -> np.ndarray:
    """The mirrored face (..., 49, 2): left and right points change places and x changes sign.

    This equals normalising the points of the mirrored picture if the origin of Eq. 3 is on the midline of the face, as
    the tip of the nose (13) and the point below it (16) are.
    """
    _check_shape(normalised)
    return normalised[..., FLIP_PERMUTATION, :] * np.array([-1, 1], normalised.dtype)


def _check_shape(points: np.ndarray) -> None:
    if points.shape[-2:] != (49, 2):
        raise UserError(
            f"expects 49 points of x and y, (..., 49, 2), got {points.shape}: "
            "points[:, KEPT_POINTS] turns 68 points into 49"
        )
