"""A run knows its data: the people held out stay held out, and changed data are noticed."""

import json
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from toy_set import toy_set

from fernet.clips.prepared_file import PreparedSet
from fernet.training.data_record import data_mark
from fernet.training.run_folder import free_folder

SMALL = ["--dtgn", "D1176-FC16-S3", "--networks", "dtgn", "--backend", "numpy", "--dtgn-epochs", "2"]


@pytest.fixture
def data(monkeypatch):
    """A list whose only item is what every dataset is loaded as."""
    held = [toy_set()]
    monkeypatch.setattr("fernet.experiments.single_frames.load_with_failures", lambda *arguments: PreparedSet(held[0]))
    return held


@pytest.fixture
def trained(command, data, tmp_path):
    """The folder of a run that held out person 0 and person 5."""
    assert command("train", "--data", "toy", "--out", tmp_path / "run", *SMALL)[0] == 0
    return tmp_path / "run"


def renamed(clips, before, after):
    """A person has another name, and so another place in the order of people."""
    return replace(clips, subjects=tuple(after if subject == before else subject for subject in clips.subjects))


def strip(folder):
    """The run as an earlier version wrote it: no people in the model, no mark in environment.json."""
    with zipfile.ZipFile(folder / "model.npz") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    description = json.loads(members["description.json"])
    description.pop("data", None)
    members["description.json"] = json.dumps(description).encode()
    with zipfile.ZipFile(folder / "model.npz", "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    environment = json.loads((folder / "environment.json").read_text())
    for name in ("data_mark", "training_subjects"):
        environment.pop(name, None)
    (folder / "environment.json").write_text(json.dumps(environment))


def evaluated(command, *arguments):
    status, out, err = command("evaluate", *arguments, "--json", "--backend", "numpy")
    assert status == 0, err
    return json.loads(out), err


@pytest.mark.parametrize("old", [False, True])
def test_the_people_held_out_are_those_of_the_run_whatever_is_added(old, trained, command, data):
    before, notes = evaluated(command, trained)
    assert notes == ""
    if old:
        strip(trained)
    data[0] = renamed(toy_set(), "person 3", "Anna")  # first in the order: folds cut anew hold out other people
    after, notes = evaluated(command, trained)
    assert after == before
    assert ("Anna came into the data after the training" in notes) != old
    assert evaluated(command, trained / "model.npz")[0] == before


def test_people_held_out_who_are_missing_are_named(trained, command, data):
    data[0] = renamed(toy_set(), "person 0", "Zoe")
    metrics, notes = evaluated(command, trained)
    assert metrics["clips"] == 3
    assert "no clip of person 0 any more" in notes
    data[0] = renamed(data[0], "person 5", "Zoe")
    status, out, err = command("evaluate", trained)
    assert (status, out) == (2, "")
    assert "no clip of the people held out (person 0, person 5)" in err


def test_other_pixels_are_noted(trained, command, data):
    data[0] = replace(toy_set(), faces=toy_set().faces // 2)
    assert "the data have changed since the training" in evaluated(command, trained)[1]


@pytest.mark.parametrize("old", [False, True])
def test_clips_of_people_of_the_training_are_noted(old, trained, command, data):
    if old:
        strip(trained)
    words = "of 24 clips show people of the same names as those the model was trained on"
    _, notes = evaluated(command, trained, "--data", "toy")
    assert (f"note: 18 {words}" in notes) != old
    for person in range(8):
        data[0] = renamed(data[0], f"person {person}", f"other {person}")
    assert evaluated(command, trained, "--data", "toy")[1] == ""
    data[0] = renamed(data[0], "other 3", "person 3")
    assert (f"note: 3 {words}" in evaluated(command, trained, "--data", "toy")[1]) != old


def test_data_that_have_moved_are_named_with_the_way_out(trained, command, monkeypatch, tmp_path):
    monkeypatch.undo()  # the data are looked for
    status, out, err = command("evaluate", trained)
    assert (status, out) == (2, "")
    assert "the data of the run, toy, are not here: name them with --data, or start from the folder in which" in err
    status, _, err = command("evaluate", trained, "--data", tmp_path / "gone")
    assert status == 2
    assert "gone: no such file or folder" in err


def test_a_model_that_does_not_know_its_people_is_not_evaluated_on_guessed_ones(trained, command):
    strip(trained)
    (trained / "environment.json").unlink()
    status, out, err = command("evaluate", trained)
    assert (status, out) == (2, "")
    assert "does not say which people were held out" in err
    assert evaluated(command, trained, "--data", "toy")[0]["clips"] == 24


def unfinished(folder):
    (folder / "metrics.json").unlink()


@pytest.mark.parametrize(
    "change",
    [
        lambda clips: renamed(clips, "person 3", "Anna"),
        lambda clips: replace(clips, faces=clips.faces // 2),
        lambda clips: replace(clips, landmarks=clips.landmarks + 1),
        lambda clips: replace(clips, names=("other", *clips.names[1:])),
        lambda clips: replace(clips, labels=np.roll(clips.labels, 3 * 8 - 1)),
    ],
)
def test_a_run_is_not_resumed_with_changed_data(change, trained, command, data):
    unfinished(trained)
    data[0] = change(toy_set())
    status, _, err = command("train", "--resume", trained)
    assert status == 2
    assert "have changed since it was started" in err
    data[0] = toy_set()
    assert command("train", "--resume", trained)[0] == 0


def test_an_earlier_run_is_resumed_with_the_same_people_only(trained, command, data):
    strip(trained)
    unfinished(trained)
    data[0] = renamed(toy_set(), "person 3", "Anna")
    status, _, err = command("train", "--resume", trained)
    assert status == 2
    assert "it held out person 0, person 5, now it would be Anna, person 5" in err
    data[0] = toy_set()
    assert command("train", "--resume", trained)[0] == 0


def test_the_mark_depends_on_the_clips_alone():
    clips = toy_set()
    assert data_mark(clips) == data_mark(toy_set())
    assert data_mark(replace(clips, title="other")) == data_mark(clips)
    assert data_mark(replace(clips, labels=clips.labels[::-1])) != data_mark(clips)


def people_folder(root, people=4, classes=("anger", "fear")):
    """A folder of clips in which nothing is a picture: names and labels can be read, faces cannot."""
    for label in classes:
        for person in range(people):
            folder = root / label / f"S{person}__1"
            folder.mkdir(parents=True)
            (folder / "0001.png").write_bytes(b"no picture")
    return root


@pytest.fixture
def no_faces(monkeypatch):
    """Preparing a face fails the test."""

    def prepare(*arguments, **options):
        pytest.fail("faces are prepared before the folds are checked")

    monkeypatch.setattr("fernet.datasets.load.all_clips", prepare)
    monkeypatch.setattr("fernet.datasets.load.load_set", prepare)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--folds", 21], "21 folds for 20 people"),
        (["--fold", 9], "fold 9 of 5"),
    ],
)
def test_folds_are_checked_before_faces_are_prepared(options, words, command, no_faces, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    status, _, err = command("train", "--data", "synthetic:demo", "--backend", "numpy", *options)
    assert status == 2
    assert words in err
    assert not list(Path("runs").iterdir())


def test_folders_of_clips_are_checked_early_too(command, no_faces, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    people_folder(tmp_path / "clips")
    for arguments in (["train", "--data", "clips"], ["crossval", "clips"]):
        status, _, err = command(*arguments, "--folds", 30, "--backend", "numpy")
        assert status == 2
        assert "30 folds for " in err
    assert not list(Path("runs").iterdir())


def test_a_class_of_one_person_is_named_early(command, no_faces, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lines = [f"{label}{i}.avi,{label},{i}" for i in range(3) for label in ("anger", "fear")] + ["x.avi,joy,0"]
    Path("clips.csv").write_text("\n".join(["path,label,subject", *lines]))
    for line in lines:
        Path(line.split(",")[0]).write_bytes(b"no video")
    status, _, err = command("train", "--data", "clips.csv", "--folds", 3, "--backend", "numpy")
    assert status == 2
    assert "fold 0 leaves no training clip of joy" in err
    status, _, err = command("crossval", "clips.csv", "--folds", 3, "--backend", "numpy")
    assert status == 2
    assert "fold 0 holds out every clip of joy" in err
    assert "only 0 shows joy" in err
    assert not list(Path("runs").iterdir())


def test_stratified_folds_are_proposed_and_taken(command, no_faces, tmp_path, monkeypatch):
    """Neighbours two apart show the same class, which strides put into one fold."""
    monkeypatch.chdir(tmp_path)
    lines = [f"{i}.avi,{('anger', 'fear')[i % 2]},{i}" for i in range(6)]
    Path("clips.csv").write_text("\n".join(["path,label,subject", *lines]))
    for line in lines:
        Path(line.split(",")[0]).write_bytes(b"no video")
    for arguments in (["train", "--data", "clips.csv"], ["crossval", "clips.csv"]):
        arguments = [*arguments, "--folds", 2, "--backend", "numpy"]
        status, _, err = command(*arguments)
        assert status == 2
        assert "choose --fold-scheme stratified" in err
        with pytest.raises(pytest.fail.Exception, match="faces are prepared"):
            command(*arguments, "--fold-scheme", "stratified")


def test_a_refused_cross_validation_leaves_the_folder_free(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    people_folder(tmp_path / "clips")  # refused only when the pictures are read
    for out in (["--out", "results"], []):
        status, _, err = command("crossval", "clips", "--folds", 2, "--backend", "numpy", *out)
        assert status == 2, err
    assert not Path("results").exists()
    assert not list(Path("runs").iterdir())
    Path("results").mkdir()
    Path("results/mine.txt").write_text("")
    assert command("crossval", "clips", "--folds", 2, "--backend", "numpy", "--out", "results")[0] == 2
    assert [path.name for path in Path("results").iterdir()] == ["mine.txt"]


def test_runs_that_start_at_once_have_folders_of_their_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        folders = list(pool.map(lambda _: free_folder("synthetic:demo"), range(40)))
    assert len(set(folders)) == 40
    assert all(folder.is_dir() for folder in folders)
