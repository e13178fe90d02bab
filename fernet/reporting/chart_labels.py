"""Where the labels of a chart stand, so that they hide neither each other nor the curves."""

from collections.abc import Sequence
from itertools import pairwise

LETTER, LINE = 7, 13  # width of a letter and distance of two labels, in pixels

Curve = Sequence[tuple[float, float]]  # corners, in pixels, from left to right


def spread(heights: Sequence[float], top: float, bottom: float) -> list[float]:
    """The heights, moved apart where labels would overlap, in the same order."""
    order = sorted(range(len(heights)), key=lambda i: heights[i])
    placed: list[float] = []
    for i in order:
        placed.append(max(heights[i], placed[-1] + LINE if placed else top))
    limit = bottom
    for k in reversed(range(len(placed))):  # what was pushed out below goes back up
        placed[k] = min(placed[k], limit)
        limit = placed[k] - LINE
    return [height for _, height in sorted(zip(order, placed, strict=True))]


def free_place(
    text: str, line: float, curves: Sequence[Curve], others: Sequence[float], box: tuple[float, float, float, float]
) -> tuple[float, float]:
    """Left end and base line of a text above or below the horizontal at `line`, as far from the curves as possible.

    `others` are further horizontals that the text must not touch; `box` is the area of the chart: left, right, top and
    bottom.
    """
    left, right, top, bottom = box
    width = LETTER * len(text)
    places = [
        (start, base)
        for base in (line - 4, line + 12)
        if top - 4 <= base - 8 and base <= bottom
        for start in (left + 4, (left + right - width) / 2, right - width - 4)
    ] or [(left + 4, line + 12)]

    def distance(place: tuple[float, float]) -> float:
        start, middle = place[0], place[1] - 4
        found = [abs(middle - other) for other in others]
        for curve in curves:
            heights = [_height(curve, start + width * k / 8) for k in range(9)]
            for one, other in pairwise(heights):  # the curve may pass through the text between two of them
                if one is not None and other is not None:
                    found.append(max(min(one, other) - middle, middle - max(one, other), 0.0))
        return min(found, default=0.0)

    return max(places, key=distance)


def _height(curve: Curve, x: float) -> float | None:
    """Where the curve is at x; None outside of it."""
    for (x0, y0), (x1, y1) in pairwise(curve):
        if x0 <= x <= x1 and x1 > x0:
            return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    return None
