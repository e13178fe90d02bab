"""Runs that start from a trained model: which weights they take, which they train, and what they record of it."""

import json
from dataclasses import replace

import numpy as np
import pytest
from recorded_progress import RecordedProgress
from test_run import SETTINGS, StopAfter, assert_same_run, weights
from toy_set import toy_set

from fernet.clips.prepared_file import PreparedSet, save_prepared
from fernet.clips.provenance import Provenance
from fernet.clips.sequence_set import Preprocessing
from fernet.commands.settings_options import train_settings
from fernet.errors import UserError
from fernet.faces.landmarks import identity
from fernet.networks.model_file import load_model, save_model
from fernet.networks.options import NetworkOptions
from fernet.networks.predict import score_clips
from fernet.progress import Progress
from fernet.training.run import Run
from fernet.training.run_folder import open_run
from fernet.training.settings import RunSettings, StartingModel
from fernet.training.stage_objectives import StageObjectives
from fernet.training.starting_model import sha256_of, starting_model

BASE = replace(SETTINGS, fold=1, seed=5)


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """The model file of a run on the toy clips."""
    out = tmp_path_factory.mktemp("base")
    Run(BASE, toy_set(), out, Progress()).train_all()
    return out / "model.npz"


def started(base, layers="all", **changes):
    """Settings of a run that starts from the model."""
    init = StartingModel(str(base), sha256_of(base), layers)
    return replace(SETTINGS, init=init, **changes)


def renamed(clips):
    """A class more, of which one person's clips are, and other names."""
    labels = clips.labels.copy()
    labels[:12] += (clips.labels[:12] == 2) * 1
    return replace(clips, labels=labels, classes=("calm", "happy", "sad", "bored"))


def reordered(clips):
    """The same clips, with the classes in another order."""
    order = [2, 0, 1]
    return replace(
        clips,
        classes=tuple(clips.classes[i] for i in order),
        labels=np.array([order.index(label) for label in clips.labels]),
    )


def first_weights(settings, clips, out, progress=None):
    run = Run(settings, clips, out, progress or Progress())
    return {f"{name}/{key}": w for name, part in run.model.parts.items() for key, w in part.params.items()}


def test_a_run_begins_with_the_weights_of_the_model(base, toy_clips, tmp_path):
    start, model, progress = first_weights(started(base), toy_clips, tmp_path), load_model(base), RecordedProgress()
    for name, network in model.networks.items():
        for key, w in network.params.items():
            np.testing.assert_array_equal(start[f"{name}/{key}"], w)
    first_weights(started(base, fold=1), toy_clips, tmp_path, progress)
    assert progress.notes == []  # the people held out are those whom the model has not seen either


def test_a_model_scores_as_before_if_the_classes_are_in_another_order(base, toy_clips, tmp_path):
    run = Run(started(base), reordered(toy_clips), tmp_path, Progress())
    run.model.tops = {}
    old = score_clips(load_model(base), toy_clips.faces, toy_clips.landmarks, np)
    new = score_clips(run.model, toy_clips.faces, toy_clips.landmarks, np)
    for name in ("dtan", "dtgn"):
        np.testing.assert_allclose(new[name], old[name][:, [2, 0, 1]], atol=1e-6)


def test_other_classes_have_a_new_top_and_a_note_says_so(base, toy_clips, tmp_path):
    progress, model = RecordedProgress(), load_model(base)
    # Persons 0 and 4 are held out, and both sides have all classes.
    start = first_weights(started(base, fold=1), renamed(toy_clips), tmp_path, progress)
    assert len(progress.notes) == 1
    assert (
        "has the classes calm, glad, sad, the data have calm, happy, sad, bored: the top layers start"
        in (progress.notes[0])
    )
    assert start["dtan/softmax.W"].shape == (12, 4)
    for name, network in model.networks.items():
        for key, w in network.params.items():
            if not key.startswith("softmax"):
                np.testing.assert_array_equal(start[f"{name}/{key}"], w)
    Run(started(base, fold=1), renamed(toy_clips), tmp_path, Progress()).train_all()
    assert json.loads((tmp_path / "environment.json").read_text())["init"]["top"] == "new"
    settings = json.loads((tmp_path / "settings.json").read_text())
    assert settings["dtan"] == "I16-C(3,4)-L3-P2-FC12-S4"
    # As many classes, one with another name: the top is a new one, too.
    other = replace(toy_clips, classes=("calm", "glad", "proud"))
    top = first_weights(started(base), other, tmp_path)["dtgn/softmax.W"]
    assert top.shape == model.dtgn.params["softmax.W"].shape
    assert not np.array_equal(top, model.dtgn.params["softmax.W"])


