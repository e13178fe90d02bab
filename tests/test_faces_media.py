"""Frames from images and videos, good and bad."""

import os
import struct
import zlib

import cv2
import numpy as np
import pytest

from fernet.errors import UserError
from fernet.faces import image_file
from fernet.faces.frames import frame_files, iter_frames


def picture(seed=0, shape=(48, 64)):
    return np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)


def encoded(image, suffix=".png"):
    return cv2.imencode(suffix, image)[1].tobytes()


def write_video(path, frames=20, code="MJPG", noise=False):
    video = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*code), 25, (64, 48), True)
    for number in range(frames):
        frame = np.full((48, 64, 3), 10 + 10 * number, np.uint8)
        video.write(np.dstack([picture(number)] * 3) if noise else frame)
    video.release()


def refused(path, words):
    with pytest.raises(UserError, match=words) as error:
        list(iter_frames(path))
    assert str(path if not isinstance(path, tuple) else path[-1]) in str(error.value)


def test_images_of_all_depths_are_the_same_grey(tmp_path):
    grey = picture()
    versions = {
        "grey": grey,
        "sixteen": grey.astype(np.uint16) * 257,
        "colour": np.dstack([grey] * 3),
        "transparent": np.dstack([grey] * 3 + [picture(1)]),
        "colour of sixteen": np.dstack([grey.astype(np.uint16) * 257] * 3),
    }
    for name, image in versions.items():
        path = tmp_path / f"{name} é目.png"
        path.write_bytes(encoded(image))
        (frame,) = iter_frames(path)
        assert frame.dtype == np.uint8
        np.testing.assert_array_equal(frame, grey, err_msg=name)


def test_a_folder_in_natural_order_without_leftovers(tmp_path):
    for number in (10, 2, 1):
        (tmp_path / f"frame{number}.PNG").write_bytes(encoded(np.full((8, 8), number, np.uint8)))
    for name in (".DS_Store", ".frame3.png", "Thumbs.db", "notes.txt"):
        (tmp_path / name).write_bytes(b"nothing")
    assert [frame[0, 0] for frame in iter_frames(tmp_path)] == [1, 2, 10]
    assert [path.name for path in frame_files(tmp_path)] == ["frame1.PNG", "frame2.PNG", "frame10.PNG"]


def test_a_list_keeps_its_order(tmp_path):
    paths = [tmp_path / f"{number}.bmp" for number in (3, 1)]
    for path in paths:
        path.write_bytes(encoded(np.full((8, 8), int(path.stem), np.uint8), ".bmp"))
    assert [frame[0, 0] for frame in iter_frames(tuple(paths))] == [3, 1]


def test_half_and_rotation(tmp_path):
    path, image = tmp_path / "a.png", picture()
    path.write_bytes(encoded(image))
    (right,) = iter_frames(path, rotation=90, half="right")
    assert right.shape == (32, 48)
    assert right.flags.c_contiguous
    np.testing.assert_array_equal(right[0], image[::-1, 32])  # clockwise: the left column becomes the top row
    with pytest.raises(UserError, match="rotation 45"):
        next(iter_frames(path, rotation=45))


@pytest.mark.parametrize(("name", "code"), [("ein film.avi", "MJPG"), ("фильм 100%d.mp4", "mp4v")])
def test_videos(tmp_path, name, code):
    write_video(tmp_path / "plain.avi" if code == "MJPG" else tmp_path / "plain.mp4", code=code)
    path = next(tmp_path.iterdir()).rename(tmp_path / name)
    frames = list(iter_frames(path))
    assert [frame.shape for frame in frames] == [(48, 64)] * 20
    means = [float(frame.mean()) for frame in frames]
    np.testing.assert_allclose(means, 10 + 10 * np.arange(20), atol=4)


