"""Charts of numbers against epochs, as SVG in the colours of the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from fernet.reporting.chart_labels import LETTER, LINE, free_place, spread
from fernet.reporting.scales import Scale, whole_numbers

_COLOURS = 8  # .line0 to .line7 in report.css
_DASHES = ("", ' stroke-dasharray="6 3"', ' stroke-dasharray="2 2.5"')
_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM = 330, 190, 44, 10, 24  # in pixels
_LONGEST = 16  # letters of a label


@dataclass(frozen=True)
class Line:
    """`points` are epochs and values; `tip` is what the pointer shows.

    A `label` stands beside the end, with a thin line that leads to it; such lines differ in colour and dashes, and
    `style` numbers these, so that a line looks the same in several charts.
    """

    points: Sequence[tuple[int, float]]
    tip: str
    label: str = ""
    style: int = 0


@dataclass(frozen=True)
class Mark:
    """A horizontal line at a value that the reader should know."""

    value: float
    text: str


def line_chart(alt: str, lines: Sequence[Line], scale: Scale, marks: Sequence[Mark] = ()) -> str:
    """The chart of at least one line; every line has at least one point, and all numbers are finite."""
    epochs = [number for line in lines for number, _ in line.points]
    first, last = min(epochs), max(epochs)
    labels = [_short(line.label) for line in lines if line.label]
    right = _WIDTH - (12 + max((LETTER * len(label) + 10 for label in labels), default=0))
    height = max(_HEIGHT, _TOP + _BOTTOM + LINE * len(labels))
    bottom = height - _BOTTOM

    def x(epoch: int) -> float:
        return _LEFT + (epoch - first) / max(last - first, 1) * (right - _LEFT)

    def y(value: float) -> float:
        return _TOP + (1 - scale.height(value)) * (bottom - _TOP)

    def across(kind: str, value: float) -> str:
        return f'<line class="{kind}" x1="{_LEFT}" x2="{right:.1f}" y1="{y(value):.1f}" y2="{y(value):.1f}"/>'

    parts = [
        f'{across("grid", value)}<text x="{_LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{text}</text>'
        for value, text in scale.ticks
    ]
    parts.append(f'<text x="{_LEFT - 9}" y="{height - 7}" text-anchor="end">epoch</text>')
    parts += [
        f'<text x="{x(number):.1f}" y="{height - 7}" text-anchor="middle">{number}</text>'
        for number in whole_numbers(first, last)
    ]
    parts += [across("mark", mark.value) for mark in marks]
    curves = [[(x(number), y(value)) for number, value in line.points] for line in lines]
    ends = iter(spread([curve[-1][1] for line, curve in zip(lines, curves, strict=True) if line.label], _TOP, bottom))
    for line, curve in zip(lines, curves, strict=True):
        kind = f"line{line.style % _COLOURS}" if line.label else "fold" if len(lines) > 1 else "curve"
        dashes = _DASHES[line.style % len(_DASHES)] if line.label else ""
        path = " ".join(f"{a:.1f},{b:.1f}" for a, b in curve)
        parts.append(f'<polyline class="{kind}" points="{path}"{dashes}><title>{escape(line.tip)}</title></polyline>')
        if len(curve) == 1:
            parts.append(f'<circle class="{kind} dot" r="3" cx="{curve[0][0]:.1f}" cy="{curve[0][1]:.1f}"/>')
        if line.label:
            (a, b), end = curve[-1], next(ends)
            parts.append(
                f'<path class="{kind} leader" d="M{a + 2:.1f},{b:.1f} L{right + 10:.1f},{end:.1f}"/>'
                f'<text class="label" x="{right + 13:.1f}" y="{end + 4:.1f}">{escape(_short(line.label))}</text>'
            )
    for mark in marks:
        others = [y(other.value) for other in marks if other is not mark]
        a, b = free_place(mark.text, y(mark.value), curves, others, (_LEFT, right, _TOP, bottom))
        parts.append(f'<text class="mark" x="{a:.1f}" y="{b:.1f}">{escape(mark.text)}</text>')
    return f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{escape(alt)}">{"".join(parts)}</svg>'


def titled_chart(title: str, chart: str, more: str = "") -> str:
    """A chart below its title, to which `more` adds in smaller type."""
    return f"<figure><figcaption><strong>{escape(title)}</strong> {escape(more)}</figcaption>{chart}</figure>"


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST else f"{label[: _LONGEST - 1]}…"
