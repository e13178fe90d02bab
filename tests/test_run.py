"""Whole runs on toy clips: the same bits every time, no matter how often they are interrupted."""

import json
from dataclasses import replace

import numpy as np
import pytest
from recorded_progress import RecordedProgress
from toy_set import toy_set

from fernet import threads
from fernet.errors import UserError
from fernet.evaluation.predictions_file import read_predictions
from fernet.json_settings import to_json
from fernet.networks.model_file import load_model
from fernet.networks.predict import score_clips
from fernet.progress import Bar, Progress
from fernet.training import logs
from fernet.training import run as run_module
from fernet.training.run import Run
from fernet.training.run_folder import free_folder, open_run, start_run
from fernet.training.settings import RunSettings, Schedule, run_settings_from_json

SETTINGS = RunSettings(
    data="toy",
    folds=4,
    dtan="I16-C(3,4)-L3-P2-FC12-S3",
    dtgn="D1176-FC16-S3",
    integrations=("joint", "l3", "concatenation"),
    dtan_schedule=Schedule(epochs=3, batch_size=32, learning_rate=0.03),
    dtgn_schedule=Schedule(epochs=3, batch_size=32, learning_rate=0.03),
    joint_schedule=Schedule(epochs=2, batch_size=32),
    backend="numpy",
)


class StopAfter(Progress):
    """Interrupts the run, as Ctrl-C would, in the middle of an epoch."""

    def __init__(self, batches):
        self.left = batches

    def task(self, title, total):
        outer = self

        class Counting(Bar):
            def __enter__(self):
                return self

            def __exit__(self, *error):
                return None

            def advance(self, count, note=""):
                outer.left -= 1
                if outer.left < 0:
                    raise KeyboardInterrupt

        return Counting()


def train(out, clips, settings=SETTINGS, progress=None, resume=False):
    return Run(settings, clips, out, progress or Progress(), resume).train_all()


def weights(out):
    with np.load(out / "model.npz", allow_pickle=False) as file:
        return {name: file[name] for name in file.files if not name.endswith(".json")}


def assert_same_run(one, other):
    first, second = weights(one), weights(other)
    assert set(first) == set(second)
    for name, w in first.items():
        np.testing.assert_array_equal(w, second[name], err_msg=name)
    assert (one / "predictions.csv").read_bytes() == (other / "predictions.csv").read_bytes()
    assert (one / "metrics.json").read_bytes() == (other / "metrics.json").read_bytes()


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    out = tmp_path_factory.mktemp("run")
    return out, train(out, toy_set())


def test_a_run_learns_and_writes_everything_down(finished, toy_clips):
    out, metrics = finished
    assert sorted(path.name for path in out.iterdir()) == [
        "environment.json",
        "layers.csv",
        "log.csv",
        "metrics.json",
        "model.npz",
        "predictions.csv",
        "settings.json",
    ]
    assert list(metrics["accuracy"]) == ["dtan", "dtgn", "weighted_sum", "joint", "l3", "concatenation"]
    assert metrics["accuracy"]["joint"] == 1.0  # the toy classes are easy to tell apart
    assert json.loads((out / "metrics.json").read_text())["accuracy"] == metrics["accuracy"]
    log = (out / "log.csv").read_text().splitlines()
    assert log[0] == "network,epoch,loss,accuracy,learning_rate,seconds"
    assert [line.split(",")[:2] for line in log[1:]] == [
        [network, str(epoch)]
        for network, count in (("dtan", 3), ("dtgn", 3), ("joint", 2), ("l3", 2), ("concatenation", 2))
        for epoch in range(1, count + 1)
    ]
    environment = json.loads((out / "environment.json").read_text())
    assert environment["held_out_subjects"] == ["person 0", "person 4"]
    assert environment["backend"] == f"numpy {np.__version__}"


def test_the_settings_in_the_folder_are_enough_to_repeat_the_run(finished, toy_clips, tmp_path):
    out, _ = finished
    settings = run_settings_from_json(json.loads((out / "settings.json").read_text()))
    assert settings == SETTINGS
    train(tmp_path, toy_clips, settings)
    assert_same_run(out, tmp_path)


@pytest.mark.parametrize("count", [1, 3])
def test_bits_do_not_depend_on_the_number_of_threads(count, finished, toy_clips, tmp_path, monkeypatch):
    monkeypatch.setattr(threads, "available_cores", lambda: count)
    train(tmp_path, toy_clips)
    assert_same_run(finished[0], tmp_path)


