"""The report of a run whose data or files are gone or damaged is made of what is left, and says what is missing."""

import re
import shutil
from dataclasses import replace

import pytest
from report_runs import clips, finished_run_in, page

from fernet.clips.prepared_file import PreparedSet, save_prepared


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return finished_run_in(tmp_path_factory.mktemp("report"))


@pytest.fixture
def run(made, tmp_path):
    """A copy whose settings and model name the data beside the original."""
    return shutil.copytree(made / "run", tmp_path / "run")


def test_without_its_data_the_report_has_no_frames(command, run, made):
    hidden = (made / "data.npz").rename(made / "hidden.npz")
    try:
        found = page(command, run)
    finally:
        hidden.rename(made / "data.npz")
    assert "The frames cannot be shown: " in found.text
    assert "The data of the run cannot be read: " in found.text
    assert "img" not in {tag for tag, _ in found.tags}
    assert any(a.get("class") == "case" for _, a in found.tags)


def test_data_that_have_changed_are_called_so(command, run, made, tmp_path):
    (made / "data.npz").rename(made / "hidden.npz")
    try:
        save_prepared(made / "data.npz", PreparedSet(replace(clips(), faces=255 - clips().faces)))
        found = page(command, run)
    finally:
        (made / "hidden.npz").replace(made / "data.npz")
    assert "The frames may be different from those of the run: the data have changed since the training." in found.text
    assert "img" in {tag for tag, _ in found.tags}


DAMAGE = {
    "none": lambda text: None,
    "header only": lambda text: text.splitlines()[0] + "\n",
    "no number": lambda text: text.replace("conv1,4,", "conv1,four,"),
    "nan": lambda text: re.sub(r"(dtan,1,conv1,4,\d+),[^,]*", r"\1,nan", text),
    "too large to draw": lambda text: re.sub(r"(dtan,1,conv1,4,\d+),[^,]*", r"\1,1e308", text),
    "more dead than units": lambda text: re.sub(r"(dtan,1,conv1,4),\d+", r"\1,5", text),
    "no units": lambda text: text.replace("dtan,1,conv1,4,", "dtan,1,conv1,,"),
    "an endless epoch": lambda text: text.replace("dtan,1,conv1", f"dtan,{10**400},conv1"),
    "a name": lambda text: text.replace("dtan,1,conv1", "dtan,1,<b>conv1"),
    "a column less": lambda text: "\n".join(line.rsplit(",", 2)[0] for line in text.splitlines()),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_without_statistics_a_sentence_says_so(command, run, damage):
    path = run / "layers.csv"
    text = DAMAGE[damage](path.read_text())
    path.unlink()
    if text is not None:
        path.write_text(text)
    found = page(command, run)
    assert "The charts cannot be drawn: " in found.text
    assert "Update/weight" not in found.text
    assert "b" not in {tag for tag, _ in found.tags}
    assert sum(tag == "svg" for tag, _ in found.tags) == 2 * 5


@pytest.mark.parametrize(
    "change",
    [
        ("dtan,1,", "nobody,1,"),
        ("dtan,1,", "dtan,0,"),
        ("dtan,1,", f"dtan,{10**400},"),
        ("dtan,1,", "dtan,1,nan,"),
        ("dtan,1,", "dtan,1,1e308,"),
    ],
)
def test_without_a_log_a_sentence_says_so(command, run, change):
    path = run / "log.csv"
    path.write_text(path.read_text().replace(*change))
    found = page(command, run)
    assert "The curves cannot be drawn: " in found.text
    assert "Update/weight" in found.text


def test_lost_results_can_be_made_again(command, run):
    (run / "predictions.csv").write_text("clip\n")
    found = page(command, run)
    assert "The results of this run cannot be read: " in found.text
    assert f"train --resume {run} makes them again." in found.text
    (run / "predictions.csv").unlink()
    assert command("train", "--resume", run)[0] == 0
    assert "cannot be read" not in page(command, run).text


def test_scores_of_an_unknown_method(command, run):
    path = run / "predictions.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",l3,", ",<b>,"), encoding="utf-8")
    assert "predictions.csv has scores of '<b>': expected one of" in page(command, run).text


def test_a_damaged_model_costs_the_frames_only(command, run):
    (run / "model.npz").write_bytes(b"")
    found = page(command, run)
    assert "The frames cannot be shown: " in found.text
    assert "Update/weight" in found.text
