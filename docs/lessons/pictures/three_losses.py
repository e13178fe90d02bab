"""Eq. 8: two networks, the sum of their logits, and three losses."""

from sheet import arrow, box, sheet, text


def _node(x, y, words, kind):
    return [box(x - 46, y - 22, 92, 44, kind), text(x, y, words)]


def svg():
    places = {"DTAN": (80, 80), "DTGN": (80, 240), "l1": (270, 80), "l2": (270, 240), "l3 = l1 + l2": (440, 160)}
    losses = {"w1 L1": (620, 80), "w3 L3": (620, 160), "w2 L2": (620, 240)}
    parts = [text(80, 30, "frozen below", "small"), text(80, 46, "the last layer", "small")]
    for name, place in (places | losses).items():
        parts += _node(*place, name, "blue" if name in losses else "thin")
    for y in (80, 240):
        parts += [*arrow(130, y - 6, 218, y - 6, "path-blue"), *arrow(218, y + 8, 130, y + 8, "path-orange")]
        near, far = (-6, 8) if y == 80 else (8, -6)
        parts += [*arrow(322, y + near, 568, y + near, "path-blue"), *arrow(568, y + far, 322, y + far, "path-orange")]
        side = 1 if y == 80 else -1
        parts += arrow(300, y + side * 26, 388, 160 - side * 16, "path-blue")
        parts += arrow(388, 160 - side * 2, 280, y + side * 26, "path-orange")
    parts += [*arrow(490, 154, 568, 154, "path-blue"), *arrow(568, 168, 490, 168, "path-orange")]
    parts += [*arrow(40, 300, 70, 300, "path-blue"), text(80, 300, "logits", "left")]
    parts += [*arrow(200, 300, 170, 300, "path-orange")]
    parts += [text(210, 300, "gradients: two arrive at l1 and two at l2, and add", "left")]
    return sheet(700, 320, "The logits of each network go to its own loss and into the sum", parts)
