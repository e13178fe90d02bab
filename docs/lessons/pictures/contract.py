"""Lesson 2: values go forward and gradients come back; at a fork the gradients add."""

from sheet import arrow, box, sheet, text


def _chain():
    parts = []
    for x, name in ((110, "layer 1"), (330, "layer 2"), (550, "loss")):
        parts += [box(x, 45, 90, 60, "line"), text(x + 45, 75, name)]
    for left, right, value, gradient in ((20, 108, "x", "dx"), (202, 328, "y", "dy"), (422, 548, "z", "dz")):
        parts += [*arrow(left, 60, right, 60, "path-blue"), text((left + right) / 2, 45, value)]
        parts += [*arrow(right, 90, left, 90, "path-orange"), text((left + right) / 2, 106, gradient)]
    parts += [*arrow(642, 60, 685, 60, "path-blue"), text(700, 60, "L")]
    parts += [*arrow(685, 90, 642, 90, "path-orange"), text(700, 90, "1")]
    for x in (155, 375):
        parts.append(f'<path d="M{x - 25} 106 C{x - 25} 140 {x + 25} 140 {x + 25} 106" class="path-blue"/>')
        parts.append(text(x, 146, "cache", "small"))
    return parts


def _fork():
    parts = [*arrow(20, 243, 120, 243, "path-blue"), text(70, 228, "x")]
    parts += [
        *arrow(120, 263, 20, 263, "path-orange"),
        text(70, 282, "dx = 4 + 3", "text-orange"),
        box(122, 238, 12, 30, "line"),
    ]
    for y, name, gradient, label in ((190, "flat", "4", 250), (270, "square", "3", 314)):
        parts += [box(330, y, 90, 50, "line"), text(375, y + 25, name), text(300, label, gradient, "text-orange")]
        parts += [*arrow(136, 246, 328, y + 18, "path-blue"), *arrow(328, y + 32, 136, 260, "path-orange")]
    first, second = "A value that is used twice", "gets the sum of both gradients."
    return [*parts, text(450, 243, first, "left"), text(450, 265, second, "left")]


def svg():
    return sheet(720, 340, "Values go forward, gradients come back, and at a fork gradients add", _chain() + _fork())