@pytest.mark.parametrize("clips", [toy_set(), reordered(toy_set())], ids=["same", "reordered"])
def test_top_only_leaves_the_layers_below_as_they_are(clips, base, tmp_path):
    Run(started(base, "top"), clips, tmp_path, Progress()).train_all()
    before, after = weights(base.parent), weights(tmp_path)
    below = [name for name in before if name.startswith("dt") and "softmax" not in name]
    assert below
    for name in below:
        np.testing.assert_array_equal(after[name], before[name], err_msg=name)
    for name in ("dtan/softmax.W", "dtan/softmax.b", "dtgn/softmax.W", "joint/dtan.W"):
        assert not np.array_equal(after[name], before[name])
    np.testing.assert_array_equal(after["trajectory_mean"], before["trajectory_mean"])
    rows = (tmp_path / "layers.csv").read_text().splitlines()
    assert {row.split(",")[2] for row in rows if row.startswith("dt")} == {"softmax"}


def test_all_layers_are_trained_otherwise(base, toy_clips, tmp_path):
    Run(started(base), toy_clips, tmp_path, Progress()).train_all()
    before, after = weights(base.parent), weights(tmp_path)
    for name in before:
        assert np.array_equal(after[name], before[name]) == (name == "trajectory_mean"), name


def test_training_the_top_layer_is_training_the_network_with_the_others_held(base, toy_clips, tmp_path):
    """The step of the top layer is that of the whole network: frozen features change nothing but the time."""
    whole = Run(started(base), toy_clips, tmp_path, Progress())
    top = Run(started(base, "top"), toy_clips, tmp_path, Progress())
    samples = np.arange(20)
    for name in ("dtan", "dtgn"):
        outcomes = []
        for run in (whole, top):
            objective = StageObjectives(run.model, run.samples, np, run.top_only).of_network(name)
            rng = np.random.default_rng(1)
            outcomes.append(objective.outcome(objective.inputs(samples), run.samples.labels(samples), rng))
        assert float(outcomes[0].loss) == pytest.approx(float(outcomes[1].loss), rel=1e-5)
        assert set(outcomes[1].grads) == {"softmax.W", "softmax.b"}
        for key, g in outcomes[1].grads.items():
            np.testing.assert_allclose(g, outcomes[0].grads[key], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("layers", ["all", "top"])
@pytest.mark.parametrize("batches", [1, 13, 30, 47, 75])
def test_a_run_that_is_interrupted_ends_with_the_same_bits(layers, batches, base, toy_clips, tmp_path):
    settings = started(base, layers)
    Run(settings, toy_clips, tmp_path / "a", Progress()).train_all()
    with pytest.raises(KeyboardInterrupt):
        Run(settings, toy_clips, tmp_path / "b", StopAfter(batches)).train_all()
    resumed = open_run(tmp_path / "b")
    assert resumed == settings
    Run(resumed, toy_clips, tmp_path / "b", Progress(), resume=True).train_all()
    assert_same_run(tmp_path / "a", tmp_path / "b")


def test_people_on_whom_the_model_was_trained_are_named_if_they_are_held_out(base, toy_clips, tmp_path):
    progress = RecordedProgress()
    Run(started(base), toy_clips, tmp_path, progress)  # fold 0; the model held out fold 1
    assert len(progress.notes) == 1
    assert "was trained on people called person 0, person 4, who are held out here" in progress.notes[0]


def test_the_model_is_recorded_and_another_one_is_refused(base, toy_clips, tmp_path):
    copy = tmp_path / "copy.npz"
    copy.write_bytes(base.read_bytes())
    settings = started(copy)
    Run(settings, toy_clips, tmp_path / "run", Progress()).train_all()
    recorded = json.loads((tmp_path / "run/settings.json").read_text())["init"]
    assert recorded == {"file": str(copy), "sha256": sha256_of(base), "layers": "all"}
    init = json.loads((tmp_path / "run/environment.json").read_text())["init"]
    assert init == {"name": "copy.npz", "sha256": sha256_of(base), "trained": "all", "top": "kept"}
    assert load_model(tmp_path / "run").history["init"] == recorded
    copy.write_bytes((tmp_path / "run/model.npz").read_bytes())
    with pytest.raises(UserError, match="is not the model from which the run starts: its SHA-256 is"):
        Run(settings, toy_clips, tmp_path / "other", Progress())
    copy.unlink()
    with pytest.raises(UserError, match="does not exist: expected the model from which the run starts"):
        Run(settings, toy_clips, tmp_path / "other", Progress())


def test_clips_that_were_made_in_another_way_are_noted(base, toy_clips, tmp_path):
    model = load_model(base)
    model.data["on_missing_face"] = "skip"
    save_model(tmp_path / "model.npz", model)
    clips = replace(toy_clips, provenance=Provenance(on_missing_face="error"))
    progress = RecordedProgress()
    Run(started(tmp_path / "model.npz", fold=1), clips, tmp_path, progress)
    assert progress.notes == [
        "the model was trained on --on-missing-face skip, these are made with error: labels may differ"
    ]


def test_recordings_get_the_landmark_model_of_the_starting_model(base, tmp_path):
    model, landmarks = load_model(base), tmp_path / "landmarks.yaml"
    landmarks.write_bytes(b"a landmark model")
    model.data["landmark_source"] = identity(landmarks)
    model.history["landmark_model"] = str(landmarks)
    save_model(tmp_path / "model.npz", model)
    init = {"init": str(tmp_path / "model.npz")}
    assert train_settings({"data": "clips", **init}).landmark_model == str(landmarks)
    assert train_settings({"data": "clips", "landmark_model": "own", **init}).landmark_model == "own"
    assert train_settings({"data": "clips", "landmarks": "dataset", **init}).landmark_model is None
    assert train_settings({"data": "synthetic:demo", **init}).landmark_model is None
    landmarks.unlink()
    with pytest.raises(UserError, match="with which the model was trained, is not here"):
        train_settings({"data": "clips", **init})


def test_a_model_given_on_the_command_line_replaces_that_of_the_file(base, tmp_path):
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({"init": {"file": "gone.npz", "sha256": "0" * 64, "layers": "top"}}))
    given = {"config": str(path), "init": str(base)}
    assert train_settings(given).init == StartingModel(str(base), sha256_of(base), "top")
    assert train_settings({**given, "init_layers": "all"}).init == StartingModel(str(base), sha256_of(base))


