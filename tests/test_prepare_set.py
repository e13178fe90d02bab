"""Preprocessing of clips and whole datasets: streaming, parallel, resumable, and not stopped by bad clips."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from recorded_progress import RecordedProgress

from fernet.clips import all_clips as module
from fernet.clips.all_clips import all_clips, all_clips_into_file, settings_hash
from fernet.clips.clip import clip_from_frames, fixed_length
from fernet.clips.clip_list import FIND_OUT, ClipEntry, ClipList
from fernet.clips.prepared_file import load_prepared, read_prepared
from fernet.clips.sequence_set import Preprocessing
from fernet.clips.workers import Recipe, clip_of_entry, clips_in_processes
from fernet.commands import main
from fernet.datasets.find import find_clips
from fernet.datasets.load import load, load_with_failures
from fernet.errors import UserError
from fernet.faces.boxes_from_landmarks import face_boxes
from fernet.faces.detection import FaceDetector
from fernet.faces.frames import iter_frames
from fernet.faces.landmarks import BUILT_IN, LandmarkModel
from fernet.faces.tracking import track
from fernet.synthetic import clip_specs, render_clip

LABELS = ("anger", "surprise")


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    """Four small clips in a folder of clips, and a broken one."""
    root = tmp_path_factory.mktemp("data set é")
    specs = [spec for spec in clip_specs("demo") if spec.label in LABELS][:4]
    for spec in specs:
        folder, clip = root / spec.label / f"{spec.subject}__{spec.name}", render_clip(spec, 144)
        folder.mkdir(parents=True)
        (folder / "points").mkdir()
        for number, (frame, points) in enumerate(zip(clip.frames, clip.landmarks, strict=True)):
            (folder / f"frame{number}.png").write_bytes(cv2.imencode(".png", frame)[1].tobytes())
            np.savetxt(folder / "points" / f"{number:03d}.txt", points)
    broken = root / "anger" / "X__broken"
    broken.mkdir()
    (broken / "1.png").write_bytes(b"no image")
    return root


def entries(dataset):
    return [
        ClipEntry(folder.name, folder.parent.name, folder.name.split("__")[0], tuple(
            sorted(folder.glob("*.png"), key=lambda path: int("".join(c for c in path.stem if c.isdigit())))
        ), tuple(sorted((folder / "points").glob("*.txt"))) or None)
        for folder in sorted(dataset.glob("*/*"))
    ]  # fmt: skip


def listed(dataset):
    return ClipList("four clips", LABELS, tuple(entries(dataset)), ())


def test_streaming_equals_the_whole_clip_at_once(dataset):
    folder, model, settings = next(dataset.glob("surprise/*")), LandmarkModel(BUILT_IN), Preprocessing()
    prepared = clip_from_frames(folder, model, settings)
    frames = np.stack(list(iter_frames(folder)))
    boxes = track(frames, FaceDetector()).boxes
    points = np.concatenate([model.fit(frame, box[None]) for frame, box in zip(frames, boxes, strict=True)])
    faces, landmarks = fixed_length([(frames, boxes, points)], len(frames), settings)
    np.testing.assert_array_equal(prepared.faces, faces)
    np.testing.assert_allclose(prepared.landmarks, landmarks, atol=1e-4)
    assert prepared.report.found == len(frames)


def test_the_papers_order_is_near_the_default(dataset):
    folder, model = next(dataset.glob("anger/D*")), LandmarkModel(BUILT_IN)
    default = clip_from_frames(folder, model, Preprocessing())
    papers = clip_from_frames(folder, model, Preprocessing(normalise_first=True))
    assert papers.faces.shape == default.faces.shape == (3, 64, 64)
    assert papers.landmarks.shape == default.landmarks.shape == (12, 49, 2)
    assert papers.report.frames == 12
    assert np.abs(papers.landmarks - default.landmarks).mean() < 2


def test_one_frame_is_a_clip(dataset):
    image = next(dataset.glob("anger/D*/*.png"))
    prepared = clip_from_frames(image, LandmarkModel(BUILT_IN), Preprocessing())
    assert (prepared.faces == prepared.faces[:1]).all()
    assert (prepared.landmarks == prepared.landmarks[:1]).all()


def test_frames_are_turned_until_a_face_is_upright(dataset, tmp_path):
    source = next(dataset.glob("anger/D*"))
    for path in source.glob("*.png"):
        turned = np.ascontiguousarray(np.rot90(next(iter_frames(path))))
        (tmp_path / path.name).write_bytes(cv2.imencode(".png", turned)[1].tobytes())
    model = LandmarkModel(BUILT_IN)
    expected = clip_from_frames(source, model, Preprocessing())
    found = clip_from_frames(tmp_path, model, Preprocessing(), rotation=FIND_OUT)
    np.testing.assert_array_equal(found.faces, expected.faces)


def test_landmarks_that_do_not_fit_the_frames_are_refused(dataset):
    frames = np.zeros((3, 100, 100), np.uint8)
    with pytest.raises(UserError, match="68 points for each of 3 frames"):
        fixed_length([(frames, np.ones((3, 4)), np.zeros((2, 68, 2)))], 3, Preprocessing())


def test_landmarks_of_the_dataset(dataset):
    entry = next(one for one in entries(dataset) if one.landmarks)
    recipe = Recipe(Preprocessing(), BUILT_IN, landmarks="dataset")
    prepared = clip_of_entry(entry, recipe)
    points = np.stack([np.loadtxt(path) for path in entry.landmarks])
    frames = np.stack(list(iter_frames(entry.frames)))
    faces, landmarks = fixed_length([(frames, face_boxes(points), points)], len(frames), Preprocessing())
    np.testing.assert_array_equal(prepared.faces, faces)
    np.testing.assert_allclose(prepared.landmarks, landmarks, atol=1e-4)
    short = ClipEntry("short", "anger", "X", entry.frames, entry.landmarks[:-1])
    assert f"{len(frames)} frames and landmarks for {len(frames) - 1}" in clip_of_entry(short, recipe)
    assert "no landmarks for this clip" in clip_of_entry(ClipEntry("x", "anger", "X", entry.frames), recipe)
    turned = ClipEntry("x", "anger", "X", entry.frames, entry.landmarks, rotation=90)
    assert "not rotated or halved ones" in clip_of_entry(turned, recipe)
    with pytest.raises(UserError, match="landmarks is 'mine'"):
        Recipe(Preprocessing(), BUILT_IN, landmarks="mine")


@pytest.mark.parametrize(
    "text", ["", "1 2\n" * 67, "1 2\n" * 67 + "nan 1\n", "1 2\n" * 67 + "1\n", "a b\n" * 68, "\xff"]
)
def test_bad_landmark_files(dataset, tmp_path, text):
    entry = next(one for one in entries(dataset) if one.landmarks)
    bad = tmp_path / "bad.txt"
    bad.write_bytes(text.encode("latin-1"))
    entry = ClipEntry("bad", "anger", "X", entry.frames, (bad, *entry.landmarks[1:]))
    message = clip_of_entry(entry, Recipe(Preprocessing(), BUILT_IN, landmarks="dataset"))
    assert str(bad) in message
    assert "expected 68 lines" in message


IMPOSSIBLE = {
    "fractions": (lambda points: points / 144, "expected 20 or more; are they in pixels"),
    "x and y exchanged": (lambda points: points[:, ::-1], "x and y exchanged"),
    "turned": (lambda points: np.stack([144 - points[:, 1], points[:, 0]], axis=1), "another orientation"),
    "upside down": (lambda points: 144 - points, "turned or mirrored"),
    "mirrored": (lambda points: np.stack([144 - points[:, 0], points[:, 1]], axis=1), "turned or mirrored"),
    "half size": (lambda points: points / 2, "a picture of another size"),
    "double size": (lambda points: points * 2, "points lie outside the picture of 144 x 144 pixels"),
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_landmarks_that_cannot_be_right_are_refused(dataset, tmp_path, name):
    change, words = IMPOSSIBLE[name]
    good = next(one for one in entries(dataset) if one.landmarks)
    files = tuple(tmp_path / path.name for path in good.landmarks)
    for path, own in zip(files, good.landmarks, strict=True):
        np.savetxt(path, change(np.loadtxt(own)))
    entry = ClipEntry("clip", "anger", "X", good.frames, files)
    message = clip_of_entry(entry, Recipe(Preprocessing(), BUILT_IN, landmarks="dataset"))
    assert isinstance(message, str), "the clip was used"
    assert message.startswith(f"{files[0]}: ")
    assert words in message


def test_any_number_of_processes_gives_the_same_bytes_and_a_bad_clip_stops_nothing(dataset, tmp_path):
    progress, recipe = RecordedProgress(), Recipe(Preprocessing(), BUILT_IN)
    for jobs in (1, 2):
        prepared = all_clips_into_file(tmp_path / f"{jobs}.npz", listed(dataset), recipe, jobs=jobs, progress=progress)
        assert list(prepared.failures) == ["X__broken"]
        assert "not an image that OpenCV can read" in prepared.failures["X__broken"]
    assert (tmp_path / "1.npz").read_bytes() == (tmp_path / "2.npz").read_bytes()
    total = len(entries(dataset))
    assert progress.tasks == [("faces", total)] * 2
    assert progress.counts == [[0] + [1] * total] * 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1.npz", "2.npz"]
    clips = load_prepared(tmp_path / "1.npz")
    assert clips.classes == LABELS
    assert [clips.classes[label] for label in clips.labels] == [e.label for e in entries(dataset) if e.landmarks]
    assert clips.subjects == tuple(e.subject for e in entries(dataset) if e.landmarks)
    assert clips.faces.dtype == np.uint8
    assert clips.landmarks.dtype == np.float32


def test_an_interrupted_call_is_resumed(dataset, tmp_path, monkeypatch):
    recipe = Recipe(Preprocessing(), BUILT_IN)
    all_clips_into_file(tmp_path / "whole.npz", listed(dataset), recipe, jobs=1)
    with pytest.raises(KeyboardInterrupt):
        all_clips_into_file(tmp_path / "cut.npz", listed(dataset), recipe, jobs=1, progress=RecordedProgress(2))
    parts = sorted((tmp_path / "cut.npz.parts").iterdir())
    assert parts
    parts[0].write_bytes(parts[0].read_bytes()[:100])  # a damaged part is made again
    again = []
    monkeypatch.setattr(
        module, "clips_in_processes", lambda clips, *rest: again.append(len(clips)) or clips_in_processes(clips, *rest)
    )
    progress = RecordedProgress()
    all_clips_into_file(tmp_path / "cut.npz", listed(dataset), recipe, jobs=1, progress=progress)
    assert again == [len(entries(dataset)) - len(parts) + 1]
    assert progress.counts == [[len(parts) - 1] + [1] * again[0]]
    assert (tmp_path / "cut.npz").read_bytes() == (tmp_path / "whole.npz").read_bytes()
    assert not (tmp_path / "cut.npz.parts").exists()


def test_a_folder_of_the_user_beside_the_file_is_kept(dataset, tmp_path):
    parts = tmp_path / "set.npz.parts"
    parts.mkdir()
    for name in ("thesis.txt", "a.npz", ".hidden.part"):
        (parts / name).write_text("mine")
    (parts / "folder").mkdir()
    leftovers = f"{'0' * 64}.npz", f".{'0' * 64}.npz.x1_y.part"  # of an interrupted call with other settings
    for name in leftovers:
        (parts / name).touch()
    all_clips_into_file(tmp_path / "set.npz", listed(dataset), Recipe(Preprocessing(), BUILT_IN), jobs=1)
    assert {path.name for path in parts.iterdir()} == {"thesis.txt", "a.npz", ".hidden.part", "folder"}
    assert (parts / "a.npz").read_text() == "mine"


def test_a_clip_that_kills_its_process_is_one_failure(dataset, tmp_path):
    """A stand-in for a decoder that crashes: the worker's process ends as soon as it opens the clip."""
    script = tmp_path / "deadly.py"
    script.write_text(f"""
import os, sys
from pathlib import Path
sys.path.insert(0, {str(Path(__file__).parent)!r})
from fernet.clips import workers as clip_workers
from fernet.faces.landmarks import BUILT_IN
from fernet.clips.sequence_set import Preprocessing
from test_prepare_set import entries

def deadly(frames, *rest, real=clip_workers.clip_from_frames, **options):
    if "broken" in str(frames):
        os._exit(11)
    return real(frames, *rest, **options)

clip_workers.clip_from_frames = deadly
if __name__ == "__main__":
    clips = list(enumerate(entries(Path({str(dataset)!r}))))[1:3]
    recipe = clip_workers.Recipe(Preprocessing(), BUILT_IN)
    results = dict(clip_workers.clips_in_processes(clips, recipe, 2))
    print(*(result if isinstance(result, str) else "good" for _, result in sorted(results.items())), sep="|")
""")
    result = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True, env=os.environ)
    found = result.stdout.strip().split("|")
    assert found.count("good") == 1
    assert any("X__broken: the process that read it died" in one for one in found)


