"""How the data of a model were made travels with it, and prediction repeats it or says what is different."""

import json
import shutil
from dataclasses import replace
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from recorded_progress import RecordedProgress
from toy_run import in_this_process
from toy_run import settings as toy_settings
from toy_set import toy_set

from fernet.clips.prepared_file import PreparedSet, load_prepared, save_prepared
from fernet.clips.provenance import UNKNOWN, Provenance, provenance_from_json
from fernet.clips.sequence_set import Preprocessing
from fernet.datasets.load import load
from fernet.datasets.reading import Reading
from fernet.errors import UserError
from fernet.faces import landmarks
from fernet.json_settings import to_json
from fernet.networks.model_file import load_model, save_model
from fernet.networks.predict import frames_as_trained, landmark_model_for, note_differences
from fernet.progress import SILENT
from fernet.synthetic import clip_specs, render_clip
from fernet.training.run import Run
from fernet.training.settings import RunSettings, run_settings_from_json

BUILT_IN = landmarks.identity(landmarks.BUILT_IN)
LYING = Provenance(BUILT_IN, rotation=90, on_missing_face="skip")
TINY = ("--dtan", "I64-C(5,2)-P8-FC4-S2", "--dtgn", "D1176-FC4-S2", "--backend", "numpy", "--folds", 2, "--fold", 1)
BRIEF = ("--epochs", 1, "--dtgn-epochs", 1, "--joint-epochs", 1)


@pytest.fixture(scope="module")
def lying_faces(tmp_path_factory):
    """Eight clips of four people, stored as by a camera that lay on its side, with landmarks for each frame."""
    root = tmp_path_factory.mktemp("lying")
    specs = [spec for spec in clip_specs("demo") if spec.label in ("happiness", "surprise")]
    people = sorted({spec.subject for spec in specs})[:4]
    rows = ["path,label,subject,landmarks"]
    for spec in (spec for spec in specs if spec.subject in people):
        clip, folder = render_clip(spec, 144), root / spec.name
        (folder / "points").mkdir(parents=True)
        for number in (0, 6, len(clip.frames) - 1):
            cv2.imwrite(str(folder / f"{number:02}.png"), np.rot90(clip.frames[number]))  # anticlockwise
            np.savetxt(folder / "points" / f"{number:02}.txt", clip.landmarks[number])
        rows.append(f"{spec.name},{spec.label},{spec.subject},{spec.name}/points")
    (root / "clips.csv").write_text("\n".join(rows))
    return root / "clips.csv"


def test_a_model_finds_the_landmark_model_of_its_data_again(tmp_path, monkeypatch):
    """It is found by its contents; another one is taken if named; none at all is refused, not silently replaced."""
    monkeypatch.delenv(landmarks.VARIABLE, raising=False)
    monkeypatch.setattr(landmarks, "installed_model_path", lambda: tmp_path / "fetched.yaml.gz")
    own, other = tmp_path / "own.yaml.gz", tmp_path / "other.yaml.gz"
    shutil.copy(landmarks.BUILT_IN, own)
    other.write_bytes(b"another model")
    model = SimpleNamespace(data={"landmark_source": BUILT_IN}, history={"landmark_model": "/somebody/elses/disk.yaml"})
    assert landmark_model_for(model, None) == landmarks.BUILT_IN
    (tmp_path / "fetched.yaml.gz").write_bytes(b"a public model, fetched after the training")
    assert landmark_model_for(model, None) == landmarks.BUILT_IN
    assert landmark_model_for(model, str(own)) == own
    assert landmark_model_for(model, str(other)) == other
    model.data = {"landmark_source": landmarks.FROM_DATASET}
    assert landmark_model_for(model, None) == tmp_path / "fetched.yaml.gz"

    model.data = {"landmark_source": {"name": "lost.yaml", "sha256": "0" * 64}}
    with pytest.raises(UserError, match=r"lost.yaml \(SHA-256 000000000000.*is not here: give that file"):
        landmark_model_for(model, None)


