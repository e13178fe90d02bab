"""The pages that fernet writes have no fault of accessibility that axe-core knows, wide and narrow, light and dark."""

import axe
import pytest
from explain_page_reader import clip_of, drawn, model_of, open_page, stops

from fernet.experiments.cross_validation import task_name
from fernet.experiments.saved_results import load_results
from fernet.experiments.tasks import TASKS
from fernet.explain.page import explain_page
from fernet.progress import SILENT
from fernet.reporting.report import report
from fernet.reporting.run_report import run_report
from fernet.reporting.saved_run import load_run

SCREENS = [(1400, "light"), (1400, "dark"), (390, "light"), (390, "dark")]


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_the_page_of_explain_at_every_stop(width, scheme, browser, tmp_path):
    script = axe.source()
    model = model_of("I16-C(5,6)-L3-P2-C(3,9)-L2-P2-FC40-S3", "D1176-FC9-FC8-S3", ("joint",))
    (tmp_path / "page.html").write_text(explain_page(model, [clip_of(), clip_of(seed=5)], "toy"), encoding="utf-8")
    open_page(browser, tmp_path / "page.html", width=width, scheme=scheme)
    for step in range(2 * len(stops(browser))):
        browser.evaluate(f"go({step}); showCell()")
        drawn(browser)
        assert axe.violations(browser, script) == [], step


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_the_report_of_a_cross_validation(width, scheme, browser, finished_run, tmp_path):
    script = axe.source()
    (tmp_path / "report.html").write_text(report(load_results(finished_run)), encoding="utf-8")
    browser.look(width, 900, scheme)
    browser.open((tmp_path / "report.html").as_uri())
    assert axe.violations(browser, script) == []


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_the_report_of_a_single_run(width, scheme, browser, finished_run, tmp_path):
    script = axe.source()
    folder = finished_run / TASKS / task_name("dtagn", 0, 0)
    (tmp_path / "report.html").write_text(run_report(load_run(folder, SILENT)), encoding="utf-8")
    browser.look(width, 900, scheme)
    browser.open((tmp_path / "report.html").as_uri())
    assert axe.violations(browser, script) == []


def test_a_fault_is_found(browser, tmp_path):
    script = axe.source()
    (tmp_path / "page.html").write_text("<html><title>t</title><main><img src='data:,'></main></html>")
    browser.open((tmp_path / "page.html").as_uri())
    assert {"image-alt", "html-has-lang"} <= {rule for rule, _ in axe.violations(browser, script)}
