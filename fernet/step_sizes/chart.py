"""The curves as an SVG picture: logarithmic axes, guides of the slopes 2 and -1, kinks below; light and dark."""

from html import escape
from math import log10

from fernet.gradcheck import STEP, TOLERANCE
from fernet.step_sizes.curves import STEPS, Curve, Point
from fernet.step_sizes.words import best, is_linear, is_wrong, power, truncation

_WIDTH, _HEIGHT = 760, 520  # pixels
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 22, 78, 72  # margins of the plot
_HIGHEST, _LOWEST = 2, -17  # powers of ten on the axis of the error
_BESIDE = 8  # by which a guide lies below its curve, as a factor
_STYLE = """
svg { --paper: #fff; --ink: #1d2530; --quiet: #5a6675; --line: #e3e7ec; --one: #1763b6; --other: #b4530a; }
@media (prefers-color-scheme: dark) {
  svg { --paper: #14181e; --ink: #e8ecf1; --quiet: #a3aebb; --line: #2b323b; --one: #7cb8f7; --other: #f2a65a; }
}
text { font: 13px system-ui, sans-serif; fill: var(--quiet); paint-order: stroke; stroke: var(--paper); }
text { stroke-width: 4px; stroke-linejoin: round; } .title { font-size: 16px; font-weight: 600; fill: var(--ink); }
.paper { fill: var(--paper); } line, polyline { fill: none; stroke-width: 1; } .grid { stroke: var(--line); }
.guide { stroke: var(--ink); stroke-dasharray: 6 4; } .rule { stroke: var(--quiet); stroke-dasharray: 2 3; }
.curve { stroke-width: 2; } .one { stroke: var(--one); } .other { stroke: var(--other); }
.all { stroke-dasharray: 3 3; }
circle.one { fill: var(--one); } rect.other { fill: var(--other); } .strong { fill: var(--ink); }
"""


def svg(float64: Curve, float32: Curve) -> str:
    """The picture as text."""
    kinks = any(point.kinks for point in float64.points)
    title = f"{float64.subject}: error of a central difference against its step h"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img">',
        f"<title>{escape(title)}</title><desc>{escape(_remark(float64))}</desc><style>{_STYLE}</style>",
        f'<rect class="paper" width="{_WIDTH}" height="{_HEIGHT}" rx="10"/>',
        _svg_text(_LEFT, 27, title, "title"),
        _svg_text(_LEFT, 48, _remark(float64)),
        _grid(),
        _rules(),
        _kinks(float64) if kinks else "",
        _with_kinks(float64) if kinks else "",
        _curve(float32, "other"),
        _curve(float64, "one"),
        _guides(float64),
        _legend(kinks),
        "</svg>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def _x(step: float) -> float:
    return _LEFT + (log10(step) + len(STEPS) - 1) / (len(STEPS) - 1) * (_WIDTH - _LEFT - _RIGHT)


def _y(error: float) -> float:
    exponent = min(max(log10(max(error, 1e-300)), _LOWEST), _HIGHEST)
    return _TOP + (_HIGHEST - exponent) / (_HIGHEST - _LOWEST) * (_HEIGHT - _TOP - _BOTTOM)


def _svg_text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    own = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{own}>{escape(words)}</text>'