@pytest.mark.parametrize(
    ("clips", "expected"),
    [
        (LYING, []),
        (UNKNOWN, []),
        (replace(LYING, landmark_source={**BUILT_IN, "name": "copy.yaml"}), []),
        (
            replace(LYING, landmark_source=landmarks.FROM_DATASET),
            ["landmarks from lbf68_procedural.yaml.gz, these are"],
        ),
        (
            Provenance(BUILT_IN, 0, "error"),
            ["frames rotated by 90 degrees, these are rotated by 0", "--on-missing-face"],
        ),
    ],
)
def test_every_known_difference_is_noted(clips, expected):
    progress = RecordedProgress()
    note_differences(SimpleNamespace(data=LYING.to_json()), clips, progress)
    assert len(progress.notes) == len(expected)
    for note, words in zip(progress.notes, expected, strict=True):
        assert f"the model was trained on {words}" in note
        assert "labels may differ" in note


def test_damaged_provenance_is_unknown():
    damaged = {"landmark_source": {"name": 3}, "rotation": 45, "on_missing_face": ["skip"]}
    for values in (damaged, [], None, {}):
        assert provenance_from_json(values) == UNKNOWN
    assert provenance_from_json(json.loads(json.dumps(LYING.to_json()))) == LYING


def test_frames_are_taken_as_in_training_unless_the_user_says_otherwise():
    progress, model = RecordedProgress(), SimpleNamespace(data=LYING.to_json())
    assert frames_as_trained(model, None, None, progress) == (90, "skip")
    assert "rotated by 90 degrees clockwise, as those the model was trained on" in progress.notes[-1]
    assert frames_as_trained(model, 0, "error", progress) == (0, "error")
    assert len(progress.notes) == 1
    assert frames_as_trained(SimpleNamespace(data={}), None, None, progress) == (0, "interpolate")


def test_provenance_travels_from_the_prepared_file_to_the_model(tmp_path):
    clips = replace(toy_set(), provenance=LYING)
    save_prepared(tmp_path / "set.npz", PreparedSet(clips))
    loaded = load_prepared(tmp_path / "set.npz")
    assert loaded.provenance == LYING
    run = Run(toy_settings().run, loaded, tmp_path, SILENT)
    save_model(tmp_path / "model.npz", run.model)
    assert provenance_from_json(load_model(tmp_path / "model.npz").data) == LYING


def test_settings_keep_how_clips_are_read():
    reading = Reading("mmi", 180, {"view": "profile"}, True, "dataset", "error")
    settings = RunSettings(reading=reading)
    values = json.loads(json.dumps(to_json(settings)))
    assert run_settings_from_json(values) == settings
    del values["reading"]  # as written by earlier versions
    assert run_settings_from_json(values).reading == Reading()
    for name, wrong in (("rotation", 45), ("landmarks", "mine"), ("on_missing_face", "ignore"), ("options", 3)):
        with pytest.raises(UserError, match="expected"):
            run_settings_from_json({**values, "reading": {**to_json(reading), name: wrong}})


def test_arrays_cannot_be_read_in_another_way(tmp_path):
    save_prepared(tmp_path / "set.npz", PreparedSet(toy_set()))
    for data in ("synthetic:demo", str(tmp_path / "set.npz")):
        with pytest.raises(UserError, match="holds arrays, not recordings: leave out the options"):
            load(data, Preprocessing(image_size=16), reading=Reading(rotation=90))


