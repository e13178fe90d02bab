"""The page of `explain` loads nothing, takes no name for markup, and works by keyboard, in dark mode and on a phone."""

import re
from html.parser import HTMLParser

import pytest
from explain_page_reader import choose, clip_of, drawn, model_of, open_page, press, stops, tab_to

from fernet.explain.page import explain_page

HOSTILE = "</script><b>[[style]]"


@pytest.fixture(scope="module")
def page_file(tmp_path_factory):
    model = model_of("I16-C(5,6)-L3-P2-C(3,9)-L2-P2-FC40-S3", "D1176-FC9-FC8-S3", ("joint",))
    model.classes = ("calm", HOSTILE, "sad")
    path = tmp_path_factory.mktemp("explain") / "page.html"
    path.write_text(explain_page(model, [clip_of(name=HOSTILE), clip_of(seed=5)], f"on {HOSTILE}"), encoding="utf-8")
    return path


class _Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))


def test_nothing_comes_from_elsewhere_and_no_name_becomes_markup(page_file):
    text = page_file.read_text(encoding="utf-8")
    tags = _Tags(text).tags
    assert [a.get("id") for tag, a in tags if tag == "script"] == ["description", "block", None]
    assert not [a for _, a in tags if {"src", "href", "srcset", "style"} & set(a)]
    assert not [a for _, a in tags if any(name.startswith("on") for name in a)]
    assert "b" not in {tag for tag, _ in tags}
    assert "[[" not in re.sub(r"<script.*?</script>|on &lt;.*?</", "", text, flags=re.S)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_browser_shows_it_and_asks_nobody(browser, page_file, scheme):
    open_page(browser, page_file, scheme=scheme)
    for step in range(2 * len(stops(browser))):
        browser.evaluate(f"go({step})")
    choose(browser, clip="1", source="logit")
    assert browser.errors == []
    asked = [e["params"]["request"]["url"] for e in browser.events if e["method"] == "Network.requestWillBeSent"]
    assert asked
    assert all(url.startswith(("file:", "data:")) for url in asked)
    assert HOSTILE in browser.evaluate("byId('score-rows').textContent")


def test_every_stop_can_be_reached_and_every_cell_be_asked_by_keyboard(browser, page_file):
    open_page(browser, page_file)
    steps = 2 * len(stops(browser))
    press(browser, "ArrowRight")
    press(browser, "ArrowRight")
    assert browser.evaluate("byId('stop-title').textContent") == "relu1"
    press(browser, "ArrowLeft")
    press(browser, "ArrowLeft")
    tab_to(browser, "step")
    reached, live = [], set()
    for _ in range(steps - 1):
        reached.append(browser.evaluate("byId('step').getAttribute('aria-valuetext')"))
        press(browser, "ArrowRight")
    reached.append(browser.evaluate("byId('step').getAttribute('aria-valuetext')"))
    assert len(set(reached)) == steps
    assert (reached[0], reached[-1]) == ("Forward: DTAN, frames", "Backward: DTAN, frames")
    for _ in range(3):
        press(browser, "ArrowLeft")
    tab_to(browser, "grad-map")
    for key in ("ArrowDown", "ArrowRight", "ArrowUp", "ArrowLeft", "PageDown", "PageUp"):
        live.add(browser.evaluate("byId('live').textContent"))
        before = browser.evaluate("stopAt(state).cursor")
        press(browser, key)
        assert browser.evaluate("stopAt(state).cursor") != before, key
        assert browser.evaluate("byId('why-title').textContent") == "Who used this value?"
    assert len(live) >= 4
    assert all("value" in text and "gradient" in text and "terms" in text for text in live)
    for key in ("ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"):
        browser.evaluate("byId('tiles').querySelector('[tabindex=\"0\"]').focus()")
        before = browser.evaluate("stopAt(state).map")
        press(browser, key)
        assert 0 <= browser.evaluate("stopAt(state).map") != before
    tab_to(browser, "value-map")
    assert browser.evaluate("byId('why-title').textContent") == "Why this number?"
    browser.evaluate("document.querySelector('.follow').focus()")
    press(browser, "Enter")
    assert browser.evaluate("document.activeElement.id") == "value-map"  # a term leads to where its factor comes from


