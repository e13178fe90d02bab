"""Synthetic sets: what they contain and how they are cached."""

import sys
from collections import Counter
from functools import partial

import numpy as np
import pytest
from recorded_progress import RecordedProgress

from fernet import threads
from fernet.clips.sequence_set import Preprocessing
from fernet.errors import UserError
from fernet.synthetic import SETS, arrays, clip_specs, load_set, render_clip
from fernet.synthetic.contact_sheet import contact_sheet
from fernet.synthetic.sets import SyntheticSet
from fernet.user_folders import cache_folder

SMALL = Preprocessing(image_size=32, appearance_frames=2, geometry_frames=5)


@pytest.fixture
def tiny(monkeypatch, tmp_path):
    """A set of six clips, and a cache of its own."""
    monkeypatch.setenv("FERNET_CACHE", str(tmp_path / "cache"))
    counts = {"happiness": 3, "surprise": 3}
    monkeypatch.setitem(SETS, "tiny", SyntheticSet(counts, 3, "T{:02d}", 1, (5, 6), False, 2))
    return tmp_path / "cache"


@pytest.mark.parametrize(
    ("name", "numbers", "subjects"),
    [
        ("demo", [20] * 7, 20),
        ("ck+", [45, 18, 59, 25, 69, 28, 83], 118),  # Table 1 of the paper
        ("oulu", [80] * 6, 80),
        ("mmi", [31, 32, 28, 42, 32, 40], 30),
    ],
)
def test_sets_have_the_counts_of_the_datasets(name, numbers, subjects):
    specs = clip_specs(name)
    counts = Counter(spec.label for spec in specs)
    assert [counts[label] for label in SETS[name].classes] == numbers
    assert len({spec.subject for spec in specs}) == subjects
    assert len({spec.name for spec in specs}) == len(specs)
    assert max(Counter(spec.subject for spec in specs).values()) <= SETS[name].most_clips


def test_streams_of_randomness_are_apart():
    first, second, stranger = (clip_specs("demo")[i] for i in (0, 1, 139))
    draw = [
        first.subject_generator("shape").random(),
        first.subject_generator("surface").random(),
        stranger.subject_generator("shape").random(),
        first.clip_generator("shape").random(),
        second.clip_generator("shape").random(),
        clip_specs("demo", seed=1)[0].subject_generator("shape").random(),
    ]
    assert len(set(draw)) == len(draw)
    assert second.subject_generator("shape").random() == draw[0]


@pytest.mark.parametrize(
    ("name", "seed", "words"), [("ck", 0, "ck\\+"), ("demo", -1, "from 0"), ("demo", 0.5, "whole")]
)
def test_unknown_sets_and_seeds_are_refused(name, seed, words):
    with pytest.raises(UserError, match=words):
        clip_specs(name, seed)


def test_load_set_gives_a_prepared_set(tiny):
    progress = RecordedProgress()
    clips = load_set("tiny", preprocessing=SMALL, progress=progress)
    assert (progress.tasks, progress.counts) == ([("faces", 6)], [[1] * 6])
    assert clips.title == "synthetic:tiny (procedural faces)"
    assert clips.classes == ("happiness", "surprise")
    assert clips.faces.shape == (6, 2, 32, 32)
    assert clips.faces.dtype == np.uint8
    assert clips.landmarks.shape == (6, 5, 49, 2)
    assert clips.landmarks.dtype == np.float32
    assert sorted(clips.labels) == [0, 0, 0, 1, 1, 1]
    assert len(set(clips.subjects)) == 3
    assert clips.landmarks.min() > 0
    assert clips.landmarks.max() < 36  # an open mouth may extend below the detector's box


