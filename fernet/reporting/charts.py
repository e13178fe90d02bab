"""Charts of numbers against epochs, as SVG in the colours of the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import isfinite

from fernet.reporting.scales import Scale, whole_numbers

COLOURS = 8  # .line0 to .line7 in report.css; every third has the same dashes
_DASHES = ("", "6 3", "2 2.5")
_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM = 330, 196, 42, 10, 24  # in pixels
_LETTER, _LINE = 6.3, 13  # width of a letter and distance of two labels, in pixels
_LONGEST = 16  # letters of a label


@dataclass(frozen=True)
class Line:
    """`points` are epochs and values; `label` stands beside the end, `tip` is what the pointer shows."""

    points: Sequence[tuple[int, float]]
    tip: str
    label: str = ""


@dataclass(frozen=True)
class Mark:
    """A horizontal line at a value that the reader should know."""

    value: float
    text: str


def line_chart(alt: str, lines: Sequence[Line], scale: Scale, marks: Sequence[Mark] = ()) -> str:
    """The chart. Lines with labels have different colours and dashes, and a thin line leads to each label.

    Values that are not finite leave a gap at the ends of a line and are passed over within it.
    """
    drawn = [(line, [(n, v) for n, v in line.points if isfinite(v)]) for line in lines]
    drawn = [(line, points) for line, points in drawn if points]
    epochs = [n for _, points in drawn for n, _ in points] or [0]
    first, last = min(epochs), max(epochs)
    labels = [line.label for line, _ in drawn if line.label]
    right = 12 + max((_LETTER * min(len(label), _LONGEST) + 10 for label in labels), default=0)
    height = max(_HEIGHT, _TOP + _BOTTOM + _LINE * len(labels))

    def x(epoch: int) -> float:
        return _LEFT + (epoch - first) / max(last - first, 1) * (_WIDTH - _LEFT - right)

    def y(value: float) -> float:
        return _TOP + (1 - scale.height(value)) * (height - _TOP - _BOTTOM)

    ends = _spread([y(points[-1][1]) for line, points in drawn if line.label], _TOP, height - _BOTTOM)
    parts = [
        f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - right:.1f}" y1="{y(v):.1f}" y2="{y(v):.1f}"/>'
        f'<text x="{_LEFT - 6}" y="{y(v) + 4:.1f}" text-anchor="end">{text}</text>'
        for v, text in scale.ticks
    ]
    parts += [
        f'<text x="{x(n):.1f}" y="{height - 7}" text-anchor="middle">{n}</text>' for n in whole_numbers(first, last)
    ]
    parts += [f'<line class="mark" x1="{_LEFT}" x2="{_WIDTH - right:.1f}" y1="{y(m.value):.1f}" y2="{y(m.value):.1f}"/>' for m in marks]
    labelled = iter(ends)
    for number, (line, points) in enumerate(drawn):
        kind = f"line{number % COLOURS}" if line.label else "fold" if len(drawn) > 1 else "curve"
        dash = f' stroke-dasharray="{_DASHES[number % 3]}"' if line.label and number % 3 else ""
        path = " ".join(f"{x(n):.1f},{y(v):.1f}" for n, v in points)
        parts.append(f'<polyline class="{kind}" points="{path}"{dash}><title>{escape(line.tip)}</title></polyline>')
        if len(points) == 1:
            parts.append(f'<circle class="{kind} dot" r="3" cx="{x(points[0][0]):.1f}" cy="{y(points[0][1]):.1f}"/>')
        if line.label:
            end, (n, v) = next(labelled), points[-1]
            parts.append(
                f'<path class="{kind} leader" d="M{x(n) + 2:.1f},{y(v):.1f} L{_WIDTH - right + 10:.1f},{end:.1f}"/>'
                f'<text class="{kind} label" x="{_WIDTH - right + 13:.1f}" y="{end + 4:.1f}">'
                f"{escape(_short(line.label))}</text>"
            )
    parts += [
        f'<text class="mark" x="{_LEFT + 5}" y="{y(m.value) - 4:.1f}">{escape(m.text)}</text>'  # upon the lines
        for m in marks
    ]
    return f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{escape(alt)}">{"".join(parts)}</svg>'


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST else f"{label[: _LONGEST - 1]}…"


def _spread(heights: list[float], top: float, bottom: float) -> list[float]:
    """The heights, moved apart where labels would overlap, in the same order."""
    order = sorted(range(len(heights)), key=lambda i: heights[i])
    placed: list[float] = []
    for i in order:
        placed.append(max(heights[i], placed[-1] + _LINE if placed else top))
    limit = bottom
    for k in reversed(range(len(placed))):  # what was pushed out below goes back up
        placed[k] = min(placed[k], limit)
        limit = placed[k] - _LINE
    return [height for _, height in sorted(zip(order, placed, strict=True))]
