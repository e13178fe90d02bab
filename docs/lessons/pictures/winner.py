"""Max pooling: two overlapping windows with the same winner."""

from sheet import arrow, box, cell, sheet, text

_VALUES = ((1, 0, 2, 0, 1), (3, 1, 9, 2, 0), (0, 2, 1, 4, 5))
_SIDE, _LEFT, _TOP = 46, 40, 50


def svg():
    parts = [text(_LEFT + 2.5 * _SIDE, 24, "x", "bold"), text(470, 24, "y, dy", "bold")]
    for row, values in enumerate(_VALUES):
        for column, value in enumerate(values):
            parts += cell(_LEFT + _SIDE * column, _TOP + _SIDE * row, _SIDE, str(value))
    middle_x, middle_y = _LEFT + 2.5 * _SIDE, _TOP + 1.5 * _SIDE
    parts += [box(middle_x - 20, middle_y - 20, 40, 40, "blue"), text(middle_x, middle_y, "9", "bold")]
    parts += [box(_LEFT - 5, _TOP - 5, 3 * _SIDE + 10, 3 * _SIDE + 10, "path-blue")]
    parts += [box(_LEFT + 2 * _SIDE - 9, _TOP - 9, 3 * _SIDE + 18, 3 * _SIDE + 18, "path-orange")]
    for number, kind in ((0, "path-blue"), (1, "path-orange")):
        y = 80 + 80 * number
        parts += [box(430, y - 28, 80, 56, kind), text(470, y - 11, "y = 9"), text(470, y + 12, f"dy = {10**number}")]
        parts += arrow(420, y, middle_x + 24, middle_y - 6 + 12 * number, kind)
    parts += [text(270, 222, "the 9 wins both windows: dx = 1 + 10, and 0 elsewhere")]
    return sheet(540, 240, "A pixel that wins two windows receives both gradients", parts)
