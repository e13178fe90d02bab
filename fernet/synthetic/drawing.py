"""Smooth curves and shapes with soft edges, with which everything is drawn."""

from functools import cache

import cv2
import numpy as np

_FINE = 4  # shapes are drawn this many times larger and averaged down
_BITS = 4  # fractional bits of the coordinates passed to OpenCV


def smooth_curve(points: np.ndarray, closed: bool = False, steps: int = 6) -> np.ndarray:
    """(M, 2): the Catmull-Rom spline through `points` (P, 2)."""
    last = len(points) - 1
    order = np.arange(-1, last + 3) % (last + 1) if closed else np.r_[0, 0 : last + 1, last]
    p = points[order]
    spans = np.stack([p[:-3], p[1:-2], p[2:-1], p[3:]], axis=1)  # (spans, 4, 2)
    curve = (_catmull_rom(steps) @ spans).reshape(-1, 2)
    return curve if closed else np.vstack([curve, points[-1]])


@cache
def _catmull_rom(steps: int) -> np.ndarray:
    """(steps, 4): weights of the points before, at the ends of and after a span, for places along the span."""
    t = np.arange(steps) / steps
    return 0.5 * np.stack([-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, t**3 - t**2], axis=1)


def circle(centre: np.ndarray, radius: float, flattening: float = 1.0) -> np.ndarray:
    """(24, 2): an upright ellipse, `flattening` times as high as wide."""
    angle = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    return centre + radius * np.stack([np.cos(angle), flattening * np.sin(angle)], axis=1)


def filled(polygon: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """How much of each pixel the polygon covers, (H, W) float32 from 0 to 1."""
    mask = np.zeros((shape[0] * _FINE, shape[1] * _FINE), np.uint8)
    cv2.fillPoly(mask, [_fine(polygon)], 255, cv2.LINE_8, _BITS)
    return _averaged(mask, shape)


def stroke(points: np.ndarray, width: float, shape: tuple[int, int]) -> np.ndarray:
    """How much of each pixel a line of `width` pixels covers; below a quarter of a pixel, the line grows fainter."""
    mask = np.zeros((shape[0] * _FINE, shape[1] * _FINE), np.uint8)
    thickness = max(1, round(width * _FINE))
    cv2.polylines(mask, [_fine(points)], False, 255, thickness, cv2.LINE_8, _BITS)
    return _averaged(mask, shape) * np.float32(min(1.0, width * _FINE))


def soften(mask: np.ndarray, deviation: float) -> np.ndarray:
    """`mask` blurred by a Gaussian with a standard deviation of `deviation` pixels."""
    return cv2.GaussianBlur(mask, (0, 0), deviation) if deviation > 0.2 else mask


def smooth_field(generator: np.random.Generator, shape: tuple[int, int], cell: float) -> np.ndarray:
    """(H, W) float32: noise of about unit variance, in lumps of `cell` pixels."""
    coarse = [max(2, int(side / cell) + 2) for side in shape]
    values = generator.standard_normal(coarse, np.float32)
    return cv2.resize(values, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)


class Canvas:
    """The part of an image around some points; painting on it changes the image."""

    def __init__(self, image: np.ndarray, points: np.ndarray, margin: float) -> None:
        height, width = image.shape
        left, top = np.floor(points.min(axis=0) - margin).astype(int)
        right, bottom = np.ceil(points.max(axis=0) + margin).astype(int) + 1
        left, top = int(np.clip(left, 0, width - 1)), int(np.clip(top, 0, height - 1))
        self.pixels = image[top : int(np.clip(bottom, top + 1, height)), left : int(np.clip(right, left + 1, width))]
        self._origin = np.array([left, top], np.float64)

    def filled(self, polygon: np.ndarray) -> np.ndarray:
        """`filled`, with the polygon in pixels of the image."""
        return filled(polygon - self._origin, self.pixels.shape)

    def stroke(self, points: np.ndarray, width: float) -> np.ndarray:
        """`stroke`, with the points in pixels of the image."""
        return stroke(points - self._origin, width, self.pixels.shape)

    def paint(self, mask: np.ndarray, value: float, strength: float = 1.0) -> None:
        """Move the pixels under the mask towards `value`."""
        self.pixels += (value - self.pixels) * (mask * np.float32(strength))

    def dim(self, mask: np.ndarray, factor: float) -> None:
        """Multiply the pixels under the mask by `factor`."""
        self.pixels *= 1 + (factor - 1) * mask


def _fine(points: np.ndarray) -> np.ndarray:
    """Pixels as fixed-point numbers on the finer grid; pixel centres are whole numbers on both grids."""
    return np.rint(((points + 0.5) * _FINE - 0.5) * (1 << _BITS)).astype(np.int32)


def _averaged(mask: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    return cv2.resize(mask, (shape[1], shape[0]), interpolation=cv2.INTER_AREA) * np.float32(1 / 255)
