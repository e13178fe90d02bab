"""Forward, an output reads nine pixels; backward, a pixel is read by nine outputs, through the weights in reverse."""

from sheet import arrow, cell, sheet, text

_SIDE, _TOP = 44, 96


def _grid(left, corner, label, kind, letters):
    parts = []
    for row in range(5):
        for column in range(5):
            r, s = row - corner, column - corner
            inside = 0 <= r < 3 and 0 <= s < 3
            place = left + _SIDE * column, _TOP + _SIDE * row, _SIDE
            parts += cell(*place, f"W{label(r, s)}" if inside else "", kind if inside else "thin")
    for number in range(3):
        row, column = (letter.format(number, 2 - number) for letter in letters)
        middle = _SIDE * (corner + number) + _SIDE / 2
        parts += [text(left - 22, _TOP + middle, row, "small"), text(left + middle, _TOP - 14, column, "small")]
    return parts


def svg():
    parts = [
        text(200, 20, "Forward", "bold"),
        text(200, 48, "output (p, q) reads pixel (p+r, q+s) by Wrs"),
        *_grid(90, 1, lambda r, s: f"{r}{s}", "blue", ("p+{0}", "q+{0}")),
        text(200, 340, "x: the pixels that one output reads"),
        text(600, 20, "Backward", "bold"),
        text(600, 48, "pixel (i, j) is read by output (i-r, j-s) by Wrs"),
        *_grid(490, 1, lambda r, s: f"{2 - r}{2 - s}", "orange", ("i-{1}", "j-{1}")),
        text(600, 340, "dy: the outputs that read one pixel"),
        *arrow(345, 206, 425, 206),
        text(385, 186, "i = p + r", "small"),
        text(385, 226, "p = i - r", "small"),
    ]
    return sheet(800, 365, "The window of an output, and the outputs that use a pixel", parts)