@pytest.mark.parametrize("batches", [1, 13, 30, 47, 60, 75])
def test_a_run_that_is_interrupted_anywhere_ends_with_the_same_bits(batches, finished, toy_clips, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path, toy_clips, progress=StopAfter(batches))
    assert not (tmp_path / "model.npz").exists()
    assert not list(tmp_path.glob(".*"))  # nothing is left half-written
    train(tmp_path, toy_clips, settings=open_run(tmp_path), resume=True)
    assert_same_run(finished[0], tmp_path)
    assert len((tmp_path / "log.csv").read_text().splitlines()) == 13


def test_another_seed_gives_another_model(finished, toy_clips, tmp_path):
    train(tmp_path, toy_clips, replace(SETTINGS, seed=1))
    assert not np.array_equal(weights(tmp_path)["dtan/conv1.W"], weights(finished[0])["dtan/conv1.W"])


def test_the_saved_model_gives_the_saved_scores(finished, toy_clips):
    out, metrics = finished
    model, predictions = load_model(out), read_predictions(out / "predictions.csv")
    held_out = toy_clips.subset(np.array([0, 1, 2, 12, 13, 14]))
    assert predictions.names == held_out.names
    assert predictions.subjects == held_out.subjects
    np.testing.assert_array_equal(predictions.labels, held_out.labels)
    scores = score_clips(model, held_out.faces, held_out.landmarks, np)
    assert set(scores) == set(predictions.scores) == set(metrics["accuracy"])
    for method, expected in predictions.scores.items():
        np.testing.assert_allclose(scores[method], expected, rtol=0, atol=1e-6, err_msg=method)
    np.testing.assert_allclose(scores["weighted_sum"], (scores["dtan"] + scores["dtgn"]) / 2, atol=1e-7)


@pytest.mark.parametrize(("networks", "methods"), [("dtan", ["dtan"]), ("dtgn", ["dtgn"])])
def test_a_single_network(networks, methods, toy_clips, tmp_path):
    metrics = train(tmp_path, toy_clips, replace(SETTINGS, networks=networks))
    assert list(metrics["accuracy"]) == methods
    assert load_model(tmp_path).tops == {}


def test_joint_fine_tuning_leaves_the_frozen_layers_and_the_single_networks_alone(finished, toy_clips, tmp_path):
    train(tmp_path, toy_clips, replace(SETTINGS, integrations=()))
    alone, joined = weights(tmp_path), weights(finished[0])
    assert set(alone) < set(joined)
    assert all(np.array_equal(alone[name], joined[name]) for name in alone)
    assert not np.array_equal(joined["joint/dtan.W"], joined["dtan/softmax.W"])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"folds": 9}, "9 folds for 8 people"),
        ({"fold": 4}, "fold 4 of 4"),
        ({"dtan": "I32-C(3,4)-S3"}, "takes (32, 32, 3), the data have (16, 16, 3)"),
        ({"dtgn": "D1176-FC3-S4"}, "has 4 classes, the data have 3"),
        ({"dtgn_schedule": Schedule(epochs=60, learning_rate=10, weight_decay=1)}, "smaller --learning-rate"),
    ],
)
def test_settings_that_cannot_work_are_refused(change, words, toy_clips, tmp_path):
    with pytest.raises(UserError) as caught, np.errstate(all="ignore"):
        train(tmp_path, toy_clips, replace(SETTINGS, **change))
    assert words in str(caught.value)
    assert not (tmp_path / "model.npz").exists()


def test_a_class_that_only_the_held_out_people_show_is_named(toy_clips, tmp_path):
    labels = np.where(toy_clips.labels == 2, 0, toy_clips.labels)
    labels[:3] = 2  # person 0 is held out in fold 0
    with pytest.raises(UserError, match="no training clip of sad"):
        Run(SETTINGS, replace(toy_clips, labels=labels), tmp_path, Progress())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"networks": "cnn"}, "expected one of dtan"),
        ({"integrations": ("joint", "joint")}, "once"),
        ({"integrations": ("sum",)}, "joint, l3, concatenation"),
        ({"alpha": 1.5}, "alpha is 1.5"),
        ({"seed": -1}, "seed is -1"),
        ({"folds": 2**31}, "expected at most 10000"),
    ],
)
def test_settings_check_themselves(change, words):
    with pytest.raises(UserError) as caught:
        replace(SETTINGS, **change)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "change",
    [
        {"epochs": 0},
        {"batch_size": 0},
        {"learning_rate": 0.0},
        {"momentum": 1.0},
        {"weight_decay": -1.0},
    ],
)
def test_schedules_check_themselves(change):
    with pytest.raises(UserError, match=r"expected|at least"):
        Schedule(**{"epochs": 3, **change})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("folds", "five"),
        ("folds", True),
        ("alpha", None),
        ("dtan", 3),
        ("integrations", "joint"),
        ("dtan_schedule", {}),
        ("surprise", 1),
    ],
)
def test_settings_from_disk_are_checked(name, value):
    values = json.loads(json.dumps(to_json(SETTINGS)))
    values[name] = value
    with pytest.raises(UserError, match="settings"):
        run_settings_from_json(values)


