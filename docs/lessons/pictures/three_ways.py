"""Contrast normalisation: a pixel as dividend, through its own deviation, and through the means that it is part of."""

from sheet import arrow, box, cell, line, sheet, text

_LEFT, _STEP, _SIDE, _ROWS = 110, 84, 44, {"x": 50, "d": 140, "D": 230, "y": 320}
_REACH = {"orange": {"x": 0, "d": 0, "D": 1}, "green": {"d": 1, "D": 2}}  # how far from the pixel each way leads


def _middle(number):
    return _LEFT + _STEP * number + _SIDE / 2


def _cell(name, number):
    """A cell in the colours of the ways that lead to it: two halves for two."""
    kinds = [kind for kind, reach in _REACH.items() if abs(number - 3) <= reach.get(name, -1)]
    x, y = _LEFT + _STEP * number, _ROWS[name]
    if len(kinds) < 2:
        return cell(x, y, _SIDE, "", kinds[0] if kinds else "thin")
    return [box(x + side * _SIDE / 2, y, _SIDE / 2, _SIDE, kind) for side, kind in enumerate(kinds)]


def _from_deviation(number, to, shift, kind):
    """From d to D; each source has its place at the upper edge of a D, each target its own below a d."""
    x = _middle(number) + 11 * (to - number) + shift
    return arrow(x, 186, _middle(to) + 14 * (number - to) + shift, 226, kind)


def svg():
    parts = [text(384, 22, "one pixel of x, and the outputs that depend on it (windows of 3)", "bold")]
    for name, y in _ROWS.items():
        parts.append(text(70, y + _SIDE / 2, name, "bold"))
        for number in range(7):
            parts += _cell(name, number)
    for number, start in ((2, -14), (3, 5), (4, 14)):  # to the deviations from the means that it is part of
        parts += arrow(_middle(3) + start, 96, _middle(number) + (5 if number == 3 else 0), 136, "path-green")
    parts += arrow(_middle(3) - 5, 96, _middle(3) - 5, 136, "path-orange")
    for number in (2, 3, 4):
        for to in (number - 1, number, number + 1):
            parts += _from_deviation(number, to, 4 if number == 3 else 0, "path-green")
        parts += _from_deviation(3, number, -4, "path-orange")
        parts += arrow(_middle(number) - 6, 276, _middle(number) - 6, 316, "path-orange")
    for number in range(1, 6):
        x = _middle(number) + (6 if 2 <= number <= 4 else 0)
        parts += arrow(x, 276, x, 316, "path-green")
    bend = _middle(3) + _STEP / 2
    parts.append(line([(_middle(3) + 22, 72), (bend, 72), (bend, 342)], "path-blue"))
    parts += arrow(bend, 342, _middle(3) + 26, 342, "path-blue")
    parts += [text(110, 396, "blue: as the dividend, its own output only", "left")]
    parts += [text(110, 420, "orange: through its own deviation d, all windows that contain it", "left")]
    parts += [text(110, 444, "green: through the mean of every window that contains it, its own included", "left")]
    return sheet(760, 462, "Three ways of a pixel to the outputs of contrast normalisation", parts)