def test_known_landmarks_err_as_a_detector_does(tiny, monkeypatch):
    spec = clip_specs("tiny")[0]
    same_length = Preprocessing(32, 2, len(render_clip(spec, 64).frames))
    noisy = arrays.clip_of_spec(spec, same_length)[1]
    monkeypatch.setattr(arrays, "LASTING_ERROR", 0.0)
    monkeypatch.setattr(arrays, "PASSING_ERROR", 0.0)
    exact = arrays.clip_of_spec(spec, same_length)[1]
    unit = np.linalg.norm(exact[:, 28] - exact[:, 19], axis=1)[:, None]
    error = np.linalg.norm(noisy - exact, axis=2) / unit
    assert 0.010 < error.mean() < 0.022


def test_worker_count_does_not_matter(tiny, monkeypatch):
    results = []
    for cores in (1, 3):
        monkeypatch.setattr(threads, "available_cores", lambda cores=cores: cores)
        monkeypatch.setenv("FERNET_CACHE", str(tiny / str(cores)))
        results.append(load_set("tiny", preprocessing=SMALL))
    np.testing.assert_array_equal(results[0].faces, results[1].faces)
    np.testing.assert_array_equal(results[0].landmarks, results[1].landmarks)


def refuse(*_):
    raise RuntimeError("rendered again")


def test_second_load_comes_from_the_cache(tiny, monkeypatch):
    first = load_set("tiny", preprocessing=SMALL)
    assert len(list(tiny.iterdir())) == 1
    monkeypatch.setattr(arrays, "render_clip", refuse)
    second = load_set("tiny", preprocessing=SMALL)
    np.testing.assert_array_equal(first.faces, second.faces)
    np.testing.assert_array_equal(first.landmarks, second.landmarks)
    assert (first.names, first.subjects) == (second.names, second.subjects)
    for other in (partial(load_set, seed=1), partial(load_set, preprocessing=Preprocessing(image_size=24))):
        with pytest.raises(RuntimeError, match="rendered again"):
            other("tiny")


@pytest.mark.parametrize("damage", ["cut", "flipped", "text"])
def test_damaged_cache_is_rendered_again(tiny, damage):
    first = load_set("tiny", preprocessing=SMALL)
    (file,) = tiny.iterdir()
    whole = file.read_bytes()
    middle = len(whole) // 2
    broken = {"cut": whole[:middle], "flipped": whole[:middle] + bytes([whole[middle] ^ 255]) + whole[middle + 1 :]}
    file.write_bytes(broken.get(damage, b"not an archive"))
    np.testing.assert_array_equal(load_set("tiny", preprocessing=SMALL).faces, first.faces)
    assert file.read_bytes() == whole


def test_a_cache_file_of_another_set_is_not_taken(tiny):
    first = load_set("tiny", preprocessing=SMALL)
    (file,) = tiny.iterdir()
    file.rename(file.with_name(file.name.replace("seed0", "seed1")))
    assert not np.array_equal(load_set("tiny", seed=1, preprocessing=SMALL).faces, first.faces)


def test_another_renderer_ignores_the_file(tiny, monkeypatch):
    load_set("tiny", preprocessing=SMALL)
    monkeypatch.setattr(arrays, "RENDERER", arrays.RENDERER + 1)
    load_set("tiny", preprocessing=SMALL)
    assert len(list(tiny.iterdir())) == 2


def test_no_cache_where_none_can_be_written(tiny, monkeypatch):
    tiny.write_text("a file, not a folder")
    first = load_set("tiny", preprocessing=SMALL)
    np.testing.assert_array_equal(load_set("tiny", preprocessing=SMALL).faces, first.faces)


@pytest.mark.parametrize(
    ("platform", "variable", "ending"),
    [
        ("linux", "XDG_CACHE_HOME", "fernet"),
        ("win32", "LOCALAPPDATA", "fernet"),
        ("darwin", "HOME", "Library/Caches/fernet"),
    ],
)
def test_cache_lies_where_the_system_keeps_caches(monkeypatch, tmp_path, platform, variable, ending):
    monkeypatch.delenv("FERNET_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv(variable, str(tmp_path))
    monkeypatch.setattr(sys, "platform", platform)
    assert cache_folder() == tmp_path / ending


def test_contact_sheet_has_a_row_for_each_expression():
    assert contact_sheet().shape == (7 * 120, 8 * 120)