def test_run_folders(tmp_path, monkeypatch, finished, toy_clips):
    monkeypatch.chdir(tmp_path)
    assert str(free_folder("synthetic:demo")) == "runs/demo"
    for data, name in (("some/where/clips", "clips"), ("a/set.npz", "set"), ("list.csv", "list"), ("v1.2", "v1.2")):
        assert str(free_folder(data)) == f"runs/{name}"
    start_run(tmp_path / "runs" / "demo")
    (tmp_path / "runs/demo/settings.json").write_text("{}")
    assert str(free_folder("synthetic:demo")) == "runs/demo-2"
    with pytest.raises(UserError, match="--resume"):
        start_run(tmp_path / "runs" / "demo")
    with pytest.raises(UserError, match="cannot be read"):
        open_run(tmp_path / "runs" / "demo")
    with pytest.raises(UserError, match="holds no run"):
        open_run(tmp_path)
    with pytest.raises(UserError, match="is complete"):
        open_run(finished[0])
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="is a file"):
        start_run(tmp_path / "file")


def test_a_full_disk_loses_no_earlier_epoch(toy_clips, tmp_path, monkeypatch, finished):
    real, calls = run_module.state_file.save_arrays, []

    def full_from_the_third(path, *arguments):
        calls.append(path)
        if len(calls) >= 3:
            raise OSError(28, "No space left on device", str(path))
        real(path, *arguments)

    monkeypatch.setattr(run_module.state_file, "save_arrays", full_from_the_third)
    with pytest.raises(OSError, match="No space"):
        train(tmp_path, toy_clips)
    monkeypatch.undo()
    train(tmp_path, toy_clips, resume=True)
    assert_same_run(finished[0], tmp_path)


def test_settings_of_earlier_versions_are_read():
    """They had no precision, and the networks followed from the name of the data."""
    for data, small in (("synthetic:mmi", True), ("synthetic:ck+", False)):
        old = to_json(RunSettings(data=data))
        del old["precision"], old["small_networks"]
        settings = run_settings_from_json(old)
        assert (settings.precision, settings.small_networks) == ("tf32", small)
    with pytest.raises(UserError, match="precision is 'half': expected one of tf32, float32"):
        run_settings_from_json({**old, "precision": "half"})


def test_a_log_that_another_program_holds_open_does_not_end_the_training(toy_clips, tmp_path, monkeypatch, finished):
    real, calls, progress = logs.write_text, [], RecordedProgress()

    def locked_for_a_while(path, text):
        calls.append(path)
        if len(calls) in (2, 3):
            raise PermissionError(13, "Permission denied", str(path))
        real(path, text)

    monkeypatch.setattr(logs, "write_text", locked_for_a_while)
    train(tmp_path, toy_clips, progress=progress)
    assert_same_run(finished[0], tmp_path)
    assert len((tmp_path / "log.csv").read_text().splitlines()) == 13
    assert [note for note in progress.notes if "log.csv" in note] == [
        f"{tmp_path / 'log.csv'} cannot be written (Permission denied), perhaps another program holds it open: it is "
        "written again after the next epoch"
    ]


def test_a_log_that_was_locked_after_the_last_epoch_is_written_at_the_end(toy_clips, tmp_path, monkeypatch):
    real, calls = logs.write_text, []

    def locked_at_the_last_epoch(path, text):
        calls.append(path)
        if len(calls) == 12:
            raise PermissionError(13, "Permission denied", str(path))
        real(path, text)

    monkeypatch.setattr(logs, "write_text", locked_at_the_last_epoch)
    train(tmp_path, toy_clips)
    assert len((tmp_path / "log.csv").read_text().splitlines()) == 13


def test_the_environment_names_the_kernels_of_the_matrix_products(finished):
    environment = json.loads((finished[0] / "environment.json").read_text())
    assert environment["blas"]
    for library in environment["blas"]:
        assert set(library) == {"library", "version", "architecture"}
        assert library["library"]
