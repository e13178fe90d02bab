"""Images of several pictures are clips in every layout that takes videos, as they are for `predict`."""

import struct
import zlib

import cv2
import numpy as np
import pytest

from fernet.clips.clip_list import Skipped
from fernet.datasets.describe import describe
from fernet.datasets.find import find_clips
from fernet.faces.frames import iter_frames

ONE, SIZE = "an image of one picture: a clip is a folder of such images", 32
can_animate = hasattr(cv2, "imdecodeanimation")  # OpenCV 4.12


def pictures(count):
    return [np.full((SIZE, SIZE, 3), 40 * number + 20, np.uint8) for number in range(count)]


def animated_png(path, count):
    """As written by hand: OpenCV writes animations only from version 4.12 on."""

    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    chunks, number = [chunk(b"IHDR", struct.pack(">IIBBBBB", SIZE, SIZE, 8, 0, 0, 0, 0))], 0
    if count > 1:
        chunks.append(chunk(b"acTL", struct.pack(">II", count, 0)))
    for at, picture in enumerate(pictures(count)):
        data = zlib.compress(b"".join(b"\0" + row.tobytes() for row in picture[..., 0]))
        if count > 1:
            chunks.append(chunk(b"fcTL", struct.pack(">IIIIIHHBB", number, SIZE, SIZE, 0, 0, 1, 25, 0, 0)))
            number += 1
        chunks.append(chunk(b"fdAT", struct.pack(">I", number) + data) if at else chunk(b"IDAT", data))
        number += bool(at)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunks) + chunk(b"IEND", b""))


def tiff_stack(path, count):
    assert cv2.imwritemulti(str(path), pictures(count))


def animated_webp(path, count):
    if count == 1:
        path.write_bytes(cv2.imencode(".webp", pictures(1)[0])[1].tobytes())
        return
    if not can_animate:
        pytest.skip("this OpenCV writes no animations")
    animation = cv2.Animation()
    animation.frames, animation.durations = pictures(count), np.full(count, 40)
    assert cv2.imwriteanimation(str(path), animation)


WRITERS = {".tif": tiff_stack, ".TIFF": tiff_stack, ".png": animated_png, ".apng": animated_png, ".webp": animated_webp}


@pytest.fixture
def dataset(tmp_path):
    for name in ("calm/bob__1.mp4", "busy/bob__2.mp4"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).touch()
    return tmp_path


@pytest.mark.parametrize("suffix", WRITERS)
def test_a_file_of_several_pictures_is_a_clip_and_one_of_a_single_picture_is_not(suffix, dataset):
    several, single = dataset / f"calm/eve__1{suffix}", dataset / f"calm/eve__2{suffix}"
    WRITERS[suffix](several, 3)
    WRITERS[suffix](single, 1)
    found = find_clips(dataset)
    assert found.counts == {"busy": 1, "calm": 2}
    assert [(clip.name, clip.subject) for clip in found.clips if clip.frames == several] == [("calm/eve__1", "eve")]
    assert found.skipped == (Skipped(single, ONE),)
    path = dataset / "clips.csv"
    rows = [f"{one.relative_to(dataset)},x,eve" for one in (several, single)]
    path.write_text("\n".join(["path,label,subject", *rows, "busy/bob__2.mp4,y,bob"]))
    listed = find_clips(path)
    assert [clip.frames for clip in listed.clips] == [several, dataset / "busy/bob__2.mp4"]
    assert [one.reason for one in listed.skipped] == [ONE]
    assert describe(listed, dataset).frames == (3, 3)
    if can_animate or suffix.lower().startswith(".tif"):
        assert [int(frame.mean().round(-1)) for frame in iter_frames(several)] == [20, 60, 100]


def test_damaged_and_misnamed_images_are_named_with_the_reason(dataset):
    tiff_stack(dataset / "calm/eve__1.tif", 3)
    whole = (dataset / "calm/eve__1.tif").read_bytes()
    (dataset / "calm/eve__1.tif").write_bytes(whole[: len(whole) // 2])
    (dataset / "calm/eve__2.png").write_bytes(b"no image")
    (dataset / "calm/eve__3.jpg").write_bytes(b"")
    reasons = {one.path.name: one.reason for one in find_clips(dataset).skipped}
    assert "cut short" in reasons["eve__1.tif"]
    assert reasons["eve__2.png"].startswith("not an image")
    assert reasons["eve__3.jpg"].startswith("neither a folder of images nor a video")
