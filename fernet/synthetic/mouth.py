"""Lips, teeth and the dark gap between them, drawn on the tones of a frame before it is lit."""

import numpy as np

from fernet.synthetic.appearance import Appearance
from fernet.synthetic.drawing import Canvas, smooth_curve, soften

_TOOTH = 0.085  # height of the upper teeth, in outer eye distances


def paint_mouth(tones: np.ndarray, landmarks: np.ndarray, unit: float, person: Appearance) -> None:
    """The mouth of `landmarks` (68, 2), in place; `unit` is the outer eye distance in pixels."""
    canvas = Canvas(tones, landmarks[48:68], 0.12 * unit)
    outer_top, outer_bottom = smooth_curve(landmarks[48:55]), smooth_curve(landmarks[[54, 55, 56, 57, 58, 59, 48]])
    inner_top = smooth_curve(landmarks[[48, 60, 61, 62, 63, 64, 54]])
    inner_bottom = smooth_curve(landmarks[[54, 64, 65, 66, 67, 60, 48]])

    lips = canvas.filled(np.vstack([outer_top, outer_bottom]))
    canvas.paint(soften(lips, 0.012 * unit), person.lips, 0.9)
    canvas.dim(canvas.filled(np.vstack([outer_top, inner_top[::-1]])), 0.85)  # the upper lip faces down
    below = outer_bottom[6:-6] + np.array([0, 0.03 * unit])
    shine = (landmarks[57] * 0.6 + landmarks[66] * 0.4) + np.array([[-0.09, 0.0], [0.0, 0.008], [0.09, 0.0]]) * unit
    canvas.dim(soften(canvas.stroke(smooth_curve(shine), 0.03 * unit), 0.02 * unit) * lips, 1.25)
    canvas.dim(soften(canvas.stroke(below, 0.03 * unit), 0.02 * unit) * (1 - lips), 0.8)

    inside = canvas.filled(np.vstack([inner_top, inner_bottom]))
    _paint_inside(canvas, inside, landmarks, unit)
    canvas.dim(canvas.stroke(inner_top, 0.018 * unit), 0.25)
    canvas.dim(canvas.stroke(inner_bottom, 0.008 * unit), 0.6)
    for corner in landmarks[[48, 54]]:
        point = corner + np.array([[-0.012, 0.0], [0.012, 0.0]]) * unit
        canvas.dim(soften(canvas.stroke(point, 0.02 * unit), 0.012 * unit), 0.5)


def _paint_inside(canvas: Canvas, inside: np.ndarray, landmarks: np.ndarray, unit: float) -> None:
    gap = landmarks[66, 1] - landmarks[62, 1]
    canvas.paint(inside, 0.02)
    if gap < 0.02 * unit:
        return
    floor = smooth_curve(landmarks[[64, 65, 66, 67, 60]])
    tongue = np.vstack([floor, smooth_curve(landmarks[[60, 67, 66, 65, 64]] - (0, 0.35 * gap))])
    canvas.paint(soften(inside * canvas.filled(tongue), 0.03 * unit) * inside, 0.12, min(1.0, 3 * gap / unit))
    edge = landmarks[60:65] * (0.94, 1) + landmarks[62] * (0.06, 0)
    drop = np.array([0.35, 0.85, 1.0, 0.85, 0.35])[:, None] * (0, min(_TOOTH * unit, 0.62 * gap))
    teeth = np.vstack([smooth_curve(edge), smooth_curve((edge + drop)[::-1])])
    canvas.paint(inside * canvas.filled(teeth), 0.62, 0.95)
    canvas.dim(soften(canvas.stroke(smooth_curve(edge), 0.03 * unit), 0.012 * unit) * inside, 0.6)  # shadow of the lip
