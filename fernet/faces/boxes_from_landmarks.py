"""The box that OpenCV's Haar detector would put around a face, estimated from its landmarks.

There are two estimates, because saved results depend on the bits of each: the synthetic sets on `face_boxes`, and the
built-in landmark model, which `landmarks train` reproduces byte for byte, on `box_from_points`. Both agree with the
detector on average and deviate by the same amounts, 0.06 in size and 0.015 in position. But searches that start from
one and from the other find different boxes, with a median difference of 0.014 of a side.
"""

import numpy as np

# Medians over the boxes that frontalface_alt2 finds (scaleFactor 1.1, minNeighbors 3) in 373 frames of "demo" and "ck+"
# at 192 pixels.
_SIDE = 1.90  # of the box, in outer eye distances
_DROP = 0.16  # of its centre, from the midpoint of the eyes at right angles to their line, in the same unit


def face_boxes(landmarks: np.ndarray) -> np.ndarray:
    """(F, 4) float64 x, y, w, h in pixels for landmarks (F, 68, 2), from the outer corners of the eyes.

    The mouth does not move the box, so it is steady throughout a clip, and it follows a tilting face.
    """
    landmarks = landmarks.astype(np.float64)
    left, right = landmarks[:, 36], landmarks[:, 45]
    along = right - left
    across = np.stack([-along[:, 1], along[:, 0]], axis=1)
    centre = (left + right) / 2 + _DROP * across
    side = _SIDE * np.linalg.norm(along, axis=1, keepdims=True)
    return np.hstack([centre - side / 2 + 0.5, side, side])  # a box starts half a pixel before its first pixel


def box_from_points(points: np.ndarray) -> np.ndarray:
    """(4,) float64 x, y, w, h in pixels for points (68, 2), from their extent and mean.

    Training searches for the face near this box. The three numbers are medians over detected procedural faces.
    """
    width = 1.23 * np.sqrt(np.prod(np.ptp(points, axis=0)))
    x, y = points.mean(axis=0) - (0, 0.13 * width)
    return np.array([x - width / 2, y - width / 2, width, width])
