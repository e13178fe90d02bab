"""`report` on a cross-validation of which a file is damaged: made without it, or one sentence that says what to do."""

import shutil
import sys

import pytest

TASK = "tasks/dtagn-seed0-fold0"


@pytest.fixture
def run(finished_run, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)  # figures take seconds
    shutil.copytree(finished_run, tmp_path / "run")
    return tmp_path / "run"


def page(command, run):
    assert command("report", run, "--out", run / "page.html")[0] == 0
    return (run / "page.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("content", [None, "", "[" * 5000, "[]", '{"notes": 1}'])
def test_folds_are_known_without_their_file(command, run, content):
    before = page(command, run)
    (run / "folds.json").unlink()
    if content is not None:
        (run / "folds.json").write_text(content)
    assert page(command, run) == before
    assert "<td>1</td><td>12</td><td>person 1, person 3, person 5, person 7</td>" in before


@pytest.mark.parametrize("content", [None, "", "[" * 5000, "[]", '"\\ud800"'])
def test_unknown_versions_are_called_so(command, run, content):
    assert "software versions" not in page(command, run)
    path = run / TASK / "environment.json"
    path.unlink()
    if content is not None:
        path.write_text(content)
    assert "<td>software versions</td><td>not known: environment.json" in page(command, run)


def lines(path, change):
    path.write_text("\n".join(change(path.read_text(encoding="utf-8").splitlines())), encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: [line for line in text if ",joint," not in line], "has no scores of joint: delete"),
        (lambda text: [line.rsplit(",", 1)[0] for line in text], "holds no predictions"),
        (lambda text: [text[0], *text[2:]], "its methods do not score the same clips"),
        (lambda text: [line.replace("person 0", "person 1") for line in text], "do not match its clips"),
        (lambda text: [line.replace(",person 0,calm,", ",person 0,s|ad,") for line in text], "do not match its clips"),
    ],
)
def test_predictions_that_cannot_be_right(command, run, change, words):
    lines(run / TASK / "predictions.csv", change)
    status, _, err = command("report", run)
    assert (status, err.count("\n")) == (2, 1)
    assert words in err
    assert "run it again" in err or f"crossval --resume {run}" in err


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:1],
        lambda text: [line.rsplit(",", 1)[0] for line in text],
        lambda text: [*text, "dtan,2,nan,0,0,0"],
        lambda text: [*text, "nobody,2,0,0,0,0"],
    ],
)
def test_a_log_that_cannot_be_right(command, run, change):
    lines(run / TASK / "log.csv", change)
    status, _, err = command("report", run)
    assert (status, err.count("\n")) == (2, 1)
    assert f"delete {run / TASK} and resume with `crossval --resume {run}`" in err
