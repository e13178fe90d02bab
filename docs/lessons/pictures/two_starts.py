"""Dead maps and loss after each of the steps that lesson 12 prints, for two variances of the initial weights."""

import re
from pathlib import Path

from sheet import dot, line, sheet, text

_PAGE = Path(__file__).parents[1] / "12-will-it-train.md"
_LEFT, _WIDTH, _TOP, _HEIGHT, _STEPS = 60, 270, 50, 190, 60


def _runs():
    """(step, loss, dead maps) of both runs, from the output on the page."""
    rows = re.findall(r"^step +(\d+) +loss +([\d.]+) .*dead maps +(\d+) of", _PAGE.read_text("utf-8"), re.MULTILINE)
    rows = [(int(step), float(loss), int(dead)) for step, loss, dead in rows]
    return rows[: len(rows) // 2], rows[len(rows) // 2 :]


def _chart(left, title, number, top, marks):
    def place(step, value):
        return round(left + _WIDTH * step / _STEPS, 1), round(_TOP + _HEIGHT * (1 - value / top), 1)

    parts = [text(left + _WIDTH / 2, 24, title, "bold"), line([place(0, top), place(0, 0), place(_STEPS, 0)])]
    for step in (0, 20, 40, 60):
        parts += [text(place(step, 0)[0], _TOP + _HEIGHT + 16, str(step), "small")]
    for value, label in marks:
        parts += [
            text(left - 22, place(0, value)[1], label, "small"),
            line([place(0, value), place(_STEPS, value)], "thin"),
        ]
    for run, kind in zip(_runs(), ("dot-orange", "dot-blue"), strict=True):
        parts += [dot(*place(row[0], row[number]), kind) for row in run]
    return parts


def svg():
    parts = _chart(_LEFT, "dead maps of 32", 2, 32, ((0, "0"), (16, "16"), (32, "32")))
    parts += _chart(430, "loss", 1, 15, ((0, "0"), (1.946, "log 7"), (15, "15")))
    parts += [text(380, 275, "step", "small")]
    parts += [dot(85, 302, "dot-orange"), text(110, 302, "variance 2 / inputs (He)", "left")]
    parts += [dot(445, 302, "dot-blue"), text(470, 302, "variance 1 / (2 inputs)", "left")]
    return sheet(740, 322, "Dead maps and loss for two variances of the initial weights", parts)
