"""Lesson 4: for one sample the gradient of the logits is the gap between the probabilities p and the label y."""

import numpy as np
from sheet import arrow, box, line, sheet, text

_NAMES = ("anger", "contempt", "disgust", "fear", "happiness", "sadness", "surprise")
_LOGITS, _LABEL = np.array([0.5, -0.5, 1.5, 0.0, -1.0, 0.7, -0.3]), 3
_FLOOR, _ONE = 240, 180  # the line of probability 0, and the height of probability 1


def svg():
    p = np.exp(_LOGITS) / np.exp(_LOGITS).sum()
    y = np.eye(7)[_LABEL]
    parts = [line([(20, _FLOOR), (700, _FLOOR)], "thin"), box(20, 12, 16, 16, "blue"), text(44, 20, "p", "left")]
    parts += [*arrow(100, 20, 140, 20, "path-orange"), text(150, 20, "from p to y: minus the gradient p - y", "left")]
    for i, name in enumerate(_NAMES):
        x, top, due = 68 + 97 * i, round(_FLOOR - _ONE * p[i], 1), _FLOOR - _ONE * y[i]
        parts += [box(x - 26, top, 30, round(_FLOOR - top, 1), "blue"), text(x - 11, top - 10, f"{p[i]:.2f}", "small")]
        parts += arrow(x + 20, top, x + 20, due, "path-orange") if abs(top - due) > 3 else []
        parts += [text(x, _FLOOR + 18, name), text(x, _FLOOR + 40, f"p - y = {p[i] - y[i]:+.2f}", "small")]
    label = 68 + 97 * _LABEL
    parts += [
        line([(label - 34, _FLOOR - _ONE), (label + 40, _FLOOR - _ONE)]),
        text(label, _FLOOR - _ONE - 12, "y = 1"),
    ]
    return sheet(720, 300, "Probabilities p of seven classes, the label y, and the gradient p - y of the logits", parts)
