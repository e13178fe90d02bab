"""Videos whose file holds no number of frames: a cut is found by their size, or a note says that it cannot be found."""

import cv2
import numpy as np
import pytest
from recorded_progress import RecordedProgress

from fernet.clips.all_clips import all_clips
from fernet.clips.clip_list import ClipEntry, ClipList
from fernet.clips.overlay import write_overlay
from fernet.clips.sequence_set import Preprocessing
from fernet.clips.workers import Recipe
from fernet.errors import UserError
from fernet.faces.frames import iter_frames
from fernet.faces.landmarks import BUILT_IN, LandmarkModel
from fernet.faces.video_streams import note_on_lengths
from fernet.networks.predict import predict_clips


class Notes(RecordedProgress):
    def __init__(self):
        super().__init__()
        self.notes = []

    def note(self, text):
        self.notes.append(text)


@pytest.fixture
def film(tmp_path, capfd):
    """A function that writes 60 frames of noise below the given grey level, and returns the file."""

    def write(name, codec, brightest=255):
        video = cv2.VideoWriter(str(tmp_path / name), cv2.CAP_FFMPEG, cv2.VideoWriter_fourcc(*codec), 25, (64, 48))
        rng = np.random.default_rng(0)
        for _ in range(60):
            video.write(rng.integers(0, brightest, (48, 64, 3)).astype(np.uint8))
        video.release()
        capfd.readouterr()  # OpenCV prints what it thinks of the codec
        return tmp_path / name

    return write


@pytest.mark.parametrize("codec", ["WMV1", "WMV2"])
def test_windows_media_that_is_cut_short(film, codec):
    path = film("film.wmv", codec)
    whole = path.read_bytes()
    assert len(list(iter_frames(path))) == 60
    path.write_bytes(whole + b"\0" * 5000)  # an index or tags may follow
    assert len(list(iter_frames(path))) == 60
    for part in (0.5, 0.8):
        path.write_bytes(whole[: int(len(whole) * part)])
        with pytest.raises(UserError, match=r"film\.wmv: the video ends after \d+ frames, and \d+% of the file is mis"):
            list(iter_frames(path))


def test_windows_media_that_states_no_size_is_taken(film):
    path = film("film.wmv", "WMV2")
    whole = bytearray(path.read_bytes())
    start = int.from_bytes(whole[16:24], "little")
    whole[start + 16 : start + 24] = bytes(8)
    path.write_bytes(whole)
    assert len(list(iter_frames(path))) == 60


@pytest.mark.parametrize(("name", "codec"), [("film.mpg", "mpg1"), ("film.vob", "mpg2"), ("film.ts", "mp4v")])
def test_mpeg_streams_come_with_a_note(film, name, codec):
    path = film(name, codec)
    assert len(list(iter_frames(path))) == 60
    note = note_on_lengths([path, path.with_name("none.mpg")])
    assert note.startswith(f"{path}: an MPEG stream")
    assert f"{path} and 1 others:" in note_on_lengths([path, path])


def test_packets_with_a_time_before_each(tmp_path):
    """As cameras write them (.m2ts)."""
    packet = b"\0\0\0\1" + b"G" + bytes(187)
    (tmp_path / "film.m2ts").write_bytes(packet * 4)
    assert note_on_lengths([tmp_path / "film.m2ts"])


def test_other_files_come_without_a_note(film, tmp_path):
    (tmp_path / "text.mpg").write_text("GG" * 300)
    (tmp_path / "empty.mpg").touch()
    paths = [film("film.wmv", "WMV2"), film("film.mp4", "mp4v"), film("film.avi", "MJPG"), tmp_path]
    assert note_on_lengths([*paths, tmp_path / "empty.mpg", tmp_path / "none"]) is None


def test_every_reader_shows_the_note(film, tmp_path):
    path, model = film("film.mpg", "mpg1", brightest=2), LandmarkModel(BUILT_IN)  # too dark for a face
    heard = [Notes(), Notes(), Notes()]
    with pytest.raises(UserError):
        write_overlay(path, tmp_path / "out.png", model, Preprocessing(), "interpolate", heard[0])
    with pytest.raises(UserError):
        all_clips(
            ClipList("one", ("a", "b"), (ClipEntry("film", "a", "me", path),), ()),
            Recipe(Preprocessing(), BUILT_IN),
            jobs=1,
            progress=heard[1],
        )
    next(predict_clips(type("Model", (), {"preprocessing": Preprocessing()})(), [path], model, np, progress=heard[2]))
    for progress in heard:
        assert [note for note in progress.notes if "cannot be told from a whole one" in note]
