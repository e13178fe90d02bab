"""`synth`: procedural clips in the layouts of the databases, read back by the loaders for the real data."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from recorded_progress import RecordedProgress

from fernet.clips.clip_list import FIND_OUT
from fernet.commands import main
from fernet.datasets.find import find_clips, recognise
from fernet.datasets.layouts.clip_files import ClipFiles
from fernet.datasets.layouts.synthetic_writer import balanced, write_set
from fernet.errors import UserError
from fernet.synthetic.render import render_clip
from fernet.synthetic.sets import clip_specs

SIZE = 64


@pytest.fixture
def synth(capsys):
    """Run the command and return exit status, output and messages."""

    def run(*arguments):
        with pytest.raises(SystemExit) as left:
            main(["synth", *map(str, arguments)])
        captured = capsys.readouterr()
        return left.value.code, captured.out, captured.err

    return run


def drawn(name, clip_name):
    return render_clip(next(spec for spec in clip_specs(name) if spec.name == clip_name), SIZE)


def video_frames(path):
    video = cv2.VideoCapture(str(path))
    frames = []
    while (read := video.read())[0]:
        frames.append(cv2.cvtColor(read[1], cv2.COLOR_BGR2GRAY))
    return np.stack(frames)


def difference(a, b):
    return np.abs(a.astype(int) - b).mean()


@pytest.mark.parametrize("layout", ["folder", "ck+", "oulu", "mmi"])
def test_every_layout_is_read_back_with_its_labels(synth, tmp_path, layout):
    out = tmp_path / "new folder" / "set"
    status, said, _ = synth(out, "--layout", layout, "--clips", 4, "--size", SIZE)
    assert (status, said) == (0, f"4 clips of procedural faces are in {out}\n")
    assert recognise(out) == layout
    assert "procedural" in (out / "README.txt").read_text()
    specs = {spec.name: spec for spec in clip_specs("demo" if layout == "folder" else layout)}
    found = find_clips(out)
    assert len(found) == 4
    for clip in found.clips:
        if layout == "oulu":
            assert (clip.subject, clip.label) in {(spec.subject, spec.label) for spec in specs.values()}
        else:
            spec = specs[clip.name.split("/")[-1].replace("__", "_").replace("-", "_")]
            assert (clip.subject, clip.label) == (spec.subject, spec.label)
    assert [path.name for path in out.parent.iterdir()] == ["set"]


def test_pixels_and_points_of_ck_plus(tmp_path):
    write_set("ck+", tmp_path / "ck", "ck+", clips=4, size=SIZE)
    found = find_clips(tmp_path / "ck")
    channels = set()
    for clip in found.clips:
        expected = drawn("ck+", clip.name)
        images = [cv2.imread(str(path), cv2.IMREAD_UNCHANGED) for path in clip.frames]
        channels |= {image.ndim for image in images}
        assert np.array_equal([image if image.ndim == 2 else image[..., 1] for image in images], expected.frames)
        points = np.array([np.loadtxt(path) for path in clip.landmarks])
        np.testing.assert_allclose(points, expected.landmarks, atol=1e-4)
    assert channels == {2, 3}  # grey and colour, as in the database


def test_videos_of_mmi_stand_upright_once_they_are_turned_or_halved(tmp_path):
    write_set("mmi", tmp_path / "mmi", "mmi", clips=8, size=SIZE)
    seen = set()
    for clip in find_clips(tmp_path / "mmi").clips:
        frames = video_frames(clip.frames)
        expected = drawn("mmi", clip.name.replace("-", "_")).frames
        if clip.half:
            frames = frames[..., :SIZE] if clip.half == "left" else frames[..., SIZE:]
        else:
            assert clip.rotation == FIND_OUT
            assert difference(frames, expected) > 20
            frames = np.stack([cv2.rotate(frame, cv2.ROTATE_90_CLOCKWISE) for frame in frames])
        assert frames.shape == expected.shape
        assert difference(frames, expected) < 6  # the video is compressed
        seen.add(clip.half)
    assert seen >= {None, "left"}


def test_folder_of_images_and_folder_of_videos_show_the_same(synth, tmp_path):
    for file_format in ("png", "mp4"):
        assert synth(tmp_path / file_format, "--format", file_format, "--clips", 2, "--size", SIZE)[0] == 0
    for images, video in zip(find_clips(tmp_path / "png").clips, find_clips(tmp_path / "mp4").clips, strict=True):
        assert images.name == video.name
        frames = np.stack([cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) for path in images.frames])
        assert difference(frames, video_frames(video.frames)) < 8


def test_same_seed_same_bytes(tmp_path):
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        write_set("demo", tmp_path / name, video=False, seed=seed, clips=2, size=SIZE)
    contents = {
        name: {path.relative_to(tmp_path / name): path.read_bytes() for path in (tmp_path / name).rglob("*.png")}
        for name in "abc"
    }
    assert contents["a"] == contents["b"] != contents["c"]


@pytest.mark.parametrize("name", ["demo", "ck+", "mmi"])
def test_a_few_clips_are_balanced(name):
    specs = clip_specs(name)
    few = balanced(specs, 12)
    labels = [spec.label for spec in few]
    assert max(map(labels.count, labels)) - min(map(labels.count, set(labels))) <= 1
    assert len({spec.subject for spec in few}) == 12
    assert few == [spec for spec in specs if spec in few]
    assert balanced(specs, None) == specs


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--clips", 1], "1 clips of a set of 140 were requested: expected 2 to 140"),
        (["--clips", 999], "expected 2 to 140"),
        (["--size", 63], "expected an even number from 48"),
        (["--layout", "mmi", "--set", "oulu"], "no place for the set oulu: choose the set mmi"),
        (["--layout", "ck+", "--format", "mp4"], "is for the layout folder"),
    ],
)
def test_mistakes(synth, tmp_path, arguments, words):
    status, _, err = synth(tmp_path / "out", *arguments)
    assert status == 2
    assert words in err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_use_is_refused_and_left_alone(synth, tmp_path):
    (tmp_path / "mine.txt").write_text("kept")
    status, _, err = synth(tmp_path, "--clips", 2, "--size", SIZE)
    assert (status, "is not empty" in err) == (2, True)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    with pytest.raises(UserError, match="no layout is called 'jaffe'"):
        write_set("demo", tmp_path / "new", "jaffe")


def test_an_empty_folder_may_be_there(tmp_path):
    (tmp_path / "out").mkdir()
    assert write_set("demo", tmp_path / "out", clips=2, size=SIZE) == 2
    assert len(find_clips(tmp_path / "out")) == 2


def test_an_interruption_leaves_nothing(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        write_set("demo", tmp_path / "out", clips=3, size=SIZE, progress=RecordedProgress(stop_after=2))
    assert list(tmp_path.iterdir()) == []


def test_a_video_that_lacks_frames_is_no_success(tmp_path):
    video = np.zeros((3, SIZE, SIZE), np.uint8)
    with pytest.raises(UserError, match="only 0 of 3 frames were written as none video"):
        ClipFiles(tmp_path).video(Path("a.mp4"), "none", video)
