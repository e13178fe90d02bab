"""The report is complete, escapes every name, and computes the same numbers in the browser as Python."""

import re
import sys
from html.parser import HTMLParser

import pytest
from toy_run import MISCHIEF

from fernet.experiments.results import accuracy_at, confusion_at, failure_cases
from fernet.experiments.saved_results import load_results
from fernet.reporting.report import report


@pytest.fixture(scope="module")
def results(finished_run):
    return load_results(finished_run)


@pytest.fixture(scope="module")
def page_file(results, tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(report(results), encoding="utf-8")
    return path


class Tags(HTMLParser):
    """All tags with their attributes, and the text outside scripts."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.text, self._inside = [], "", None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self._inside = tag

    def handle_endtag(self, tag):
        self._inside = None

    def handle_data(self, data):
        if self._inside not in ("script", "style"):
            self.text += data


def test_nothing_is_loaded_from_elsewhere_and_no_name_becomes_markup(page_file):
    page = Tags(page_file.read_text(encoding="utf-8"))
    assert [attributes for tag, attributes in page.tags if tag == "script"] == [
        {"type": "application/json", "id": "scores"},
        {},
    ]
    links = [value for _, a in page.tags for name, value in a.items() if name in ("src", "href", "srcset")]
    assert all(link.startswith(("data:image/", "#")) for link in links)
    assert not [a for _, a in page.tags if any(name.startswith("on") for name in a)]
    assert "b" not in {tag for tag, _ in page.tags}
    assert "toy <i>set</i>" in page.text
    assert "</script><b>glad" in page.text


def test_all_parts_are_there(page_file, results):
    text = page_file.read_text(encoding="utf-8")
    assert "[[" not in re.sub(r"<script>.*?</script>", "", text, flags=re.S)
    for part in ("comparison", "tables", "figures", "training", "failures", "folds", "settings"):
        assert f'id="{part}"' in text
    page = Tags(text)
    cases = failure_cases(results)
    assert cases
    assert sum(a.get("class") == "case" for _, a in page.tags) == len(cases)
    assert all(case.name in page.text for case in cases)
    assert cases[0].name.startswith(MISCHIEF[:10])
    assert sum(tag == "polyline" for tag, _ in page.tags) == 2 * 6  # two folds, six networks and tops


def test_without_the_extra_the_page_says_what_is_missing(results, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    text = report(results)
    assert ".[plots]" in text
    assert 'id="alpha"' in text


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_browser_shows_it_without_complaint(browser, page_file, scheme):
    browser.errors.clear()
    browser.look(1100, 900, scheme)
    browser.open(page_file.as_uri())
    assert browser.errors == []
    assert browser.evaluate("[...document.images].every(image => image.complete && image.naturalWidth > 0)")
    assert browser.evaluate("document.querySelector('#explorer').offsetHeight") > 200
    background = browser.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (background == "rgb(255, 255, 255)") == (scheme == "light")
    asked = [
        event["params"]["request"]["url"] for event in browser.events if event["method"] == "Network.requestWillBeSent"
    ]
    assert all(url.startswith(("file:", "data:")) for url in asked)


def test_the_slider_gives_the_numbers_of_python(browser, page_file, results):
    browser.look(1100, 900)
    browser.open(page_file.as_uri())
    seen = set()
    for hundredths in (50, *range(0, 101, 4), 99, 100):
        browser.evaluate(
            f"(() => {{ const s = document.getElementById('alpha'); s.value = {hundredths};"
            "s.dispatchEvent(new Event('input', {bubbles: true})); })()"
        )
        shown = browser.evaluate("document.getElementById('alpha-accuracy').textContent")
        counts = browser.evaluate(
            "[...document.querySelectorAll('#alpha-confusion tbody tr')]"
            ".map(row => [...row.querySelectorAll('td')].map(cell => Number(cell.textContent)))"
        )
        assert shown == f"{100 * accuracy_at(results, hundredths / 100):.2f} %"
        assert counts == confusion_at(results, hundredths / 100).tolist()
        seen.add(shown)
    assert len(seen) > 1  # moving the slider changes the numbers


def test_it_is_readable_on_a_phone(browser, page_file):
    browser.look(390, 844)
    browser.open(page_file.as_uri())
    assert browser.evaluate("document.documentElement.scrollWidth") <= 390
    assert browser.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 15