def test_the_hash_tells_settings_apart(tmp_path):
    plain = Recipe(Preprocessing(), BUILT_IN)
    copy = tmp_path / "copy.yaml.gz"
    copy.write_bytes(BUILT_IN.read_bytes())
    assert settings_hash(Recipe(Preprocessing(), copy)) == settings_hash(plain)
    others = [
        Recipe(Preprocessing(image_size=32), BUILT_IN),
        Recipe(Preprocessing(), BUILT_IN, landmarks="dataset"),
        Recipe(Preprocessing(), BUILT_IN, on_missing_face="skip"),
        Recipe(Preprocessing(normalise_first=True), BUILT_IN),
    ]
    assert len({settings_hash(recipe) for recipe in (plain, *others)}) == 5


def test_nothing_to_prepare_and_a_bad_model(dataset, tmp_path):
    only_broken = ClipList("one clip", LABELS, tuple(e for e in entries(dataset) if not e.landmarks), ())
    with pytest.raises(UserError, match=r"none of 1 clips could be prepared; the first: .*not an image"):
        all_clips(only_broken, Recipe(Preprocessing(), BUILT_IN), jobs=1)
    (tmp_path / "bad.yaml").write_text("no model")
    with pytest.raises(UserError, match="not an LBF landmark model"):
        all_clips(only_broken, Recipe(Preprocessing(), tmp_path / "bad.yaml"), jobs=1)