@pytest.mark.parametrize(("classes", "remarks"), [(("calm", "glad", "sad"), 0), (("calm", "glad", "proud"), 1)])
def test_only_a_new_top_is_expected_to_guess_at_first(classes, remarks, base, toy_clips, tmp_path, monkeypatch):
    monkeypatch.setattr("fernet.training.layer_remarks._FIRST_LOSS", 0.0)  # whatever the loss is
    progress, clips = RecordedProgress(), replace(toy_clips, classes=classes)
    Run(started(base, fold=1, networks="dtgn"), clips, tmp_path, progress).train_all()
    assert sum("the loss of the first batch" in note for note in progress.notes) == remarks


def test_networks_that_do_not_fit_are_refused(base, toy_clips, tmp_path):
    with pytest.raises(UserError, match="expected the same up to the last layer"):
        Run(started(base, dtgn="D1176-FC12-S3"), toy_clips, tmp_path, Progress())
    with pytest.raises(UserError, match=r"has 5 classes, the data have 3"):
        Run(started(base, dtgn="D1176-FC16-S5"), toy_clips, tmp_path, Progress())


def test_what_is_not_chosen_is_taken_from_the_model(base):
    start = starting_model(StartingModel(str(base)))
    filled = start.fill_in(RunSettings(), set())
    assert filled.init.sha256 == sha256_of(base)
    assert (filled.dtan, filled.dtgn, filled.networks) == (SETTINGS.dtan, SETTINGS.dtgn, "both")
    assert filled.preprocessing == Preprocessing(image_size=16)
    chosen = replace(RunSettings(), options=NetworkOptions(dropout=0.1), networks="dtan")
    filled = start.fill_in(chosen, {"dropout", "networks"})
    assert (filled.options.dropout, filled.networks, filled.dtan) == (0.1, "dtan", SETTINGS.dtan)
    for name, value in (("normalisation", "response"), ("normalisation_scale", 3.0), ("ceil_pooling", True)):
        chosen = replace(RunSettings(), options=replace(NetworkOptions(), **{name: value}))
        assert start.fill_in(chosen, set()).options == NetworkOptions()
        with pytest.raises(UserError, match=f"{name} is {value}, but the starting model was trained with"):
            start.fill_in(chosen, {name})
    chosen = replace(RunSettings(), preprocessing=Preprocessing(normalise_first=True))
    with pytest.raises(UserError, match="normalise_first is True, but the starting model was trained with False"):
        start.fill_in(chosen, {"normalise_first"})


