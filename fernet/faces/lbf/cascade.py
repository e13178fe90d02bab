"""A cascade of local binary features: what it holds, and how it finds the landmarks of a face.

S. Ren, X. Cao, Y. Wei, J. Sun: Face alignment at 3000 FPS via regressing local binary features, CVPR 2014. The shape
starts as the mean shape in the face box. In every stage, small trees compare pixels near each landmark; the leaves that
a face reaches select columns of one weight matrix, and the sum of those columns moves all landmarks at once.

`predict` is a readable version of OpenCV's FacemarkLBF.fit and finds the same points. Only training needs it;
everything else uses OpenCV, which is faster for a single face.
"""

from dataclasses import dataclass

import numpy as np

from fernet.faces.lbf.regression import predicted_moves
from fernet.faces.lbf.shapes import BoxedFaces, out_of_mean_frame, similarity
from fernet.faces.lbf.trees import leaf_columns


@dataclass(frozen=True)
class Stage:
    """The trees of all landmarks and the regression from their leaves: L landmarks, T trees for each, of depth D."""

    offsets: np.ndarray  # (L, T, 2^D, 4) float64: x1, y1, x2, y2 of each node, in half boxes
    thresholds: np.ndarray  # (L, T, 2^D) int32
    weights: np.ndarray  # (2L, L T 2^(D-1)) float32; row 2l moves x of landmark l, row 2l + 1 its y


@dataclass(frozen=True)
class Cascade:
    """A mean shape (L, 2), in half boxes from the centre of the face box, and the stages that refine it."""

    mean_shape: np.ndarray
    stages: tuple[Stage, ...]


def predict(cascade: Cascade, image: np.ndarray, box: tuple[int, int, int, int]) -> np.ndarray:
    """(L, 2) float64: the landmarks of the face in `box` (x, y, w, h) of a grey image (H, W) uint8, in pixels.

    Like OpenCV's, it ignores pixels more than half a box outside the box, and the last row and column of the image.
    """
    x, y, w, h = box
    H, W = image.shape
    left, top = max(0, x - w // 2), max(0, y - h // 2)
    right, bottom = min(W - 1, x + w + w // 2), min(H - 1, y + h + h // 2)
    centre = np.array([[x + w / 2 - left, y + h / 2 - top]])
    face = BoxedFaces(image[top:bottom, left:right].copy()[None], centre, np.array([[w / 2, h / 2]]))
    shape = cascade.mean_shape[None]
    for stage in cascade.stages:
        shape = next_shapes(stage, face, shape, cascade.mean_shape)
    return face.pixels(shape)[0] + (left, top)


def next_shapes(stage: Stage, faces: BoxedFaces, shapes: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """`shapes` (N, L, 2) after one stage."""
    A = similarity(shapes, mean)
    columns = leaf_columns(faces, shapes, A, stage.offsets, stage.thresholds)
    return shapes + out_of_mean_frame(predicted_moves(columns, stage.weights), A)
