"""`explain` finds clips of a run, of a task of a cross-validation, and one's own; it refuses what it cannot show."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from explain_page_reader import clip_of, model_of
from toy_run import settings
from toy_set import toy_set

from fernet.clips.clip import ClipArrays
from fernet.clips.prepared_file import PreparedSet
from fernet.errors import UserError
from fernet.evaluation.predictions_file import read_predictions
from fernet.experiments import run_data
from fernet.experiments.cross_validation import task_name
from fernet.experiments.held_out import held_out_of_run
from fernet.experiments.tasks import TASKS
from fernet.explain import clips as explain_clips
from fernet.explain.contents import contents
from fernet.faces.tracking import TrackReport
from fernet.networks.model_file import load_model, save_model
from fernet.progress import SILENT
from fernet.training.run import Run


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("explain") / "run"
    folder.mkdir()
    Run(replace(settings().run, integrations=("joint",)), toy_set(), folder, SILENT).train_all()
    return folder


@pytest.fixture(autouse=True)
def toy_data(monkeypatch):
    monkeypatch.setattr(run_data, "load_all_as_trained", lambda *arguments: PreparedSet(toy_set()))


def description(path):
    text = path.read_text(encoding="utf-8")
    return json.loads(re.search(r'id="description">(.*?)</script>', text, re.S)[1])


def test_by_default_the_first_held_out_clip_that_is_wrong(command, run_folder, tmp_path):
    out = tmp_path / "page.html"
    status, said, _ = command("explain", run_folder, "--out", out)
    told = read_predictions(run_folder / "predictions.csv")
    wrong = np.flatnonzero(told.scores["joint"].argmax(axis=1) != told.labels)
    expected = told.names[wrong[0] if len(wrong) else 0]
    (shown,) = description(out)["clips"]
    assert status == 0
    assert (shown["name"], shown["heldOut"]) == (expected, True)
    assert said.startswith(f"{out} shows {expected} (")
    assert said.splitlines()[-1].startswith("the page holds the faces of these clips")


def test_a_clip_without_a_mistake_is_shown_if_there_is_none(run_folder, monkeypatch):
    model, right = load_model(run_folder), toy_set()
    monkeypatch.setattr(
        explain_clips, "score_clips", lambda model, faces, *_: {"joint": np.eye(3)[right_labels(faces)]}
    )

    def right_labels(faces):
        return [int(np.flatnonzero((right.faces == one).all(axis=(1, 2, 3)))[0]) % 3 for one in faces]

    (shown,) = explain_clips.shown_clips(run_folder, model, ())
    assert shown.name == held_out_of_run(run_folder, model, right, SILENT).names[0]


def test_clips_by_name_held_out_or_not(command, run_folder, tmp_path):
    out, held_out = tmp_path / "page.html", set(read_predictions(run_folder / "predictions.csv").names)
    other = next(name for name in toy_set().names if name not in held_out)
    one = sorted(held_out)[0]
    status, _, _ = command("explain", run_folder / "model.npz", "--clip", one, "--clip", other, "--out", out)
    assert status == 0
    assert [(clip["name"], clip["heldOut"]) for clip in description(out)["clips"]] == [(one, True), (other, False)]
    assert [top["name"] for top in description(out)["tops"]] == ["separate", "joint"]


def test_a_model_that_does_not_say_who_was_held_out_is_refused(command, run_folder, tmp_path):
    model = load_model(run_folder)
    model.data = {}
    save_model(tmp_path / "model.npz", model)
    status, _, error = command("explain", tmp_path / "model.npz", "--out", tmp_path / "page.html")
    assert status == 2
    assert "does not say which people were held out" in error


def test_an_unknown_clip_is_one_sentence(command, run_folder, tmp_path):
    status, said, error = command("explain", run_folder, "--clip", "nobody", "--out", tmp_path / "page.html")
    assert (status, said) == (2, "")
    assert error.startswith("fernet: there is no clip nobody: expected the path")
    assert "24 clips of toy" in error
    assert not (tmp_path / "page.html").exists()


def test_a_task_of_a_cross_validation(command, finished_run, tmp_path):
    for network_set, frames in (("dtagn", 3), ("single-frame", 1)):
        folder = finished_run / TASKS / task_name(network_set, 1, 0)
        status, _, _ = command("explain", folder, "--out", tmp_path / "page.html")
        assert status == 0
        found = description(tmp_path / "page.html")
        assert found["networks"]["dtan"]["shape"] == [16, 16, frames]
        assert found["clips"][0]["name"] in read_predictions(folder / "predictions.csv").names


def test_of_a_cross_validation_a_task_must_be_named(command, finished_run, tmp_path):
    status, _, error = command("explain", finished_run, "--out", tmp_path / "page.html")
    assert status == 2
    task = re.search(r"name a task, e\.g\. (\S+)", error)[1]
    assert command("explain", task, "--out", tmp_path / "page.html")[0] == 0
    folder = finished_run / "model.npz"
    for arguments in (("predict", finished_run, "clip.mp4"), ("evaluate", finished_run), ("evaluate", folder)):
        status, _, error = command(*arguments)
        assert status == 2
        assert f"{finished_run} holds a cross-validation, and each of its tasks a model: name a task, e.g. " in error


def test_a_video_of_one_s_own_has_no_label(command, run_folder, tmp_path, monkeypatch):
    def read(path, *_, **__):
        clip = clip_of()
        return ClipArrays(clip.faces, clip.landmarks, TrackReport(3, 3, 0, 0, 0, 0))

    monkeypatch.setattr("fernet.networks.predict.clip_from_frames", read)
    monkeypatch.setattr(run_data, "load_all_as_trained", None)  # the data of the run are not needed
    (tmp_path / "own.mp4").touch()
    status, said, _ = command("explain", run_folder, "--clip", tmp_path / "own.mp4", "--out", tmp_path / "page.html")
    assert status == 0
    (shown,) = description(tmp_path / "page.html")["clips"]
    assert (shown["name"], shown["label"]) == ("own.mp4", None)
    assert "who may have the clips" in said


def test_nothing_is_said_of_procedural_faces(command, run_folder, tmp_path):
    model = load_model(run_folder)
    model.history["data"] = "synthetic:demo"
    save_model(tmp_path / "model.npz", model)
    status, said, _ = command("explain", tmp_path / "model.npz", "--out", tmp_path / "page.html")
    assert status == 0
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (
            lambda: model_of("I64-C(9,400)-C(9,64)-S3", None, size=64),
            "multiply-adds for a clip: a page computes at most",
        ),
        (lambda: model_of(None, "D1176-S41"), "the model has 41 classes: a page shows at most 40"),
        (lambda: heavy(model_of(None, "D1176-S3"), 1e6), "larger than half precision can hold"),
        (lambda: heavy(model_of(None, f"D1176{9 * '-FC4'}-S3"), 6e4), "that are not numbers"),
    ],
)
def test_what_a_page_cannot_show_is_refused(model, message):
    with pytest.raises(UserError, match=message):
        contents(model(), [clip_of()])


def heavy(model, weight):
    """All weights of DTGN are `weight`."""
    model.dtgn.set_params({key: np.full_like(w, weight) for key, w in model.dtgn.params.items()})
    return model
