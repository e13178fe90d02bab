"""Eyes and glasses, drawn on the tones of a frame before it is lit."""

import numpy as np

from fernet.synthetic.appearance import Appearance, Glasses
from fernet.synthetic.drawing import Canvas, circle, smooth_curve, soften
from fernet.synthetic.face_shape import LEFT_EYE, RIGHT_EYE


def paint_eyes(tones: np.ndarray, landmarks: np.ndarray, unit: float, person: Appearance, gaze: np.ndarray) -> None:
    """Both eyes between the lids of `landmarks` (68, 2), in place; `unit` is the outer eye distance in pixels."""
    for eye in (LEFT_EYE, RIGHT_EYE):
        _paint_eye(tones, landmarks[eye], unit, person, gaze)


def _paint_eye(tones: np.ndarray, eye: np.ndarray, unit: float, person: Appearance, gaze: np.ndarray) -> None:
    upper = smooth_curve(eye[:4])
    lower = smooth_curve(eye[[3, 4, 5, 0]])
    canvas = Canvas(tones, eye, 0.14 * unit)
    opening = canvas.filled(np.vstack([upper, lower[1:-1]]))
    _paint_lids(canvas, upper, lower, unit, person)

    centre = (eye[0] + eye[3]) / 2 + np.array([0.0, -0.014 * unit]) + gaze * unit
    radius = person.iris_radius * unit
    canvas.paint(opening, person.sclera)
    canvas.paint(opening * soften(canvas.stroke(upper, 0.05 * unit), 0.02 * unit), 0.15, 0.75)  # shadow of the lid
    iris = canvas.filled(circle(centre, radius))
    canvas.paint(opening * iris, 0.6 * person.iris)
    canvas.paint(opening * canvas.filled(circle(centre, 0.8 * radius)), person.iris)
    canvas.paint(opening * canvas.filled(circle(centre, 0.42 * radius)), 0.01)
    glint = canvas.filled(circle(centre + np.array([-0.35, -0.4]) * radius, 0.24 * radius))
    canvas.paint(opening * glint, 1.0, 0.8)
    canvas.paint(canvas.stroke(upper, 0.020 * unit), 0.02, 0.65 + 0.3 * person.make_up)  # lashes


def _paint_lids(canvas: Canvas, upper: np.ndarray, lower: np.ndarray, unit: float, person: Appearance) -> None:
    fold = upper + np.linspace([-0.01, -0.035], [0.005, -0.04], len(upper)) * unit
    canvas.dim(soften(canvas.stroke(fold, 0.016 * unit), 0.008 * unit), 0.45)
    canvas.dim(soften(canvas.stroke(upper, 0.06 * unit), 0.025 * unit), 0.75 - 0.25 * person.make_up)
    canvas.dim(soften(canvas.stroke(lower, 0.016 * unit), 0.008 * unit), 0.55)


def paint_glasses(tones: np.ndarray, landmarks: np.ndarray, unit: float, glasses: Glasses) -> None:
    """Rims, bridge and temples, in place."""
    canvas = Canvas(tones, landmarks[[0, 16, 36, 45]], 0.4 * unit)
    along = landmarks[45] - landmarks[36]
    along, down = along / np.linalg.norm(along), np.array([-along[1], along[0]]) / np.linalg.norm(along)
    angle = np.linspace(0, 2 * np.pi, 48)
    x = np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** (2 / glasses.square) * glasses.width
    y = np.sign(np.sin(angle)) * np.abs(np.sin(angle)) ** (2 / glasses.square) * glasses.height + 0.03
    ring = (x[:, None] * along + y[:, None] * down) * unit
    for eye, ear, side in ((LEFT_EYE, 0, -1), (RIGHT_EYE, 16, 1)):
        centre = landmarks[eye].mean(axis=0)
        canvas.paint(canvas.filled(centre + ring), 0.9, 0.05)  # the glass reflects a little
        canvas.paint(canvas.stroke(centre + ring, glasses.rim * unit), glasses.tone, 0.95)
        hinge = centre + side * along * glasses.width * unit
        canvas.paint(canvas.stroke(np.stack([hinge, landmarks[ear]]), 0.8 * glasses.rim * unit), glasses.tone, 0.8)
    inner = [landmarks[eye].mean(axis=0) - side * along * glasses.width * unit
             for eye, side in ((LEFT_EYE, -1), (RIGHT_EYE, 1))]  # fmt: skip
    canvas.paint(canvas.stroke(np.stack(inner), glasses.rim * unit), glasses.tone, 0.95)
