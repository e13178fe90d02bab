"""What could not be used is stored with the results and shown in the report."""

import json

from toy_run import finished, in_this_process, prepared, settings
from toy_set import toy_set

from fernet.experiments.cross_validation import cross_validate
from fernet.experiments.saved_results import load_results, write_results
from fernet.reporting.report import report


def test_results_and_report_name_what_was_left_out_and_why(tmp_path):
    sequences = {f"S{number:03d}": "a sequence without an emotion label" for number in range(25)}
    left_out = {"calm/<b>eve</b>__1": "no face in frame 3", **sequences}
    results = load_results(finished(tmp_path / "run", toy_set(), failures=left_out))
    assert json.loads(write_results(results).read_text(encoding="utf-8"))["left_out"] == left_out
    page = report(results)
    table = page[page.index('id="left-out"') : page.index('id="settings"')]
    assert table.index("a sequence without an emotion label") < table.index("no face in frame 3")
    assert "<td>25</td>" in table
    assert "S019 and 5 more</td>" in table
    assert "calm/&lt;b&gt;eve&lt;/b&gt;__1" in table
    assert "<strong>26</strong>left out" in page


def test_notes_on_the_data_travel_to_results_and_report(tmp_path):
    """Spellings that were taken for one class, for instance."""
    folder = tmp_path / "run"
    note = "Happy and <happy> are taken for one class"
    prepared(folder, toy_set(), settings(), notes=(note,))
    cross_validate(folder, settings(), in_this_process, 1, lambda *_: None)
    results = load_results(folder)
    assert json.loads(write_results(results).read_text(encoding="utf-8"))["notes"][0] == note
    assert "Note: Happy and &lt;happy&gt; are taken for one class." in report(results)


def test_a_report_says_if_nothing_was_left_out(finished_run):
    results = load_results(finished_run)
    assert results.left_out == {}
    assert "Nothing was left out" in report(results)
