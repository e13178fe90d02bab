"""Response normalisation: a pixel as the dividend of its own output, and in the divisors around it."""

from sheet import arrow, cell, line, sheet, text

_LEFT, _STEP, _SIDE = 130, 100, 54


def svg():
    rows = (("x", 60, "thin"), ("D", 160, "thin"), ("y", 260, "thin"))
    parts = []
    for name, y, kind in rows:
        parts += [text(70, y + _SIDE / 2, name, "bold")]
        for number in range(5):
            touched = (name == "x" and number == 2) or (name == "D" and 1 <= number <= 3)
            words = "x²" if name == "D" and 1 <= number <= 3 else ""
            parts += cell(_LEFT + _STEP * number, y, _SIDE, words, "orange" if touched else kind)
    middle = _LEFT + 2 * _STEP + _SIDE / 2
    for number in (1, 2, 3):
        x = _LEFT + _STEP * number + _SIDE / 2
        parts += arrow(middle + (number - 2) * 14, 118, x - 8, 156, "path-orange")
        parts += arrow(x - 8, 218, x - 8, 256, "path-orange")
    bend = middle + 40
    parts += [line([(middle + 29, 118), (bend, 140), (bend, 218)], "path-blue")]
    parts += arrow(bend, 218, middle + 24, 256, "path-blue")
    parts += [text(340, 22, "one pixel of x, and the outputs that depend on it (windows of 3)", "bold")]
    parts += [text(150, 345, "blue: as the dividend, its own output only", "left")]
    parts += [text(150, 370, "orange: through the divisors of all windows that contain it", "left")]
    return sheet(680, 390, "A pixel acts as a dividend, and through the divisors of all windows that contain it", parts)
