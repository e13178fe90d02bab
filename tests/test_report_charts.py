"""The charts of a report: round ticks, labels that hide nothing, and pages that a browser shows as intended."""

import re
from itertools import pairwise

import pytest

from fernet.experiments.tasks import TASKS
from fernet.progress import SILENT
from fernet.reporting.chart_labels import free_place, spread
from fernet.reporting.charts import Line, Mark, line_chart
from fernet.reporting.layer_charts import layer_charts
from fernet.reporting.run_report import run_report
from fernet.reporting.saved_run import load_run
from fernet.reporting.scales import from_zero, logarithmic, shares, whole_numbers
from fernet.reporting.training_charts import learning_rates, loss_chart
from fernet.training.fit import Epoch
from fernet.training.layer_statistics import LayerRow


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([0.3, 2.18], ["0", "0.5", "1", "1.5", "2", "2.5"]),
        ([0.0421], ["0", "0.01", "0.02", "0.03", "0.04", "0.05"]),
        ([0.0], ["0", "0.2", "0.4", "0.6", "0.8", "1"]),
        ([5.0], ["0", "1", "2", "3", "4", "5"]),
    ],
)
def test_a_linear_scale_ends_at_a_round_number(values, ticks):
    scale = from_zero(values)
    assert [text for _, text in scale.ticks] == ticks
    assert scale.height(0) == 0
    assert 0 <= scale.height(max(values)) <= 1


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([2e-4, 0.03], ["10⁻⁴", "10⁻³", "10⁻²", "10⁻¹"]),
        ([0.12, 0.7], ["0.1", "0.2", "0.5", "1"]),
        ([3.0, 3.0], ["2", "5"]),
        ([1e-12, 1e3], ["10⁻¹²", "10⁻⁹", "10⁻⁶", "10⁻³", "1", "10³"]),
        ([0.0, 0.0], ["1", "2"]),
        ([0.0, 0.01, 0.01], ["0.01", "0.02"]),
    ],
)
def test_a_logarithmic_scale_encloses_all_positive_values(values, ticks):
    scale = logarithmic(values)
    assert [text for _, text in scale.ticks] == ticks
    assert scale.low <= min((v for v in values if v > 0), default=1) <= max(values + [1] * (max(values) == 0))
    assert max(values) <= scale.high * (1 + 1e-9)
    heights = [scale.height(value) for value, _ in scale.ticks]
    assert heights == sorted(heights)
    assert scale.height(0) == 0  # at the lower edge
    assert scale.height((scale.low * scale.high) ** 0.5) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("ends", "numbers"),
    [((0, 8), [0, 2, 4, 6, 8]), ((1, 40), [1, 10, 20, 30, 40]), ((1, 1), [1]), ((0, 1), [0, 1]), ((1, 3), [1, 2, 3])],
)
def test_epochs_below_a_chart(ends, numbers):
    assert whole_numbers(*ends) == numbers


def test_labels_stay_apart_within_the_chart_and_in_order():
    heights = [100, 100, 20, 101, 166, 166, 21]
    placed = spread(heights, 10, 166)
    assert all(b - a >= 13 for a, b in pairwise(sorted(placed)))
    assert min(placed) >= 10
    assert max(placed) <= 166
    assert sorted(range(7), key=lambda i: (heights[i], i)) == sorted(range(7), key=lambda i: placed[i])
    assert spread([50, 90], 10, 166) == [50, 90]


@pytest.mark.parametrize(
    ("curve", "left", "above"),
    [
        ([(0, 95), (300, 30)], True, True),  # crosses the mark, at 50, on the right
        ([(0, 5), (300, 70)], True, False),
        ([(0, 48), (200, 48), (201, 0), (300, 0)], False, False),
    ],
)
def test_the_text_of_a_mark_keeps_away_from_curves(curve, left, above):
    start, base = free_place("a guess: 1.95", 50, [curve], [], (0, 300, 0, 100))
    assert (start < 10, base < 50) == (left, above)


def test_lines_are_told_apart_without_colour():
    lines = [Line([(0, 0.1), (1, 0.2)], "tip", f"layer{n}", n) for n in range(24)]
    svg = line_chart("alt", lines, shares(), [Mark(0.5, "half")])
    looks = re.findall(r'<polyline class="(\w+)" points="[^"]*"( stroke-dasharray="[^"]*")?>', svg)
    assert len(looks) == len(set(looks)) == 24
    assert all(a[1] != b[1] for a, b in pairwise(looks))
    assert all(f">layer{n}</text>" in svg for n in range(24))
    one = line_chart("alt", lines[5:6], shares())  # the same look where others are missing
    assert re.findall(r'<polyline class="(\w+)" points="[^"]*"( stroke-dasharray="[^"]*")?>', one) == looks[5:6]


