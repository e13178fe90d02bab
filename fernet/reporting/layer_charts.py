"""What the layers of a run did, as small charts: one for each quantity and network, one line for each layer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from fernet.reporting.charts import Line, Mark, line_chart, titled_chart
from fernet.reporting.html_tables import html_table
from fernet.reporting.scales import Scale, logarithmic, power_of_ten, shares
from fernet.training.layer_statistics import LayerRow

_UPDATES = (Mark(1e-3, f"{power_of_ten(-3)} is usual"), Mark(1e-2, f"{power_of_ten(-2)} is large"))


@dataclass(frozen=True)
class _Quantity:
    title: str
    value: Callable[[LayerRow], float | None]
    scale: Callable[[Sequence[float]], Scale]
    text: Callable[[float], str]
    marks: tuple[Mark, ...] = ()


def dead_share(row: LayerRow) -> float | None:
    """The share of the layer's units that never fire on the probe."""
    return row.dead / row.units if row.dead is not None and row.units else None


_ZEROS = _Quantity("Share of activations that are zero", lambda row: row.zeros, lambda _: shares(), "{:.1%}".format)
_DEAD = _Quantity("Share of units that never fire", dead_share, lambda _: shares(), "{:.1%}".format)
_OTHERS = (
    _Quantity("Standard deviation of the activations", lambda row: row.deviation, logarithmic, "{:.3g}".format),
    _Quantity("Norm of the gradient", lambda row: row.gradient, logarithmic, "{:.3g}".format),
    _Quantity(
        "Update/weight",
        lambda row: row.update,
        lambda values: logarithmic([*values, *(mark.value for mark in _UPDATES)]),
        "{:.2g}".format,
        _UPDATES,
    ),
)


def layer_charts(name: str, rows: Sequence[LayerRow]) -> str:
    """The charts of one network, of which `rows` are all, and the numbers after the last epoch as a table."""
    layers: dict[str, list[LayerRow]] = {}
    for row in rows:
        layers.setdefault(row.layer, []).append(row)
    charts = [_chart(name, quantity, layers) for quantity in (_ZEROS, _DEAD, *_OTHERS)]
    return f'<div class="charts">{"".join(charts)}</div>{_last_numbers(name, layers)}'


def _chart(name: str, quantity: _Quantity, layers: dict[str, list[LayerRow]]) -> str:
    """Empty if the quantity is not defined for any of the layers."""
    lines = []
    for number, (layer, rows) in enumerate(layers.items()):
        points = [(row.epoch, value) for row in rows if (value := quantity.value(row)) is not None]
        if points:
            lines.append(Line(points, f"{layer}: {quantity.text(points[-1][1])} at the end", layer, number))
    if not lines:
        return ""
    values = [value for line in lines for _, value in line.points]
    scale = quantity.scale(values)
    more = "0 is at the lower edge" if scale.logarithmic and not min(values) > 0 else ""
    chart = line_chart(f"{quantity.title}, {name}, by layer and epoch", lines, scale, quantity.marks)
    return titled_chart(quantity.title, chart, more)


def _last_numbers(name: str, layers: dict[str, list[LayerRow]]) -> str:
    rows = []
    for layer, own in layers.items():
        last = own[-1]
        dead = "" if last.dead is None else f"{last.dead} of {last.units}"
        values = ((quantity, quantity.value(last)) for quantity in (_ZEROS, *_OTHERS))
        rows.append((layer, dead, *("" if value is None else quantity.text(value) for quantity, value in values)))
    epoch = max(own[-1].epoch for own in layers.values())
    header = ("Layer", "Never fire", "Zeros", "Deviation", "Gradient", "Update/weight")
    return (
        f"<details><summary>{escape(name)}: numbers after epoch {epoch}</summary>{html_table(header, rows)}</details>"
    )