def test_files_that_are_no_prepared_set(dataset, tmp_path):
    path = tmp_path / "set.npz"
    recipe = Recipe(Preprocessing(), BUILT_IN)
    all_clips_into_file(path, listed(dataset), recipe, jobs=1)
    prepared = read_prepared(path, Preprocessing())
    assert prepared.settings == settings_hash(recipe)
    assert list(prepared.failures) == ["X__broken"]
    assert all(report.found == report.frames for report in prepared.reports)
    with pytest.raises(UserError, match="prepare it again"):
        load_prepared(path, Preprocessing(image_size=32))
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(UserError, match="cut short"):
        load_prepared(path)
    path.write_bytes(data.replace(b"fernet prepared set 2", b"fernet prepared set 9"))
    with pytest.raises(UserError, match=r"damaged|format"):
        load_prepared(path)


def test_a_folder_is_loaded_as_it_is_prepared_and_notes_what_is_missing(dataset, tmp_path):
    progress = RecordedProgress()
    clips = load(str(dataset), Preprocessing(), str(BUILT_IN), progress)
    prepared = all_clips(find_clips(dataset), Recipe(Preprocessing(), BUILT_IN), jobs=1).clips
    np.testing.assert_array_equal(clips.faces, prepared.faces)
    np.testing.assert_array_equal(clips.landmarks, prepared.landmarks)
    assert clips.names == prepared.names
    assert progress.ended == ["faces"]
    model_note, failure = progress.notes
    assert "procedural faces only" in model_note
    assert failure.startswith("anger/X__broken is left out: ")


