"""Videos: names in any encoding, pixels that are not square, cuts and pauses, and what is refused with which reason."""

import os
import struct
import subprocess
import sys

import cv2
import numpy as np
import pytest
from recorded_progress import RecordedProgress

from fernet.commands import main
from fernet.errors import UserError
from fernet.faces.detection import FaceDetector
from fernet.faces.frames import iter_frames
from fernet.faces.landmarks import BUILT_IN, LandmarkModel
from fernet.faces.length_notes import notes_on_lengths
from fernet.networks.predict import predict_clips

MILLISECONDS = 1_000_000  # the unit of times below, in nanoseconds


def element(name, *parts):
    """An element of Matroska: its name, its size in eight bytes, its content."""
    content = b"".join(parts)
    return bytes.fromhex(name) + ((1 << 56) | len(content)).to_bytes(8, "big") + content


def number(name, value):
    return element(name, value.to_bytes(4, "big"))


def matroska(times, duration, codec=b"V_MJPEG", display=None, size=(64, 48), step=5):
    """A video with one grey JPEG, lighter by `step`, at each of `times`; times and `duration` in milliseconds."""
    width, height = size
    shown = [number("54B0", display[0]), number("54BA", display[1])] if display else []
    video = element("E0", number("B0", width), number("BA", height), *shown)
    track = element("AE", number("D7", 1), number("73C5", 1), number("83", 1), element("86", codec), video)
    blocks = []
    for place, time in enumerate(times):
        frame = np.full((height, width, 3), 20 + step * place, np.uint8)
        blocks.append(element("A3", b"\x81" + struct.pack(">h", time) + b"\x80", encoded(frame)))
    return element("1A45DFA3", element("4282", b"matroska"), number("4287", 4), number("4285", 2)) + element(
        "18538067",
        element("1549A966", number("2AD7B1", MILLISECONDS), element("4489", struct.pack(">d", duration))),
        element("1654AE6B", track),
        element("1F43B675", number("E7", 0), *blocks),
    )


def encoded(image):
    return cv2.imencode(".jpg", image)[1].tobytes()


def every(step, count):
    return [step * place for place in range(count)]


def write_mp4(path, frames=40):
    video = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"mp4v"), 25, (64, 48))
    for place in range(frames):
        video.write(np.full((48, 64, 3), 20 + 5 * place, np.uint8))
    video.release()
    return path.read_bytes()