@pytest.mark.parametrize(
    "arguments",
    [("train", "--data"), ("crossval",), ("reproduce", "ck+", "--data"), ("evaluate", "model.npz", "--data")],
    ids=lambda arguments: arguments[0],
)
def test_arrays_take_no_landmark_model(arguments, tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    clips = toy_set()
    save_prepared(tmp_path / "set.npz", PreparedSet(clips))
    save_model(tmp_path / "model.npz", Run(toy_settings().run, clips, tmp_path, SILENT).model)
    for data in ("set.npz", "synthetic:demo"):
        status, out, err = command(*arguments, data, "--landmark-model", "/nope")
        assert (status, out) == (2, "")
        assert err == f"fernet: {data} holds arrays, not recordings: leave out --landmark-model\n"
    assert not (tmp_path / "runs").exists()


def test_a_camera_on_its_side_from_training_to_prediction(lying_faces, tmp_path, monkeypatch, command):
    """`train --rotation 90`: evaluate repeats the numbers and predict turns the frames, both without being told."""
    monkeypatch.chdir(tmp_path)
    status, out, err = command("train", "--data", lying_faces, "--rotation", 90, *TINY, *BRIEF, "--out", "run")
    assert status == 0, err
    trained = out.split("accuracy on")[1].split("\n\n")[0]
    status, out, _ = command("evaluate", "run")
    assert status == 0
    assert trained.strip() in out
    clip = next(path for path in sorted(lying_faces.parent.iterdir()) if path.is_dir())
    status, out, err = command("predict", "run", clip, "--json")
    assert status == 0, err
    assert "rotated by 90 degrees clockwise, as those the model was trained on" in err
    assert json.loads(out)[0]["tracking"]["found"] == 3
    status, out, err = command("predict", "run", clip, "--rotation", 270, "--json")
    assert status == 2
    assert "no face" in err
    status, out, err = command("overlay", clip, "--rotation", 90, "--out", "faces.png")
    assert status == 0
    assert "face found in 3 of 3 frames" in out

    status, _, err = command("evaluate", "run", "--rotation", 0)
    assert status == 2
    assert "without --data the clips are read as in the run: leave out --rotation" in err
    status, out, err = command("evaluate", "run", "--data", lying_faces)
    assert status == 0
    assert "rotated by 90 degrees" in err
    assert "accuracy on 8 clips" in out


def test_cross_validation_reads_as_told(lying_faces, tmp_path, monkeypatch, command):
    """`crossval --rotation` keeps the choice in its settings and its data; --landmarks dataset reaches the clips."""
    monkeypatch.setattr("fernet.experiments.executors.processes", in_this_process)
    monkeypatch.setattr("fernet.experiments.paper_settings.run_settings", lambda data, *_: _tiny(data))
    chosen = ("--folds", 2, "--fold-scheme", "block", "--jobs", 1)
    rotated = ("--rotation", 90, "--on-missing-face", "error")
    status, _, err = command("crossval", lying_faces, *chosen, *rotated, "--out", tmp_path / "run")
    assert status == 0, err
    kept = json.loads((tmp_path / "run/crossval.json").read_text())["run"]["reading"]
    assert (kept["rotation"], kept["on_missing_face"]) == (90, "error")
    assert load_prepared(tmp_path / "run/clips.npz").provenance == Provenance(BUILT_IN, 90, "error")

    status, _, err = command("crossval", lying_faces, *chosen, "--landmarks", "dataset", "--out", tmp_path / "own")
    assert status == 0, err
    assert load_prepared(tmp_path / "own/clips.npz").provenance.landmark_source == landmarks.FROM_DATASET

    status, _, err = command("crossval", tmp_path / "run/clips.npz", *chosen, "--out", tmp_path / "prepared")
    assert status == 0, err
    assert load_prepared(tmp_path / "prepared/clips.npz").provenance == Provenance(BUILT_IN, 90, "error")


def _tiny(data):
    run = toy_settings(data=data).run
    networks = {"dtan": "I64-C(5,2)-P8-FC4-S2", "dtgn": "D1176-FC4-S2"}
    return replace(run, **networks, preprocessing=Preprocessing())


def test_a_landmark_model_of_the_same_name_with_other_contents_is_told_apart():
    one, other = (Provenance({"name": "own.yaml", "sha256": mark * 64}) for mark in "ab")
    assert one.differences(one) == []
    assert one.differences(other) == ["landmarks from own.yaml, these are from another file of that name"]
