"""`predict` and `overlay` from pixels on disk."""

import csv
import io
import json

import cv2
import numpy as np
import pytest
from recorded_progress import RecordedProgress

from fernet.clips.all_clips import all_clips
from fernet.clips.clip_list import ClipEntry, ClipList
from fernet.clips.overlay import chosen_frames, write_overlay
from fernet.clips.sequence_set import Preprocessing
from fernet.clips.workers import Recipe
from fernet.commands import main
from fernet.faces.frames import iter_frames
from fernet.faces.landmarks import BUILT_IN, LandmarkModel
from fernet.networks.build import Network
from fernet.networks.dtagn import DTAGN, JointTop
from fernet.networks.model_file import load_model, save_model
from fernet.networks.notation import parse
from fernet.networks.options import NetworkOptions
from fernet.networks.predict import predict_clips, score_clips
from fernet.synthetic import clip_specs, render_clip

CLASSES = ("anger", "fear", "joy of life")
METHODS = ["dtan", "dtgn", "weighted_sum", "joint"]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A model, the same clip as frames and as a video, and files that are not clips."""
    root = tmp_path_factory.mktemp("predict")
    dtan, dtgn = (Network(parse(text), NetworkOptions()) for text in ("I64-C(5,4)-L5-P2-FC8-S3", "D1176-FC8-S3"))
    model = DTAGN(CLASSES, Preprocessing(), np.zeros(1176, np.float32), dtan, dtgn)
    model.tops["joint"] = JointTop(dtan, dtgn)
    save_model(root / "model.npz", model)
    clip = render_clip(clip_specs("demo")[0], 160)
    (root / "frames").mkdir()
    video = cv2.VideoWriter(str(root / "clip.avi"), cv2.VideoWriter_fourcc(*"MJPG"), 25, (160, 160), True)
    for frame in clip.frames:
        video.write(np.dstack([frame] * 3))
    video.release()
    for number, frame in enumerate(iter_frames(root / "clip.avi")):
        cv2.imwrite(str(root / "frames" / f"{number}.png"), frame)
    (root / "text.mp4").write_text("no video")
    return root


def run(*arguments):
    with pytest.raises(SystemExit) as stop:
        main([str(argument) for argument in arguments])
    return stop.value.code


def test_frames_and_video_agree(place, capsys):
    assert run("predict", place / "model.npz", place / "frames", place / "clip.avi", "--json") == 0
    captured = capsys.readouterr()
    first, second = json.loads(captured.out)
    assert "procedural faces only" in captured.err
    assert list(first["probabilities"]) == METHODS
    for method in METHODS:
        p, q = ([one["probabilities"][method][name] for name in CLASSES] for one in (first, second))
        assert sum(p) == pytest.approx(1, abs=1e-5)
        assert p == q
    joint = first["probabilities"]["joint"]
    assert first["label"] == max(joint, key=joint.get)
    assert first["tracking"]["found"] == first["tracking"]["frames"] == len(list((place / "frames").iterdir()))


def test_tables(place, capsys):
    assert run("predict", place / "model.npz", place / "frames", "--csv") == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["method"] for row in rows] == METHODS
    assert all(max(CLASSES, key=lambda name: float(row[name])) == row["label"] for row in rows)
    assert run("predict", place / "model.npz", place / "frames") == 0
    text = capsys.readouterr().out
    assert all(name in text for name in (*CLASSES, "weighted sum", "joint", "face found in"))


def test_a_clip_is_predicted_from_the_arrays_that_training_gets(place, capsys):
    """Several clips scored at once, as at the end of a training run, get the scores that `predict` prints for each."""
    clips = [place / name for name in ("frames", "clip.avi")]
    assert run("predict", place / "model.npz", *clips, "--json", "--backend", "numpy") == 0
    printed = json.loads(capsys.readouterr().out)
    entries = [ClipEntry(path.name, "anger", path.name, path) for path in clips]
    model = load_model(place / "model.npz")
    clips = all_clips(ClipList("two", CLASSES, tuple(entries), ()), Recipe(model.preprocessing, BUILT_IN), jobs=1).clips
    scores = score_clips(model, clips.faces, clips.landmarks, np)
    assert list(scores) == METHODS
    for method, p in scores.items():
        found = [list(prediction["probabilities"][method].values()) for prediction in printed]
        np.testing.assert_allclose(found, p, rtol=1e-5)


def test_one_bad_clip_among_several(place, capsys):
    assert run("predict", place / "model.npz", place / "text.mp4", place / "frames", place / "none", "--csv") == 2
    captured = capsys.readouterr()
    assert captured.out.count(str(place / "frames")) == len(METHODS)
    assert "text.mp4: not a video that OpenCV can read" in captured.err
    assert "none: cannot be read" in captured.err


def test_progress_counts_clips_and_frames(place, tmp_path):
    progress, model = RecordedProgress(), LandmarkModel(BUILT_IN)
    clips = [place / "frames", place / "text.mp4"]
    predict_clips(load_model(place / "model.npz"), clips, model, np, progress=progress)
    write_overlay(place / "frames", tmp_path / "out.png", model, Preprocessing(), "interpolate", progress)
    frames = len(list((place / "frames").iterdir()))
    assert progress.tasks == [("clips", 2), ("finding the face", None), ("drawing", frames)]
    assert [sum(counts) for counts in progress.counts] == [2, frames, frames]


def test_overlay_picture(place, capsys):
    out = place / "out.png"
    assert run("overlay", place / "frames", "--out", out, "--frames", 2) == 0
    picture = cv2.imread(str(out))
    assert picture.shape == (320, 640, 3)  # two frames, enlarged
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 300
    assert (picture[0, :, ::-1] == (255, 220, 0)).all()  # both have the border of chosen frames
    assert (picture[..., 1].astype(int) - picture[..., 2] > 100).sum() > 100  # green lines
    assert "face found in" in capsys.readouterr().out


def test_overlay_video(place, capsys):
    assert run("overlay", place / "clip.avi", "--out", place / "out.mp4") == 0
    video = cv2.VideoCapture(str(place / "out.mp4"))
    assert video.get(cv2.CAP_PROP_FRAME_COUNT) == len(list((place / "frames").iterdir()))
    assert not list(place.glob(".out*"))
    assert run("overlay", place / "clip.avi", "--out", place / "out.gif") == 2
    assert "ends in .mp4 or .png" in capsys.readouterr().err
    assert run("overlay", place / "text.mp4", "--out", place / "bad.mp4") == 2
    assert not (place / "bad.mp4").exists()


def test_chosen_frames():
    assert chosen_frames(np.ones(11, bool), 3) == [0, 5, 10]
    assert chosen_frames(np.ones(1, bool), 3) == [0]
    used = np.array([False, True, True, False, True])
    assert chosen_frames(used, 3) == [1, 2, 4]