def test_what_is_left_out_of_a_folder_is_kept_with_the_clips(dataset):
    stray = dataset / "anger" / "nobody.txt"
    stray.touch()
    try:
        failures = load_with_failures(str(dataset), Preprocessing(), str(BUILT_IN)).failures
    finally:
        stray.unlink()
    assert set(failures) == {"anger/nobody.txt", "anger/X__broken"}
    assert "neither a folder of images nor a video" in failures["anger/nobody.txt"]
    assert "not an image that OpenCV can read" in failures["anger/X__broken"]


def test_notes_on_the_list_are_shown_while_it_is_prepared(dataset):
    progress, clips = RecordedProgress(), replace(listed(dataset), notes=("'Ann', 'ann': taken as one person",))
    all_clips(clips, Recipe(Preprocessing(), BUILT_IN), jobs=1, progress=progress)
    assert progress.notes == ["'Ann', 'ann': taken as one person"]


def run(*arguments):
    with pytest.raises(SystemExit) as stop:
        main([str(argument) for argument in arguments])
    return stop.value.code


def test_the_command(dataset, tmp_path, capsys):
    out = tmp_path / "set.npz"
    assert run("prepare", dataset, "--out", out, "--jobs", 1) == 0
    captured = capsys.readouterr()
    assert f"{len(entries(dataset)) - 1} of {len(entries(dataset))} clips prepared" in captured.out
    assert "filled in 0, left out 0" in captured.out
    assert "1 clips could not be used" in captured.err
    assert "procedural faces only" in captured.err
    assert load_prepared(out).preprocessing == Preprocessing()
    assert run("prepare", tmp_path / "nothing", "--out", out) == 2
