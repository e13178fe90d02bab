"""Contrast normalisation: a pixel as dividend, through its own deviation, and through the means of its neighbours."""

from sheet import arrow, cell, line, sheet, text

_LEFT, _STEP, _SIDE, _ROWS = 110, 84, 44, {"x": 50, "d": 140, "D": 230, "y": 320}


def _middle(number):
    return _LEFT + _STEP * number + _SIDE / 2


def _kind(name, number):
    far = abs(number - 3)
    own = {"x": 0, "d": 0, "D": 1}.get(name)
    if own is not None and far <= own:
        return "orange"
    return "green" if {"d": 1, "D": 2}.get(name, -1) >= far else "thin"


def svg():
    parts = [text(384, 22, "one pixel of x, and the outputs that depend on it (n = 3)", "bold")]
    for name, y in _ROWS.items():
        parts += [text(70, y + _SIDE / 2, name, "bold")]
        for number in range(7):
            parts += cell(_LEFT + _STEP * number, y, _SIDE, "", _kind(name, number))
    for number in (2, 3, 4):  # to its own deviation, and to those of the windows whose mean it is in
        parts += arrow(_middle(3) - 6 * (3 - number), 96, _middle(number) + 8 * (3 - number), 136, "path-green")
    parts += arrow(_middle(3) - 12, 96, _middle(3) - 12, 136, "path-orange")
    for number in (1, 2, 3, 4, 5):
        for deviation in (2, 4):
            if abs(number - deviation) <= 1:
                parts += arrow(_middle(deviation), 186, _middle(number) + 5 * (deviation - number), 226, "path-green")
        if abs(number - 3) <= 1:
            parts += arrow(_middle(3) - 12, 186, _middle(number) - 12, 226, "path-orange")
        parts += arrow(
            _middle(number), 276, _middle(number), 316, "path-green" if abs(number - 3) > 1 else "path-orange"
        )
    bend = _middle(3) + 31
    parts += [line([(_middle(3) + 18, 96), (bend, 116), (bend, 296)], "path-blue")]
    parts += arrow(bend, 296, _middle(3) + 14, 317, "path-blue")
    parts += [text(110, 396, "blue: as the dividend, its own output only", "left")]
    parts += [text(110, 420, "orange: through its own deviation d, all windows that contain it", "left")]
    parts += [text(110, 444, "green: through the means of its neighbours, also windows that do not contain it", "left")]
    return sheet(760, 462, "Three ways of a pixel to the outputs of contrast normalisation", parts)
