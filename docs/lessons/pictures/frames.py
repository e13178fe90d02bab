"""Eq. 1: every frame has filters of its own, and their responses add up to one map."""

from sheet import arrow, box, sheet, text


def svg():
    parts = [text(90, 24, "frames of a clip", "bold"), text(290, 24, "their filters", "bold")]
    parts += [
        text(560, 104, "one map", "bold"),
        box(515, 120, 90, 130),
        text(560, 170, "y = sum"),
        text(560, 200, "dy"),
    ]
    for t in range(3):
        y, there = 50 + 100 * t, 145 + 40 * t
        parts += [box(55, y, 70, 70), text(90, y + 35, f"t = {t}")]
        parts += [box(255, y + 10, 70, 50, "blue"), text(290, y + 35, f"W, t = {t}", "small")]
        parts += [*arrow(135, y + 28, 245, y + 28, "path-blue"), *arrow(245, y + 42, 135, y + 42, "path-orange")]
        parts += [*arrow(335, y + 28, 505, there - 7, "path-blue"), *arrow(505, there + 7, 335, y + 42, "path-orange")]
    parts += [*arrow(15, 350, 45, 350, "path-blue"), text(55, 350, "forward: y adds up what the frames give", "left")]
    parts += [*arrow(425, 350, 395, 350, "path-orange"), text(435, 350, "backward: dy goes whole to each", "left")]
    return sheet(680, 370, "Every frame has filters of its own; their responses add up to one map", parts)
