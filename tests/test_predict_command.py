"""`predict` and `overlay` from pixels on disk."""

import csv
import io
import json
import shlex
import subprocess
import sys
from pathlib import Path

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
from fernet.networks import predict as predict_module
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


def test_a_clip_that_may_not_be_read_stops_no_other(place, capsys, monkeypatch):
    monkeypatch.setattr("os.access", lambda path, mode, **options: Path(path).name != "text.mp4")
    assert run("predict", place / "model.npz", place / "text.mp4", place / "frames", "--csv") == 2
    assert capsys.readouterr().out.count(str(place / "frames")) == len(METHODS)


def test_a_name_that_is_too_long_is_a_name_that_is_not_there(place, capsys):
    assert run("predict", place / "model.npz", "x" * 300) == 2
    assert "cannot be read (File name too long); expected an image or a video" in capsys.readouterr().err


def test_progress_counts_clips_and_frames(place, tmp_path):
    progress, model = RecordedProgress(), LandmarkModel(BUILT_IN)
    clips = [place / "frames", place / "text.mp4"]
    list(predict_clips(load_model(place / "model.npz"), clips, model, np, progress=progress))
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


@pytest.fixture
def third_clip(place, monkeypatch):
    """A function that makes reading the third clip raise an error."""
    real, calls = predict_module.clip_from_frames, []

    def fail_with(error):
        def read(path, *arguments, **options):
            calls.append(path)
            if len(calls) == 3:
                raise error
            return real(path, *arguments, **options)

        monkeypatch.setattr(predict_module, "clip_from_frames", read)

    return fail_with


FORMS = pytest.mark.parametrize("form", [[], ["--csv"], ["--json"]], ids=["text", "csv", "json"])


@FORMS
def test_ctrl_c_loses_no_result(form, place, capsys, third_clip):
    third_clip(KeyboardInterrupt())
    assert run("predict", place / "model.npz", *[place / "frames"] * 4, *form) == 130
    out = capsys.readouterr().out
    if form == ["--json"]:
        assert [one["clip"] for one in json.loads(out)] == [str(place / "frames")] * 2
    elif form == ["--csv"]:
        assert [row["method"] for row in csv.DictReader(io.StringIO(out))] == METHODS * 2
    else:
        assert out.count("face found in") == 2


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (cv2.error("OpenCV(4) resize.cpp: error:\nmore"), "OpenCV(4) resize.cpp"),
        (MemoryError(), "does not fit into memory"),
        (ZeroDivisionError("division by zero"), "division by zero"),
    ],
)
@FORMS
def test_whatever_one_clip_raises_the_others_are_classified(form, error, words, place, capsys, third_clip):
    third_clip(error)
    assert run("predict", place / "model.npz", *[place / "frames"] * 4, *form) == 2
    captured = capsys.readouterr()
    assert captured.out.count(str(place / "frames")) == (3 * len(METHODS) if form == ["--csv"] else 3)
    complaint = [line for line in captured.err.splitlines() if line.startswith("fernet: ")]
    assert len(complaint) == 1
    assert f"{place / 'frames'}: it " in complaint[0]
    assert words in complaint[0]
    if form == ["--json"]:
        assert len(json.loads(captured.out)) == 3


def test_json_without_any_result_is_an_empty_array(place, capsys):
    assert run("predict", place / "model.npz", place / "none", "--json") == 2
    assert json.loads(capsys.readouterr().out) == []


@FORMS
def test_each_result_is_written_as_soon_as_it_is_known(form, place, monkeypatch):
    written, seen, real = io.BytesIO(), [], predict_module.clip_from_frames

    def watched(path, *arguments, **options):
        seen.append(written.getvalue().count(b"frames"))
        return real(path, *arguments, **options)

    monkeypatch.setattr(predict_module, "clip_from_frames", watched)
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BufferedWriter(written, 2**20), "utf-8"))
    assert run("predict", place / "model.npz", *[place / "frames"] * 3, *form) == 0
    assert seen[0] == 0
    assert 0 < seen[1] < seen[2]


@FORMS
def test_names_that_the_output_cannot_show_are_escaped(form, place, monkeypatch):
    named = place / "caf\u00e9"
    named.mkdir(exist_ok=True)
    for picture in (place / "frames").iterdir():
        (named / picture.name).write_bytes(picture.read_bytes())
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, "ascii"))
    assert run("predict", place / "model.npz", named, *form) == 0
    text = written.getvalue().decode("ascii")
    assert ("caf\\u00e9" if form == ["--json"] else "caf\\xe9") in text
    if form == ["--json"]:
        assert json.loads(text)[0]["clip"] == str(named)


def test_control_characters_in_names_do_not_reach_the_terminal(place, capsys):
    named = place / "a\x1b[2Jb"
    named.mkdir()
    for picture in (place / "frames").iterdir():
        (named / picture.name).write_bytes(picture.read_bytes())
    assert run("predict", place / "model.npz", named, place / "no\x1b[2J") == 2
    captured = capsys.readouterr()
    assert "a\\x1b[2Jb: " in captured.out
    assert "\x1b" not in captured.out + captured.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, which is always full")
@pytest.mark.parametrize("unbuffered", [[], ["-u"]])
def test_a_full_disk_behind_standard_output_is_an_error(unbuffered, place):
    command = [sys.executable, *unbuffered, "cli.py", "summary", "D8-S2"]
    with open("/dev/full", "w") as full:
        result = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert result.returncode == 2
    assert "the disk is full" in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell that can close a stream")
@pytest.mark.parametrize(
    ("closed", "arguments", "status"), [(">&-", "D8-S2", 0), ("2>&-", "D8-S2", 0), ("2>&-", "D", 2)]
)
def test_a_closed_output_is_no_error(closed, arguments, status):
    command = f"{shlex.quote(sys.executable)} cli.py summary {arguments} {closed}"
    result = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (status, "")


def test_output_cut_short_without_an_error_is_written_whole(monkeypatch):
    """As with `python -u` on a disk that is almost full: the system writes a part and reports its length."""

    class Slow(io.RawIOBase):
        content = b""

        def writable(self):
            return True

        def write(self, data):
            Slow.content += bytes(data[:10])
            return min(10, len(data))

    stream = io.TextIOWrapper(Slow(), "utf-8", write_through=True)
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setattr(sys, "__stdout__", stream)
    assert run("summary", "D8-S2") == 0
    assert Slow.content.decode().splitlines()[-1].startswith("total")


def test_a_model_whose_probabilities_are_not_numbers_is_refused(place, capsys, rng):
    model = load_model(place / "model.npz")
    for w in model.dtgn.params.values():
        w[...] = 1e37 * rng.standard_normal(w.shape)
    save_model(place / "large.npz", model)
    for form in ([], ["--csv"], ["--json"]):
        assert run("predict", place / "large.npz", place / "frames", *form) == 2
        captured = capsys.readouterr()
        assert "not numbers: its weights are too large" in captured.err
        assert "nan" not in captured.out.lower()
