"""The map on which skin, hair and creases are painted: the mean face as viewed from the front, spread out flat.

A texel (row, column) of the atlas stands for a place (x, y) on the mean shape, in outer eye distances.
"""

import numpy as np

from fernet.synthetic.face_shape import MEAN_SHAPE

TEXELS = 64  # per outer eye distance
LEFT, TOP = -1.25, -1.5
SHAPE = (196, 160)  # rows, columns

X = (LEFT + (np.arange(SHAPE[1]) + 0.5) / TEXELS)[None, :].astype(np.float32)
Y = (TOP + (np.arange(SHAPE[0]) + 0.5) / TEXELS)[:, None].astype(np.float32)


def to_texels(places: np.ndarray) -> np.ndarray:
    """Columns and rows (..., 2) of places (..., 2), with texel centres at whole numbers."""
    return (np.asarray(places) - (LEFT, TOP)) * TEXELS - 0.5


def blob(x: float, y: float, width: float, height: float) -> np.ndarray:
    """(H, W) float32: a Gaussian hill of height 1; `width` and `height` are its standard deviations."""
    return np.exp(-0.5 * ((X - np.float32(x)) / width) ** 2) * np.exp(-0.5 * ((Y - np.float32(y)) / height) ** 2)


def both_sides(x: float, y: float, width: float, height: float) -> np.ndarray:
    """Two hills, mirror images of each other."""
    return blob(x, y, width, height) + blob(-x, y, width, height)


def mean_place(index: int) -> np.ndarray:
    """Place of point `index` on the atlas, (2,)."""
    return MEAN_SHAPE[index, :2]
