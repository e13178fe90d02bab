"""A model of single frames sees the same frame in training and in prediction; prepared files know their database."""

import json
from dataclasses import replace

import numpy as np
import pytest
from toy_run import settings
from toy_set import toy_set

from fernet.clips.clip import ClipArrays
from fernet.clips.prepared_file import PreparedSet, save_prepared
from fernet.clips.sequence_set import Preprocessing
from fernet.experiments.paper_settings import recognise_dataset, takes_small_networks
from fernet.experiments.single_frames import load_as_trained, single_frames
from fernet.experiments.tasks import task_settings
from fernet.explain.clips import shown_clips
from fernet.faces.tracking import TrackReport
from fernet.networks.model_file import load_model
from fernet.networks.predict import peak_of, predict_clips, score_clips
from fernet.progress import SILENT
from fernet.training.run import Run
from fernet.training.settings import RunSettings

SINGLE = Preprocessing(image_size=16, appearance_frames=1)
TITLES = {
    "CK+": "ck+", "Oulu-CASIA VL Strong, original frames": "oulu", "MMI, frontal view": "mmi",
    "MMI, profile view": "mmi", "synthetic:mmi (procedural faces)": "mmi", "synthetic:demo (procedural faces)": None,
    "CK+48 (48 x 48, last frames)": None, "MMI, frontal view (folder of clips)": None, "MMI.csv (CSV of clips)": None,
    "MMI2": None,
}  # fmt: skip


class Notes(type(SILENT)):
    def __init__(self):
        self.texts = []

    def note(self, text):
        self.texts.append(text)


def prepared_file(path, title, clips=None):
    save_prepared(path, PreparedSet(replace(clips or toy_set(), title=title)))
    return str(path)


def trained(folder, peak):
    run = task_settings(settings(dtgn=None).run, "single-frame", 0, 0)
    Run(run, single_frames(toy_set(), peak), folder, SILENT).train_all(1)
    return load_model(folder)


@pytest.fixture
def clip_of_toy_set(monkeypatch):
    """Every path is read as the first toy clip, of as many frames as are asked for."""
    clips = toy_set()

    def read(path, landmark_model, preprocessing, **options):
        frames = {1: [2], 3: [0, 1, 2]}[preprocessing.appearance_frames]
        return ClipArrays(clips.faces[0, frames], clips.landmarks[0], TrackReport(3, 3, 0, 0, 0, 0))

    monkeypatch.setattr("fernet.networks.predict.clip_from_frames", read)
    return clips


@pytest.mark.parametrize(("peak", "frame"), [("end", 2), ("middle", 1)])
def test_prediction_shows_the_frame_of_the_training(peak, frame, tmp_path, clip_of_toy_set):
    model = trained(tmp_path, peak)
    assert peak_of(model) == peak
    assert json.loads((tmp_path / "environment.json").read_text())["peak"] == peak
    faces = clip_of_toy_set.faces[:1]
    expected = score_clips(model, faces[:, frame, None], clip_of_toy_set.landmarks[:1], np)["dtan"][0]
    others = score_clips(model, faces[:, 0, None], clip_of_toy_set.landmarks[:1], np)["dtan"][0]
    assert (expected != others).any()
    (prediction,) = predict_clips(model, [tmp_path], None, np)
    np.testing.assert_array_equal(prediction.scores["dtan"], expected)


@pytest.mark.parametrize(("peak", "frame"), [("end", 2), ("middle", 1)])
def test_the_page_of_explain_shows_the_same_frame(peak, frame, tmp_path, clip_of_toy_set, monkeypatch):
    monkeypatch.setattr("fernet.explain.clips.LandmarkModel", lambda path: None)
    (shown,) = shown_clips(tmp_path, trained(tmp_path, peak), (str(tmp_path),))
    np.testing.assert_array_equal(shown.faces, clip_of_toy_set.faces[0, frame, None])


def test_a_model_without_a_record_sees_the_last_frame(tmp_path, clip_of_toy_set):
    model = trained(tmp_path, "middle")
    model.data = {}
    assert peak_of(model) is None
    (prediction,) = predict_clips(model, [tmp_path], None, np)
    expected = score_clips(model, clip_of_toy_set.faces[:1, 2, None], clip_of_toy_set.landmarks[:1], np)["dtan"][0]
    np.testing.assert_array_equal(prediction.scores["dtan"], expected)


@pytest.mark.parametrize(("title", "frame"), [("MMI, frontal view", 1), ("CK+", 2), ("x (folder of clips)", 2)])
def test_a_prepared_file_of_three_frames_gives_the_peak(title, frame, tmp_path):
    path = prepared_file(tmp_path / "set.npz", title)
    clips = load_as_trained(path, SINGLE, None, SILENT)
    np.testing.assert_array_equal(clips.faces[:, 0], toy_set().faces[:, frame])
    assert clips.provenance.peak == ("middle" if frame == 1 else "end")


def test_a_prepared_file_of_one_frame_is_taken_as_it_is_with_a_note_for_mmi(tmp_path):
    ends = replace(toy_set(), faces=toy_set().faces[:, 2:], preprocessing=SINGLE)
    for title, notes in (("MMI, frontal view", 1), ("CK+", 0)):
        progress = Notes()
        path = prepared_file(tmp_path / "set.npz", title, ends)
        np.testing.assert_array_equal(load_as_trained(path, SINGLE, None, progress).faces, ends.faces)
        assert len(progress.texts) == notes
        assert all("prepare it with --frames 3" in text for text in progress.texts)


@pytest.mark.parametrize("title", TITLES)
def test_a_prepared_file_is_recognised_by_its_title(title, tmp_path):
    path, progress = prepared_file(tmp_path / "set.npz", title), Notes()
    assert recognise_dataset(path) == TITLES[title]
    assert takes_small_networks(path, progress=progress) == (TITLES[title] == "mmi")
    assert [("set.npz holds clips of MMI" in text) for text in progress.texts] == [True] * (TITLES[title] == "mmi")


def test_train_takes_the_small_networks_for_a_prepared_mmi(command, tmp_path, monkeypatch):
    path = prepared_file(tmp_path / "set.npz", "MMI, frontal view", replace(toy_set(), preprocessing=Preprocessing()))
    seen = []
    monkeypatch.setattr("fernet.commands.train._train", lambda settings, *_: seen.append(settings))
    status, _, err = command("train", "--data", path, "--out", tmp_path / "run")
    assert status == 0, err
    assert isinstance(seen[0], RunSettings)
    assert seen[0].small_networks
    assert "set.npz holds clips of MMI: the paper's smaller networks for it are trained" in err


def test_links_and_a_forced_layout_decide_on_the_networks(tmp_path):
    session = tmp_path / "real/Sessions/1/session.xml"
    session.parent.mkdir(parents=True)
    session.write_text("<Session/>")
    (tmp_path / "set").mkdir()
    (tmp_path / "set/Sessions").symlink_to(tmp_path / "real/Sessions")
    data = str(tmp_path / "set")
    assert not takes_small_networks(data)
    assert takes_small_networks(data, follow_links=True)
    assert takes_small_networks(data, "mmi")
    assert not takes_small_networks(str(tmp_path / "real"), "folder")
