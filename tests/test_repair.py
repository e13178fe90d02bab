"""A finished run that has lost a result gets it back: from its model if it can, by training if it must."""

import json
import shutil
from pathlib import Path

import pytest
from toy_run import in_this_process, settings
from toy_set import toy_set

from fernet.clips.prepared_file import PreparedSet
from fernet.experiments.cross_validation import cross_validate
from fernet.experiments.saved_results import load_results
from fernet.networks.model_file import load_model, save_model

SMALL = ["--dtgn", "D1176-FC16-S3", "--networks", "dtgn", "--backend", "numpy", "--dtgn-epochs", "2"]
TASK = "tasks/dtagn-seed0-fold0"


@pytest.fixture
def untrainable(monkeypatch):
    """Training fails the test."""

    def fit(*_):
        pytest.fail("a network is trained")

    monkeypatch.setattr("fernet.training.run.fit", fit)


@pytest.fixture
def copy(finished_run, tmp_path):
    return Path(shutil.copytree(finished_run, tmp_path / "copy"))


def contents(folder, task=TASK):
    names = ("model.npz", "predictions.csv", "metrics.json", "log.csv")
    return {name: (folder / task / name).read_bytes() for name in names}


def resumed(folder):
    """The names of the tasks that were not done."""
    done = []
    cross_validate(folder, settings(), in_this_process, 1, lambda task, *_: done.append(task.name))
    return done


def gone(path):
    path.unlink()


def halved(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path):
    path.write_bytes(b"")


def other_json(path):
    path.write_text("[1]")


@pytest.mark.parametrize(
    ("name", "damage", "words"),
    [
        ("predictions.csv", gone, "predictions.csv is missing"),
        ("predictions.csv", empty, "holds no predictions"),
        ("metrics.json", gone, "metrics.json is missing"),
        ("metrics.json", halved, "metrics.json cannot be read"),
        ("metrics.json", other_json, "metrics.json cannot be read"),
    ],
)
def test_lost_results_are_made_from_the_model(name, damage, words, copy, finished_run, untrainable, capsys):
    damage(copy / TASK / name)
    assert resumed(copy) == ["dtagn-seed0-fold0"]
    err = capsys.readouterr().err
    assert err.startswith("note: dtagn-seed0-fold0: ")
    assert words in err
    assert "the results are made again from the model" in err
    assert contents(copy) == contents(finished_run)
    assert not list((copy / TASK).glob("state.npz"))
    load_results(copy)


@pytest.mark.parametrize("damage", [gone, halved, empty])
@pytest.mark.parametrize("also", [None, "predictions.csv"])
def test_without_a_model_the_task_is_trained_again(damage, also, copy, finished_run, capsys):
    damage(copy / TASK / "model.npz")
    if also:
        gone(copy / TASK / also)
    assert resumed(copy) == ["dtagn-seed0-fold0"]
    assert "the run is trained again" in capsys.readouterr().err
    for name, content in contents(finished_run).items():
        assert name == "log.csv" or (copy / TASK / name).read_bytes() == content


@pytest.mark.parametrize("other", ["tasks/dtagn-seed0-fold1", "tasks/single-frame-seed0-fold0"])
def test_the_model_of_another_task_is_not_taken(other, copy, finished_run, capsys):
    shutil.copy(copy / other / "model.npz", copy / TASK / "model.npz")
    gone(copy / TASK / "predictions.csv")
    assert resumed(copy) == ["dtagn-seed0-fold0"]
    assert "predictions.csv is missing; the run is trained again" in capsys.readouterr().err
    assert (copy / TASK / "predictions.csv").read_bytes() == contents(finished_run)["predictions.csv"]


def test_whole_tasks_are_left_alone_and_new_ones_need_no_note(copy, untrainable, capsys):
    before = {path: path.stat().st_mtime_ns for path in copy.glob("tasks/*/*")}
    assert resumed(copy) == []
    assert {path: path.stat().st_mtime_ns for path in copy.glob("tasks/*/*")} == before
    assert capsys.readouterr().err == ""


@pytest.fixture
def trained(command, monkeypatch, tmp_path):
    monkeypatch.setattr("fernet.experiments.single_frames.load_with_failures", lambda *_: PreparedSet(toy_set()))
    assert command("train", "--data", "toy", "--out", tmp_path / "run", *SMALL)[0] == 0
    return tmp_path / "run"


def test_train_repairs_a_finished_run(trained, command, untrainable):
    before = contents(trained, "")
    gone(trained / "predictions.csv")
    status, out, err = command("train", "--resume", trained)
    assert status == 0
    assert "note: predictions.csv is missing; the results are made again from the model" in err
    assert "accuracy on" in out
    assert contents(trained, "") == before


def test_a_run_that_was_killed_at_its_very_end_is_complete_and_tidied(trained, command):
    names = {path.name for path in trained.iterdir()}
    for name in ("state.npz", ".metrics.json.0.part"):
        (trained / name).write_bytes(b"left")
    status, _, err = command("train", "--resume", trained)
    assert status == 2
    assert "is complete" in err
    assert {path.name for path in trained.iterdir()} == names


def test_a_changed_mark_of_the_data_is_noticed(trained, command):
    """A model of other data is not used, though its settings are the same."""
    model = load_model(trained / "model.npz")
    model.data = {**model.data, "data_mark": "0" * 64}
    save_model(trained / "model.npz", model)
    gone(trained / "predictions.csv")
    assert "the run is trained again" in command("train", "--resume", trained)[2]
    assert json.loads((trained / "metrics.json").read_text())["clips"] == 6
