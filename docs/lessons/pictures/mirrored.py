"""The window of a map (n = 4), and the maps in whose windows it lies: the same offsets with the opposite sign."""

from sheet import arrow, cell, sheet, text

_LEFT, _SIDE = 60, 56


def _row(y, kind, name, first, last):
    parts = []
    for number in range(-4, 5):
        x = _LEFT + _SIDE * (number + 4)
        label = name if number == 0 else f"{name}{number:+d}".replace("-", "−")
        parts += cell(x, y, _SIDE, label, kind if first <= number <= last else "thin")
    return parts


def _arrows(y, to_y, kind, offsets, backward=False):
    """From the middle to the maps at these offsets, or from these to the middle."""
    middle, parts = _LEFT + _SIDE * 4.5, []
    for offset in offsets:
        ends = [(middle, y), (middle + _SIDE * offset, to_y)]
        (x, from_y), (to_x, end_y) = reversed(ends) if backward else ends
        parts += arrow(x, from_y, to_x, end_y, kind)
    return parts


def svg():
    parts = [text(312, 22, "Forward: map m looks at two maps back and one ahead", "bold")]
    parts += [text(312, 48, "m"), *_arrows(60, 86, "path-blue", (-2, -1, 0, 1)), *_row(90, "blue", "m", -2, 1)]
    parts += [text(312, 190, "Backward: the maps that look at map c are one back and two ahead", "bold")]
    parts += [*_row(212, "orange", "c", -1, 2), text(312, 312, "c")]
    parts += _arrows(298, 272, "path-orange", (-1, 0, 1, 2), backward=True)
    return sheet(624, 330, "A window of four maps, and the mirrored window", parts)
