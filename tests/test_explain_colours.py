"""Text and controls of the page of `explain` stand out from what is behind them, in light and in dark mode."""

import pytest
from explain_page_reader import clip_of, model_of, open_page

from fernet.explain.page import explain_page

# Colour and background of every text that is seen, as (r, g, b) each; disabled controls are left out, as in WCAG.
PAIRS = """(() => {
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number), found = {};
  for (const one of document.querySelectorAll("body *")) {
    const own = [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || one.disabled || !one.offsetParent || one.closest("script, option, .unseen")) continue;
    let behind = one;
    while (behind && rgb(getComputedStyle(behind).backgroundColor)[3] === 0) behind = behind.parentElement;
    const colours = [getComputedStyle(one).color, getComputedStyle(behind ?? document.body).backgroundColor];
    found[colours.join(" on ")] = [...colours.map((colour) => rgb(colour).slice(0, 3)), one.outerHTML.slice(0, 80)];
  }
  return Object.values(found);
})()"""
VARIABLES = [
    "ink",
    "quiet",
    "accent",
    "orange",
    "blue",
    "edge",
    "paper",
    "card",
    "zero",
    "orange-bar",
    "blue-bar",
    "cursor",
    "cursor-edge",
]
TEXT, PART = 4.5, 3.0  # WCAG 2.2: text, and parts of controls


@pytest.fixture(scope="module")
def page_file(tmp_path_factory):
    model = model_of("I16-C(5,6)-L3-P2-FC12-S3", "D1176-FC9-S3", ("joint",))
    path = tmp_path_factory.mktemp("explain") / "page.html"
    path.write_text(explain_page(model, [clip_of(), clip_of(seed=5)], "page"), encoding="utf-8")
    return path


def luminance(colour):
    parts = [part / 255 for part in colour]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def variables(browser):
    script = f"{VARIABLES}.map(name => getComputedStyle(document.body).getPropertyValue('--' + name).trim())"
    return {
        name: tuple(int(value[at : at + 2], 16) for at in (1, 3, 5))
        for name, value in zip(VARIABLES, browser.evaluate(script), strict=True)
    }


def test_contrast_is_measured_as_wcag_says():
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((119, 119, 119), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_can_be_read(browser, page_file, scheme):
    open_page(browser, page_file, scheme=scheme)
    seen = {}
    for step in range(browser.evaluate("2 * state.stops.length")):
        browser.evaluate(f"go({step}); showCell()")
        for text, behind, where in browser.evaluate(PAIRS):
            seen[tuple(text), tuple(behind)] = where
    assert len(seen) >= 8
    for (text, behind), where in seen.items():
        assert contrast(text, behind) >= TEXT, where


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_bars_borders_and_the_cursor_can_be_seen(browser, page_file, scheme):
    open_page(browser, page_file, scheme=scheme)
    colour = variables(browser)
    for bar in ("orange-bar", "blue-bar"):
        assert contrast(colour["ink"], colour[bar]) >= TEXT  # numbers stand on them
    for part in ("edge", "accent", "orange", "blue"):
        for behind in ("paper", "card"):
            assert contrast(colour[part], colour[behind]) >= PART, (part, behind)
    # The cursor has an edge: whatever is below it, one of both stands out.
    ends = browser.evaluate("Array.from({length: 511}, (_, n) => [...table.slice(3 * n, 3 * n + 3)])")
    for below in ends:
        assert max(contrast(below, colour["cursor"]), contrast(below, colour["cursor-edge"])) >= PART


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_grow_away_from_zero_and_show_the_sign(browser, page_file, scheme):
    open_page(browser, page_file, scheme=scheme)
    zero, *steps = browser.evaluate(
        "[0, 0.3, 0.6, 1, -0.3, -0.6, -1].map(v => [...table.slice(colourPlace(v, 1), colourPlace(v, 1) + 3)])"
    )
    assert all(abs(part - other) <= 1 for part, other in zip(zero, variables(browser)["zero"], strict=True))
    positive, negative = steps[:3], steps[3:]
    assert all(red > blue for red, _, blue in positive)
    assert all(red < blue for red, _, blue in negative)
    for side in (positive, negative):
        away = [contrast(zero, one) for one in side]
        assert away == sorted(away)
        assert away[0] > 1.15
