"""The box that OpenCV's Haar detector would put around a face, estimated from its landmarks.

There are two estimates, because saved results depend on the bits of each: the synthetic sets on `face_boxes`, and the
built-in landmark model, which `landmarks train` makes again byte for byte, on `box_from_points`. Both agree with the
detector on average and scatter alike, by 0.06 in size and 0.015 in place. But a search that starts from one finds
another box than a search that starts from the other; the two differ by 0.014 of a side (median).
"""

import numpy as np

# Medians over the boxes that frontalface_alt2 found (scaleFactor 1.1, minNeighbors 3) in 373 frames of "demo" and "ck+"
# at 192 pixels.
_SIDE = 1.90  # of the box, in outer eye distances
_DROP = 0.16  # of its centre, from the middle of the eyes across their line, likewise


def face_boxes(landmarks: np.ndarray) -> np.ndarray:
    """(F, 4) float64 x, y, w, h in pixels for landmarks (F, 68, 2), from the outer corners of the eyes.

    The mouth does not move it, so it is calm in a clip, and it follows a face that tilts.
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

    Training looks for the face around it. The three numbers are medians over detected procedural faces.
    """
    width = 1.23 * np.sqrt(np.prod(np.ptp(points, axis=0)))
    x, y = points.mean(axis=0) - (0, 0.13 * width)
    return np.array([x - width / 2, y - width / 2, width, width])
