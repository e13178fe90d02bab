"""Normalisation across maps."""

import re
from dataclasses import replace

from fernet.exercises.subjects.divisor import ONE_AXIS, WRONG_AXIS
from fernet.exercises.subjects.response import HINTS, Response


def _for_maps(text):
    """A sentence on pixels p and q in the letters of this page: maps m and c."""
    text = re.sub(r"(?<![a-zA-Z])q\b", "c", re.sub(r"(?<![a-zA-Z])p\b", "m", text))
    return (
        text.replace("number of places", "number of maps")
        .replace("the whole map;", "all maps;")
        .replace("places", "maps")
    )


class Across(Response):
    name, title, lesson = "across", "normalisation across maps", 9
    source, solved_by = "fernet.layers.response_norm", "AcrossMapsNorm"
    shapes = (
        {"N": 2, "H": 3, "width": 4, "C": 7, "n": 4, "power": 0.75},
        {"N": 3, "H": 2, "width": 3, "C": 6, "n": 3, "power": 0.6},
        {"N": 4, "H": 3, "width": 2, "C": 8, "n": 2, "power": 0.85},
        {"N": 1, "H": 2, "width": 3, "C": 5, "n": 5, "power": 0.5},
        {"N": 2, "H": 3, "width": 4, "C": 2, "n": 1, "power": 0.75},
    )
    slips = tuple(
        replace(slip, text=_for_maps(slip.text))
        for slip in (*(slip for slip in Response.slips if slip not in ONE_AXIS), *WRONG_AXIS)
    )
    hints = (
        "dx, dy, x and D have one shape, (N, H, W, C). sum_across keeps it.",
        *map(_for_maps, HINTS),
        "inner = sum_across(dy * x * D ** (-power - 1), n, n - 1 - n // 2)\n"
        "dx = dy * D**-power - 2 * power * alpha * x * inner",
    )
    window_axes = (3,)

    def window_sum(self, x, n, before):
        return self.page.sum_across(x, n, before)