def test_the_table_shows_the_largest_terms_and_adds_them_up(browser, page_file):
    open_page(browser, page_file)
    place = next(number for number, row in enumerate(stops(browser)) if row[1] == "conv2")
    for step in (place, 2 * len(stops(browser)) - 1 - (place - 1)):
        browser.evaluate(f"go({step}); showCell()")
        rows = browser.evaluate(
            "[...document.querySelectorAll('#term-rows td:last-child, #term-sum td')].map(cell => cell.textContent)"
        )
        numbers = [float(row.replace("\N{MINUS SIGN}", "-")) for row in rows]
        sizes = [abs(number) for number in numbers[:20]]
        assert len(numbers) == 22  # twenty, the others together, the sum
        products = browser.evaluate(
            "reasonOf(stopAt(state), state.side, state).terms.map(one => Math.abs(one.product))"
        )
        assert sizes == pytest.approx(sorted(products, reverse=True)[:20], rel=1e-2)
        assert sum(numbers[:-1]) == pytest.approx(numbers[-1], abs=22 * 1e-3 * max(sizes))
        assert browser.evaluate("byId('why-number').textContent").split()[1] == rows[-1]
        assert browser.evaluate("byId('adds-up').textContent").endswith("the number shown.")


def test_the_table_says_so_if_the_terms_do_not_add_up(browser, page_file):
    open_page(browser, page_file)
    browser.evaluate("go(1); stopAt(state).value[stopAt(state).cursor] += 1e-3; showCell()")
    assert "not the" in browser.evaluate("byId('adds-up').textContent")


def test_the_pointer_asks_and_a_click_holds(browser, page_file):
    open_page(browser, page_file)
    browser.evaluate("go(1); byId('value-map').scrollIntoView({block: 'center'})")
    box = browser.evaluate(
        "(({x, y, width, height}) => [x, y, width, height])(byId('value-map').getBoundingClientRect())"
    )

    def point(kind, across, down):
        at = {"x": box[0] + across * box[2], "y": box[1] + down * box[3]}
        pressed = {} if kind == "mouseMoved" else {"button": "left", "clickCount": 1}
        browser.send("Input.dispatchMouseEvent", type=kind, **pressed, **at)
        drawn(browser)
        return browser.evaluate("gridOf(stopAt(state)).cell(stopAt(state).cursor).slice(1)")

    assert point("mouseMoved", 0.04, 0.04) == [0, 0]
    assert point("mouseMoved", 0.96, 0.04) == [0, 11]
    assert point("mousePressed", 0.96, 0.96) == [11, 11]
    assert point("mouseReleased", 0.96, 0.96) == [11, 11]
    assert point("mouseMoved", 0.04, 0.04) == [11, 11]


def test_the_maps_stay_where_they_are_when_the_cursor_moves(browser, page_file):
    open_page(browser, page_file, 1100)
    tops = set()
    for step in range(2 * len(stops(browser))):
        browser.evaluate(f"go({step}); showCell()")
        tops |= set(browser.evaluate("['value-map', 'grad-map'].map(id => byId(id).getBoundingClientRect().top)"))
    assert len(tops) == 1


def test_it_fits_on_a_phone(browser, page_file):
    open_page(browser, page_file, 390, 844)
    for step in range(2 * len(stops(browser))):
        browser.evaluate(f"go({step}); showCell()")
        assert browser.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), step
    assert browser.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 15


def test_without_a_label_the_gradient_begins_with_what_is_recognised(browser, tmp_path):
    model = model_of("I16-C(5,6)-P2-FC12-S3", "D1176-FC9-S3")
    path = tmp_path / "page.html"
    path.write_text(explain_page(model, [clip_of(label=None), clip_of(label=1)], "page"), encoding="utf-8")
    open_page(browser, path)
    sums = browser.evaluate("[...probabilities(state).sum]")
    recognised = sums.index(max(sums))
    assert browser.evaluate("[state.label, Number(byId('label').value)]") == [recognised, recognised]
    assert "labelled" not in browser.evaluate("byId('about').textContent")
    assert f"recognised as {model.classes[recognised]}" in browser.evaluate("byId('about').textContent")
    choose(browser, clip="1")
    assert browser.evaluate("[state.label, Number(byId('label').value)]") == [1, 1]
    assert "labelled mood 1" in browser.evaluate("byId('about').textContent")


def test_nothing_moves_for_those_who_ask_for_it(browser, page_file):
    open_page(browser, page_file)
    browser.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-reduced-motion", "value": "reduce"}])
    moving = "[...document.querySelectorAll('*')].filter(e => getComputedStyle(e).transitionDuration !== '0s').length"
    assert browser.evaluate(moving) == 0
    browser.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-reduced-motion", "value": "no-preference"}])
    assert browser.evaluate(moving) > 0