def test_train_starts_from_a_run_and_is_repeated_and_resumed(base, command, tmp_path):
    data = tmp_path / "toy.npz"
    save_prepared(data, PreparedSet(toy_set()))
    arguments = ["train", "--data", data, "--init", base.parent, "--folds", 4, "--fold", 1, "--backend", "numpy"]
    arguments += ["--epochs", 1, "--dtgn-epochs", 2, "--joint-epochs", 1]
    status, out, err = command(*arguments, "--init-layers", "top", "--out", tmp_path / "a")
    assert status == 0, err
    assert "training on 18 clips" in out
    settings = json.loads((tmp_path / "a/settings.json").read_text())
    assert settings["init"] == {"file": str(base), "sha256": sha256_of(base), "layers": "top"}
    assert (settings["dtan"], settings["networks"]) == (SETTINGS.dtan, "both")
    assert command("train", "--config", tmp_path / "a/settings.json", "--out", tmp_path / "b")[0] == 0
    assert_same_run(tmp_path / "a", tmp_path / "b")
    (tmp_path / "b/metrics.json").unlink()
    (tmp_path / "b/model.npz").unlink()
    assert command("train", "--resume", tmp_path / "b")[0] == 0
    assert_same_run(tmp_path / "a", tmp_path / "b")
    status, _, err = command(*arguments, "--frames", 5, "--out", tmp_path / "c")
    assert (status, err.count("\n")) == (2, 1)
    assert "appearance_frames is 5" in err or "frames is 5, but the starting model was trained with 3" in err
    assert "no model to start from is given" in command("train", "--init-layers", "top")[2]
    assert "none.npz does not exist" in command("train", "--init", tmp_path / "none.npz")[2]


def test_a_model_of_one_network_trains_that_one(base, command, tmp_path):
    data = tmp_path / "toy.npz"
    save_prepared(data, PreparedSet(toy_set()))
    common = ["train", "--data", data, "--backend", "numpy", "--dtgn-epochs", 1, "--folds", 4, "--fold", 1]
    init = ["--init", base, "--networks", "dtgn"]
    assert command(*common, *init, "--out", tmp_path / "dtgn")[0] == 0
    assert command(*common, "--init", tmp_path / "dtgn", "--out", tmp_path / "again")[0] == 0
    assert set(load_model(tmp_path / "again").networks) == {"dtgn"}
    status, _, err = command(*common, "--init", tmp_path / "dtgn", "--networks", "both", "--out", tmp_path / "both")
    assert (status, err.count("\n")) == (2, 1)
    assert "has no dtan: expected --networks dtgn" in err