def cut_by_edit_list(mp4, first, count):
    """The same file, of which only `count` frames from `first` on are shown, as phones and lossless cuts do it."""
    header = mp4.index(b"mdhd")
    scale = int.from_bytes(mp4[header + 16 : header + 20], "big")
    at = mp4.index(b"elst") + 12
    entry = struct.pack(">II", count * 1000 // 25, first * scale // 25)  # the unit of the movie is a millisecond
    return mp4[:at] + entry + mp4[at + 8 :]


def with_empty_frames(avi):
    """The same AVI file with an empty frame, which repeats the one before, after each frame."""
    header, start = avi[: avi.index(b"movi") + 4], avi.index(b"movi") + 4
    length = int.from_bytes(avi[start - 8 : start - 4], "little") - 4
    at, movie, index = start, b"", b""
    while at < start + length:
        size = int.from_bytes(avi[at + 4 : at + 8], "little")
        index += struct.pack("<4sIII", b"00dc", 16, len(movie) + 4, size)
        movie += avi[at : at + 8 + size + size % 2]
        index += struct.pack("<4sIII", b"00dc", 0, len(movie) + 4, 0)
        movie += b"00dc" + bytes(4)
        at += 8 + size + size % 2
    header = bytearray(header)
    header[-8:-4] = struct.pack("<I", len(movie) + 4)
    for mark, place in ((b"avih", 24), (b"strh", 40)):  # the numbers of frames
        where = header.index(mark) + place
        header[where : where + 4] = struct.pack("<I", 2 * int.from_bytes(header[where : where + 4], "little"))
    whole = bytes(header) + movie + b"idx1" + struct.pack("<I", len(index)) + index
    return whole[:4] + struct.pack("<I", len(whole) - 8) + whole[8:]


def refused(path, words):
    with pytest.raises(UserError, match=words) as error:
        list(iter_frames(path))
    assert str(path) in str(error.value)


NAMES = [b"caf\xe9.mkv", "café.mkv".encode(), "фильм.mkv".encode(), b"\xff\xfe.mkv"]
READ_ALL = """
import os, sys
from pathlib import Path
from fernet.faces.frames import iter_frames
from fernet.faces.landmarks import LandmarkModel
import numpy as np
for name in os.listdir(os.fsencode(sys.argv[1])):
    path = Path(sys.argv[1]) / os.fsdecode(name)
    if path.suffix == ".mkv":
        assert len(list(iter_frames(path))) == 3
    else:
        LandmarkModel(path).fit(np.zeros((60, 60), np.uint8), np.array([[10, 10, 40, 40]]))
print("read")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="names that are not Unicode exist on Linux")
@pytest.mark.parametrize("locale", [{}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}])
def test_names_that_are_not_in_utf_8(tmp_path, locale):
    for name in NAMES:
        with open(os.path.join(os.fsencode(tmp_path), name), "wb") as stream:
            stream.write(matroska(every(40, 3), 120))
    os.symlink(os.fsencode(BUILT_IN), os.path.join(os.fsencode(tmp_path), b"mod\xe9l.yaml.gz"))
    done = subprocess.run(
        [sys.executable, "-c", READ_ALL, tmp_path], env=os.environ | locale, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "read\n", "")


@pytest.mark.skipif(sys.platform != "linux", reason="names that are not Unicode exist on Linux")
def test_a_video_is_written_to_a_name_that_is_not_in_utf_8(tmp_path):
    folder = os.fsdecode(os.path.join(os.fsencode(tmp_path), b"\xe9"))
    script = (
        "import os, sys, numpy as np; from pathlib import Path; from fernet.clips.overlay import _write_video;"
        "from fernet.datasets.layouts.clip_files import ClipFiles; frames = np.zeros((4, 48, 64), np.uint8);"
        "_write_video(Path(sys.argv[1]) / 'a.mp4', iter(np.stack([frames] * 3, axis=3)));"
        "ClipFiles(Path(sys.argv[1])).video(Path('b.mp4'), 'mp4v', frames)"
    )
    done = subprocess.run([sys.executable, "-c", script, folder], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(os.listdir(folder)) == ["a.mp4", "b.mp4"]


@pytest.mark.parametrize(("display", "shape"), [((91, 48), (48, 91)), ((64, 64), (64, 64)), ((128, 96), (48, 64))])
def test_pixels_become_square(tmp_path, display, shape):
    path = tmp_path / "film.mkv"
    path.write_bytes(matroska(every(40, 3), 120, display=display))
    frames = list(iter_frames(path))
    assert [frame.shape for frame in frames] == [shape] * 3
    np.testing.assert_allclose([frame.mean() for frame in frames], [20, 25, 30], atol=2)


def test_a_pause_is_no_damage(tmp_path):
    path = tmp_path / "pause.mkv"
    path.write_bytes(matroska([*every(40, 5), *(2000 + time for time in every(40, 5))], 2200))
    assert len(list(iter_frames(path))) == 10


def test_a_longer_sound_is_no_damage_but_a_cut_is(tmp_path):
    whole = matroska(every(40, 20), 4000)
    (tmp_path / "whole.mkv").write_bytes(whole)
    assert len(list(iter_frames(tmp_path / "whole.mkv"))) == 20
    (tmp_path / "cut.mkv").write_bytes(whole[: len(whole) // 2])
    refused(tmp_path / "cut.mkv", r"ends after \d+ of its 100 frames")


def test_an_edit_list_is_no_damage_but_a_cut_is(tmp_path):
    film = cut_by_edit_list(write_mp4(tmp_path / "film.mp4"), first=24, count=12)
    (tmp_path / "trim.mp4").write_bytes(film)
    frames = list(iter_frames(tmp_path / "trim.mp4"))
    np.testing.assert_allclose([frame.mean() for frame in frames], 20 + 5 * np.arange(24, 36), atol=4)
    at = film.index(b"stsz") + 16  # the sizes of the frames, from the 31st on set to nothing, which cannot be decoded
    damaged = film[: at + 4 * 29] + struct.pack(">I", 1) * 11 + film[at + 4 * 40 :]
    (tmp_path / "damaged.mp4").write_bytes(damaged)
    refused(tmp_path / "damaged.mp4", "of its 12 frames")


def test_empty_frames_in_avi_are_no_damage_but_a_cut_is(tmp_path):
    video = cv2.VideoWriter(str(tmp_path / "film.avi"), cv2.VideoWriter_fourcc(*"MJPG"), 25, (64, 48))
    for place in range(30):
        video.write(np.full((48, 64, 3), 20 + 5 * place, np.uint8))
    video.release()
    avi = with_empty_frames((tmp_path / "film.avi").read_bytes())
    (tmp_path / "whole.avi").write_bytes(avi)
    assert len(list(iter_frames(tmp_path / "whole.avi"))) == 30
    (tmp_path / "cut.avi").write_bytes(avi[: len(avi) // 2])
    refused(tmp_path / "cut.avi", "of its 60 frames")
    middle = slice(len(avi) // 2, len(avi) * 3 // 4)
    (tmp_path / "damaged.avi").write_bytes(avi[: middle.start] + bytes(middle.stop - middle.start) + avi[middle.stop :])
    refused(tmp_path / "damaged.avi", "of its 30 frames")


@pytest.mark.parametrize("kind", ["avi", "mp4"])
def test_files_that_are_cut_short_by_little_are_noted(kind, tmp_path):
    if kind == "mp4":
        whole = write_mp4(tmp_path / "film.mp4")
    else:
        video = cv2.VideoWriter(str(tmp_path / "film.avi"), cv2.VideoWriter_fourcc(*"MJPG"), 25, (64, 48))
        for place in range(40):
            video.write(np.full((48, 64, 3), 20 + 5 * place, np.uint8))
        video.release()
        whole = (tmp_path / "film.avi").read_bytes()
    cut, open_end = tmp_path / f"cut.{kind}", tmp_path / f"open.{kind}"
    (tmp_path / f"whole.{kind}").write_bytes(whole)
    at = len(whole) if kind == "avi" else whole.index(b"moov") - 4
    open_end.write_bytes(whole[:at] + bytes(4) + whole[at + 4 :])  # a last part that extends to the end, however long
    assert notes_on_lengths([tmp_path / f"whole.{kind}", open_end, tmp_path, tmp_path / "none"]) == []
    cut.write_bytes(whole[:-1])
    (note,) = notes_on_lengths([cut, tmp_path / f"whole.{kind}", cut])
    assert note.startswith(f"{cut} and 1 others: cut short")


def test_a_cut_video_that_is_used_is_noted(tmp_path):
    video = cv2.VideoWriter(str(tmp_path / "film.avi"), cv2.VideoWriter_fourcc(*"MJPG"), 25, (64, 48))
    for place in range(40):
        video.write(np.full((48, 64, 3), 20 + 5 * place, np.uint8))
    video.release()
    film = (tmp_path / "film.avi").read_bytes()
    (tmp_path / "film.avi").write_bytes(film[: film.index(b"idx1") - 200])
    assert 36 <= len(list(iter_frames(tmp_path / "film.avi"))) < 40
    progress = RecordedProgress()
    clips = predict_clips(None, [tmp_path / "film.avi"], None, np, progress=progress)
    next(clips)  # without a model, a failure
    assert [note for note in progress.notes if "cut short" in note]


def test_interlaced_frames_are_read_right_or_refused(tmp_path, capfd):
    """OpenCV 4.13 and later return memory that they never wrote to, the same for all frames, and report success."""
    film = tmp_path / "camcorder.avi"
    video = cv2.VideoWriter(str(film), cv2.CAP_FFMPEG, cv2.VideoWriter_fourcc(*"dvsd"), 25, (720, 576))
    if not video.isOpened():
        pytest.skip("this build of OpenCV writes no DV")
    for place in range(6):
        video.write(np.full((576, 720, 3), 20 + 30 * place, np.uint8))
    video.release()
    capfd.readouterr()
    stored = cv2.VideoCapture(str(film), cv2.CAP_FFMPEG)
    if np.array_equal(stored.read()[1], stored.read()[1]):
        refused(film, "all its 6 frames are the same: an interlaced video")
    else:
        assert (np.diff([frame.mean() for frame in iter_frames(film)]) > 20).all()


def test_a_picture_without_change_is_refused_with_what_to_do(tmp_path):
    film = write_mp4(tmp_path / "film.mp4", frames=1)
    (tmp_path / "one.mp4").write_bytes(film)
    assert len(list(iter_frames(tmp_path / "one.mp4"))) == 1
    (tmp_path / "still.mkv").write_bytes(matroska([0, 40, 80], 120, step=0))
    refused(tmp_path / "still.mkv", "all its 3 frames are the same.*or a still picture; deinterlace")


def test_a_codec_that_cannot_be_decoded_is_named(tmp_path, capfd):
    path = tmp_path / "film.mkv"
    path.write_bytes(matroska(every(40, 3), 120, codec=b"V_PRORES"))
    refused(path, r"APCH.*H\.264")
    assert capfd.readouterr().err == ""


def test_older_versions_of_opencv_keep_their_logging_elsewhere(tmp_path, monkeypatch):
    levels = []
    monkeypatch.delattr(cv2.utils, "logging", raising=False)
    monkeypatch.setattr(cv2, "setLogLevel", lambda level: levels.append(level) or 3, raising=False)
    (tmp_path / "film.mkv").write_bytes(matroska(every(40, 3), 120))
    assert len(list(iter_frames(tmp_path / "film.mkv"))) == 3
    assert levels[:2] == [0, 3]


@pytest.mark.parametrize("missing", ["face", "CascadeClassifier"])
def test_another_build_of_opencv_is_refused_with_the_way_out(monkeypatch, missing):
    monkeypatch.delattr(cv2, missing)
    for start in (FaceDetector, lambda: LandmarkModel(BUILT_IN)):
        with pytest.raises(UserError, match="install opencv-contrib-python-headless alone"):
            start()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe.mp4")
    refused(tmp_path / "pipe.mp4", "a pipe")


def test_an_empty_argument_is_not_the_current_folder(capsys):
    with pytest.raises(SystemExit) as error:
        main(["info", ""])
    assert error.value.code == 2
    assert "empty argument" in capsys.readouterr().err