def _line(kind: str, x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _remark(curve: Curve) -> str:
    if is_wrong(curve):
        return f"a wrong gradient: in float64 the error never falls below {best(curve).error:.1e}"
    if is_linear(curve):
        where = "between its kinks" if any(point.kinks for point in curve.points) else "in each value"
        return f"linear {where}: no truncation, the whole error is rounding"
    return f"best in float64: {best(curve).error:.1e} at h = {power(best(curve).step)}"


def _grid() -> str:
    bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    parts = []
    for step in STEPS:
        parts.append(_line("grid", _x(step), _TOP, _x(step), bottom))
        parts.append(_svg_text(_x(step), bottom + 18, power(step), anchor="middle"))
    for exponent in range(_LOWEST + 1, _HIGHEST, 2):
        y = _y(10.0**exponent)
        parts.append(_line("grid", _LEFT, y, right, y))
        parts.append(_svg_text(_LEFT - 8, y + 4, power(10.0**exponent), anchor="end"))
    parts.append(_svg_text(_LEFT - 8, _TOP - 4, "error", "strong", "end"))
    return "".join(parts) + _svg_text(_LEFT - 28, bottom + 18, "h", "strong", "end")


def _rules() -> str:
    """The step and the tolerance of `gradcheck`."""
    x, y = _x(STEP), _y(TOLERANCE)
    return (
        _line("rule", x, _TOP, x, _HEIGHT - _BOTTOM)
        + _svg_text(x + 6, _TOP + 13, "gradcheck's step")
        + _line("rule", _LEFT, y, _WIDTH - _RIGHT, y)
        + _svg_text(_LEFT + 6, y + 15, "tolerance")
    )


def _points(points: list[tuple[float, float]]) -> str:
    return " ".join(f"{_x(step):.1f},{_y(error):.1f}" for step, error in points)


def _curve(curve: Curve, kind: str) -> str:
    known = [(point.step, point.error) for point in curve.points if point.error is not None]
    marks = [
        f'<circle class="{kind}" r="3.5" cx="{_x(step):.1f}" cy="{_y(error):.1f}"/>'
        if kind == "one"
        else f'<rect class="{kind}" width="6" height="6" x="{_x(step) - 3:.1f}" y="{_y(error) - 3:.1f}"/>'
        for step, error in known
    ]
    return f'<polyline class="curve {kind}" points="{_points(known)}"/>' + "".join(marks)


def _with_kinks(curve: Curve) -> str:
    """The error if values at kinks were not left out, as far as there are any, down to the point below them."""
    last = max(place for place, point in enumerate(curve.points) if point.kinks)
    points = [(point.step, point.with_kinks) for point in curve.points[: last + 2]]
    return f'<polyline class="curve one all" points="{_points(points)}"/>'


def _kinks(curve: Curve) -> str:
    y = _HEIGHT - _BOTTOM + 40
    counts = "".join(_svg_text(_x(point.step), y, str(point.kinks), anchor="middle") for point in curve.points)
    return _svg_text(_LEFT - 24, y, "kinks", "strong", "end") + counts


def _guides(curve: Curve) -> str:
    if is_wrong(curve):
        return ""
    parts = []
    if stretch := truncation(curve):
        parts.append(_guide(*stretch, 2, "slope 2: truncation", "start"))
    rounding = [point for point in curve.points if 1e-9 <= point.step <= 1e-7 and point.error]
    if len(rounding) > 1:
        parts.append(_guide(rounding[0], rounding[-1], -1, "slope −1: rounding", "end"))
    return "".join(parts)


def _guide(one: Point, other: Point, slope: int, words: str, anchor: str) -> str:
    """A line of this slope between the steps of two points, below the curve, and its name below its middle."""
    lowest = min(point.error / point.step**slope for point in (one, other)) / _BESIDE
    middle = (one.step * other.step) ** 0.5
    ends = [(point.step, lowest * point.step**slope) for point in (one, other)]
    beside = 12 if anchor == "start" else -12
    return _line("guide", *(at for step, error in ends for at in (_x(step), _y(error)))) + _svg_text(
        _x(middle) + beside, _y(lowest * middle**slope) + 14, words, "strong", anchor
    )


def _legend(kinks: bool) -> str:
    y, names = _HEIGHT - 12, [("one", "float64"), ("other", "float32")]
    if kinks:
        names.append(("one all", "float64, with the values at kinks"))
    parts, x = [], float(_LEFT)
    for kind, name in names:
        parts.append(_line(f"curve {kind}", x, y - 4, x + 26, y - 4) + _svg_text(x + 34, y, name, "strong"))
        x += 120
    return "".join(parts)
