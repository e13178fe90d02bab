"""The smooth map from a frame back to the atlas: thin-plate splines through the points of the face (Bookstein 1989).

Mapping backwards gives every pixel its texel directly: no triangles have to be rasterised, and none leave edges.
"""

from functools import cache

import numpy as np

_STEP = 4  # pixels between the places where the spline is evaluated; cubic interpolation fills the gaps
_RELAXATION = 2e-4  # a little slack keeps points that nearly coincide from folding the map


def thin_plate(points: np.ndarray, values: np.ndarray, size: int) -> np.ndarray:
    """(C, size, size) float32: the smoothest surfaces that take `values` (P, C) at the pixels `points` (P, 2)."""
    count, unit = len(points), float(np.ptp(points[:, 0]))
    places = points / unit  # of order 1, which keeps the system well conditioned
    system = np.zeros((count + 3, count + 3))
    system[:count, :count] = _kernel(((places[:, None] - places) ** 2).sum(axis=2))
    system[:count, :count] += _RELAXATION * np.eye(count)
    system[:count, count:] = np.c_[np.ones(count), places]
    system[count:, :count] = system[:count, count:].T
    weights = np.linalg.solve(system, np.vstack([values, np.zeros((3, values.shape[1]))]))

    nodes = np.arange(0, size + _STEP, _STEP) / unit
    xx, yy = np.meshgrid(nodes, nodes)
    grid = np.stack([xx.ravel(), yy.ravel()], axis=1)
    # |a - b|^2 = |a|^2 + |b|^2 - 2 a.b, one matrix product instead of three large temporaries
    squares = (grid**2).sum(axis=1)[:, None] + (places**2).sum(axis=1) - 2 * grid @ places.T
    coarse = _kernel(squares.astype(np.float32)) @ weights[:count].astype(np.float32)
    coarse += (weights[count] + grid @ weights[count + 1 :]).astype(np.float32)
    enlarge = _enlarging(size)  # rows and columns separately: U coarse U'
    return enlarge @ coarse.T.reshape(-1, len(nodes), len(nodes)) @ enlarge.T


@cache
def _enlarging(size: int) -> np.ndarray:
    """(size, nodes) float32: Catmull-Rom interpolation. It reproduces slopes exactly; OpenCV's cubic would ripple."""
    position = np.arange(size) / _STEP
    nodes = len(np.arange(0, size + _STEP, _STEP))
    matrix = np.zeros((size, nodes), np.float32)
    t = position - np.floor(position)
    weights = 0.5 * np.stack([-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, t**3 - t**2])
    for offset, weight in enumerate(weights, -1):
        column = np.clip(np.floor(position).astype(int) + offset, 0, nodes - 1)
        np.add.at(matrix, (np.arange(size), column), weight)
    return matrix


def _kernel(squares: np.ndarray) -> np.ndarray:
    """r^2 log r^2."""
    squares = np.maximum(squares, squares.dtype.type(1e-9))
    return squares * np.log(squares)