def test_bad_images(tmp_path):
    for suffix in (".png", ".jpg"):
        whole = encoded(picture(shape=(200, 300)), suffix)
        for part in (len(whole) * 2 // 3, 100):
            (tmp_path / f"cut{suffix}").write_bytes(whole[:part])
            refused(tmp_path / f"cut{suffix}", "cut short")
    damaged = bytearray(encoded(picture()))
    damaged[30:60] = b"\0" * 30
    (tmp_path / "damaged.png").write_bytes(damaged)
    refused(tmp_path / "damaged.png", "damaged")
    (tmp_path / "empty.png").write_bytes(b"")
    refused(tmp_path / "empty.png", "empty file")
    (tmp_path / "text.jpeg").write_text("not an image")
    refused(tmp_path / "text.jpeg", "not an image that OpenCV can read")
    write_video(tmp_path / "film.avi")
    (tmp_path / "film.avi").rename(tmp_path / "film.png")
    refused(tmp_path / "film.png", "not an image that OpenCV can read")
    (tmp_path / "film.png.png").mkdir()
    refused((tmp_path / "film.png.png",), "cannot be read")
    (tmp_path / "float.tiff").write_bytes(encoded(np.ones((8, 8), np.float32), ".tiff"))
    refused(tmp_path / "float.tiff", "float32")


def test_huge_images_are_refused_before_they_are_decoded(tmp_path, monkeypatch):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    (tmp_path / "bomb.png").write_bytes(bomb)
    refused(tmp_path / "bomb.png", "60000 x 60000 pixels; expected at most 67 million")
    jpeg = bytearray(encoded(picture(), ".jpg"))
    at = jpeg.index(b"\xff\xc0") + 5
    jpeg[at : at + 4] = struct.pack(">HH", 50_000, 40_000)
    (tmp_path / "bomb.jpg").write_bytes(jpeg)
    refused(tmp_path / "bomb.jpg", "40000 x 50000")
    monkeypatch.setattr(image_file, "LARGEST_PICTURE", 100)
    write_video(tmp_path / "film.avi")
    refused(tmp_path / "film.avi", "64 x 48 pixels")


def test_bad_videos(tmp_path, capfd):
    write_video(tmp_path / "whole.avi", noise=True)
    data = (tmp_path / "whole.avi").read_bytes()
    (tmp_path / "half.avi").write_bytes(data[: len(data) // 2])
    refused(tmp_path / "half.avi", r"ends after \d+ of its 20 frames")
    write_video(tmp_path / "whole.mp4", code="mp4v")
    data = (tmp_path / "whole.mp4").read_bytes()
    (tmp_path / "half.mp4").write_bytes(data[: len(data) // 2])
    refused(tmp_path / "half.mp4", "not a video that OpenCV can read")
    (tmp_path / "text.mp4").write_text("hello " * 100)
    refused(tmp_path / "text.mp4", "not a video that OpenCV can read")
    (tmp_path / "empty.mp4").write_bytes(b"")
    refused(tmp_path / "empty.mp4", "empty file")
    refused(tmp_path / "none.mp4", "cannot be read")
    write_video(tmp_path / "none.avi", frames=0)
    refused(tmp_path / "none.avi", "not a video|cannot decode a single frame")
    assert "WARN" not in capfd.readouterr().err


def test_folders_that_hold_no_clip(tmp_path):
    refused(tmp_path, "no image")
    with pytest.raises(UserError, match="without frames"):
        list(iter_frames(()))
    for name, shape in (("1.png", (8, 8)), ("2.png", (8, 9))):
        (tmp_path / name).write_bytes(encoded(picture(shape=shape)))
    refused(tmp_path, "9 x 8 pixels, those before it have 8 x 8")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="this user may read everything")
def test_a_folder_without_permission(tmp_path):
    tmp_path.chmod(0)
    refused(tmp_path, "Permission denied")
    tmp_path.chmod(0o700)


def test_an_unreadable_folder(tmp_path, monkeypatch):
    def denied(path):
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "listdir", denied)
    refused(tmp_path, "Permission denied")