def test_the_loss_of_a_guess_is_marked_unless_it_is_far_above():
    epochs = [Epoch(1, 0.9, 0.5, 0.01, 1.0)]
    assert ">1.5</text>" in loss_chart("DTAN", epochs, 1.1)  # the scale has room for it
    assert "a guess: 1.10" in loss_chart("DTAN", epochs, 1.1)
    assert "a guess" not in loss_chart("DTAN", epochs, 1.95)
    assert "a guess" not in loss_chart("DTAN", epochs, None)


def test_learning_rates_in_words():
    def rates(*values):
        return learning_rates([Epoch(n, 1.0, 0.5, value, 1.0) for n, value in enumerate(values, 1)])

    assert rates(0.01, 0.01) == "0.01"
    assert rates(0.005, 0.01, 0.001) == "0.005, 0.01 from epoch 2 on, 0.001 from epoch 3 on"
    assert rates(0.001, 0.002, 0.003, 0.0002) == "0.0002 to 0.003, 0.0002 in epoch 4"


def test_a_layer_looks_the_same_in_every_chart_of_its_network():
    rows = [LayerRow("dtan", 1, "pool1", zeros=0.5), LayerRow("dtan", 1, "conv1", 4, 1, 0.5, 1.0, 1.0, 1.0, 1.0)]
    looks = re.findall(r'class="(\w+)" points="[^"]*"[^>]*><title>conv1', layer_charts("DTAN", rows))
    assert looks == ["line1"] * 5


def test_a_gradient_of_zero_is_drawn_at_the_lower_edge():
    rows = [LayerRow("dtan", n, "conv1", 4, 4, 1.0, 0.0, 0.0, 0.0, 0.0) for n in range(3)]
    text = layer_charts("DTAN", rows)
    assert text.count("0 is at the lower edge") == 3
    assert "4 of 4" in text


# In a browser


@pytest.fixture(scope="module")
def run_page(finished_run, tmp_path_factory):
    """The report of a task, with the charts of a network of many layers beside its own."""
    path = tmp_path_factory.mktemp("page") / "report.html"
    rows = [
        LayerRow("dtan", epoch, name, 64, 32, 0.5, 1.0, 10.0 ** (number % 2), 1e-3, 1e-3, None)
        for epoch in range(9)
        for number, name in enumerate(["conv1", "norm1", "pool1", "conv2", "fc1", "fc2", "softmax", "a" * 99, "fc9"])
    ]
    text = run_report(load_run(finished_run / TASKS / "dtagn-seed0-fold0", SILENT))
    assert text.count("</main>") == 1
    path.write_text(text.replace("</main>", f"{layer_charts('Many', rows)}</main>"), encoding="utf-8")
    return path


FAULTS = """
[...document.querySelectorAll("svg")].flatMap(svg => {
  const chart = svg.getBoundingClientRect();
  const texts = [...svg.querySelectorAll("text")].map(one => [one.textContent, one.getBoundingClientRect()]);
  const outside = ([_, a]) =>
    a.left < chart.left - 1 || a.right > chart.right + 1 || a.top < chart.top - 4 || a.bottom > chart.bottom + 4;
  const meet = ([_, a], [__, b]) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 &&
    Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4;
  const faults = texts.filter(outside).map(([text]) => `${text} leaves the chart`);
  texts.forEach((a, i) => texts.slice(i + 1).filter(b => meet(a, b)).forEach(b => faults.push(`${a[0]} on ${b[0]}`)));
  return faults.map(fault => `${svg.getAttribute("aria-label")}: ${fault}`);
})
"""
LOOKS = "[...document.querySelectorAll('polyline')].map(one => [getComputedStyle(one)].map(s => s.stroke + s.fill)[0])"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 390])
def test_the_page_of_a_run_is_readable(browser, run_page, scheme, width):
    browser.errors.clear()
    browser.look(width, 900, scheme)
    browser.open(run_page.as_uri())
    assert browser.errors == []
    assert browser.evaluate("document.documentElement.scrollWidth") <= width
    assert browser.evaluate("document.querySelectorAll('svg').length") == 2 * 5 + 2 * 5 + 3 * 2 + 5
    assert browser.evaluate(FAULTS) == []
    edges = browser.evaluate("[...document.querySelectorAll('svg')].map(svg => svg.getBoundingClientRect().right)")
    assert max(edges) <= width
    assert browser.evaluate("[...document.images].every(image => image.complete && image.naturalWidth > 0)")
    assert all(look.endswith("none") and not look.startswith("none") for look in browser.evaluate(LOOKS))
