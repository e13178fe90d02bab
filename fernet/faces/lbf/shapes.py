"""Shapes in units of a face box, and the similarity transformation from the mean shape to each of them.

A shape is 68 points in half boxes from the centre of the face box, so that -1 and 1 are the sides of the box.
"""

from dataclasses import dataclass

import numpy as np

LANDMARKS = 68
OUTER_EYE_CORNERS = (36, 45)  # their distance is the unit of landmark errors

# Point i of a mirrored face is point MIRROR[i] of the face (iBUG order, left and right as seen by the viewer).
# fmt: off
MIRROR = np.array([
    16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0,  # jaw
    26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 27, 28, 29, 30, 35, 34, 33, 32, 31,  # brows, nose
    45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40,  # eyes
    54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55, 64, 63, 62, 61, 60, 67, 66, 65,  # lips
])
# fmt: on


@dataclass(frozen=True)
class BoxedFaces:
    """N grey images of one size, each with the box of its face."""

    images: np.ndarray  # (N, H, W) uint8
    centres: np.ndarray  # (N, 2) float64: x, y in pixels
    halves: np.ndarray  # (N, 2) float64: half the width and half the height

    def __len__(self) -> int:
        return len(self.images)

    def pixels(self, shapes: np.ndarray) -> np.ndarray:
        """Shapes (N, L, 2) as points in pixels."""
        return self.centres[:, None] + shapes * self.halves[:, None]

    def shapes(self, points: np.ndarray) -> np.ndarray:
        """Points (N, L, 2) in pixels as shapes."""
        return (points - self.centres[:, None]) / self.halves[:, None]


def similarity(shapes: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """A = s R, (N, 2, 2), which rotates and scales `mean` (L, 2) to match each of `shapes` (N, L, 2).

    The rotation is the least-squares one. The scale is not; it is OpenCV's: FacemarkLBF measures the size of a centred
    shape as sqrt(sum((dx - dy)^2) / 2), the norm of a covariance matrix taken across the wrong axis. Its models work
    only with the scale that they were trained with, so it is kept.
    """
    a = shapes - shapes.mean(axis=1, keepdims=True)
    b = mean - mean.mean(axis=0)
    scale = np.sqrt(((a[..., 0] - a[..., 1]) ** 2).sum(axis=1) / ((b[:, 0] - b[:, 1]) ** 2).sum())
    cosine = (a * b).sum(axis=(1, 2))
    sine = (a[..., 1] * b[:, 0] - a[..., 0] * b[:, 1]).sum(axis=1)
    c, s = scale * cosine / np.hypot(cosine, sine), scale * sine / np.hypot(cosine, sine)
    return np.stack([np.stack([c, -s], axis=1), np.stack([s, c], axis=1)], axis=1)


def into_mean_frame(moves: np.ndarray, A: np.ndarray) -> np.ndarray:
    """Displacements `moves` (N, L, 2) in the frame of the mean shape: A^-1 applied to each, with A^-1 = A^T / s^2."""
    return moves @ (A / np.linalg.det(A)[:, None, None])


def out_of_mean_frame(moves: np.ndarray, A: np.ndarray) -> np.ndarray:
    """The inverse of `into_mean_frame`: A applied to each displacement."""
    return moves @ A.transpose(0, 2, 1)


def landmark_errors(found: np.ndarray, true: np.ndarray) -> np.ndarray:
    """(N,): mean distance between points (N, P, 2), divided by that between the true outer eye corners; P is 68."""
    left, right = OUTER_EYE_CORNERS
    unit = np.linalg.norm(true[:, left] - true[:, right], axis=1)
    return np.linalg.norm(found - true, axis=2).mean(axis=1) / unit
