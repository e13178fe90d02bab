"""One video file as grey frames of square pixels, checked before and after decoding."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

from fernet.errors import UserError
from fernet.faces.image_file import check_size
from fernet.faces.image_format import check_regular_file
from fernet.faces.opencv import opencv_path
from fernet.faces.video_length import check_length

# OpenCV before 4.13 passes this level to FFmpeg once, when the first video is opened; -8 is AV_LOG_QUIET.
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")

_CONVERT = "convert it to MP4 with H.264, or leave it out"


def video_frames(path: Path) -> Iterator[np.ndarray]:
    """Grey frames (H, W) uint8 as they are shown: upright, of square pixels.

    UserError for a file that is no video, has a codec that OpenCV lacks, is cut short, or has frames that are too large
    or all the same.
    """
    check_regular_file(path, "a video")
    with open_video(path) as video:
        if not video.isOpened():
            raise UserError(f"{path}: not a video that OpenCV can read, or damaged; {_CONVERT}")
        size = _square_size(video)
        check_size(path, *size)
        declared, rate = video.get(cv2.CAP_PROP_FRAME_COUNT), video.get(cv2.CAP_PROP_FPS)
        count, last, first, moves = 0, 0.0, None, False
        while (frame := _next_frame(video)) is not None:
            count, last = count + 1, video.get(cv2.CAP_PROP_POS_MSEC) / 1000
            grey = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)
            first = grey if first is None else first
            moves = moves or not np.array_equal(grey, first)
            yield grey if grey.shape[::-1] == size else cv2.resize(grey, size, interpolation=cv2.INTER_CUBIC)
        codec = _codec(video)
    if not count:
        raise UserError(f"{path}: a video ({codec}) of which OpenCV cannot decode a single frame; {_CONVERT}")
    if count > 1 and not moves:
        # OpenCV 4.13 and later cannot convert interlaced frames, and return memory that they never wrote to.
        raise UserError(
            f"{path}: all its {count} frames are the same: an interlaced video, which OpenCV {cv2.__version__} may not "
            "decode, or a still picture; deinterlace it with `ffmpeg -i IN -vf yadif -c:v libx264 OUT.mp4`, or give an "
            "image of the picture"
        )
    check_length(path, count, last, declared, rate)


@contextmanager
def open_video(path: Path) -> Iterator[cv2.VideoCapture]:
    """The video in `path`, opened by OpenCV without its messages, which do not name the file."""
    with opencv_path(path) as name:
        # ffmpeg explicitly: other readers would take a % in the name for a pattern, or a name for an address.
        with _silence():
            video = cv2.VideoCapture(name, cv2.CAP_FFMPEG)
        try:
            yield video
        finally:
            video.release()


def _next_frame(video: cv2.VideoCapture) -> np.ndarray | None:
    with _silence():
        there, frame = video.read()
    return frame if there else None


@contextmanager
def _silence() -> Iterator[None]:
    """Keep OpenCV's own messages back."""
    # OpenCV 4.10 to 4.12 have the function in cv2 itself.
    set_level = cv2.utils.logging.setLogLevel if hasattr(cv2.utils, "logging") else cv2.setLogLevel
    before = set_level(0)
    try:
        yield
    finally:
        set_level(before)


def _square_size(video: cv2.VideoCapture) -> tuple[int, int]:
    """(width, height) at which the pixels are square; the longer side of a pixel is enlarged, so that none is lost."""
    width, height = int(video.get(cv2.CAP_PROP_FRAME_WIDTH)), int(video.get(cv2.CAP_PROP_FRAME_HEIGHT))
    across, down = video.get(cv2.CAP_PROP_SAR_NUM), video.get(cv2.CAP_PROP_SAR_DEN)
    if not (across > 0 and down > 0):
        return width, height
    if video.get(cv2.CAP_PROP_ORIENTATION_META) % 180 == 90:  # OpenCV turns the frames, but not this ratio
        across, down = down, across
    aspect = across / down
    return (round(width * aspect), height) if aspect > 1 else (width, round(height / aspect))


def _codec(video: cv2.VideoCapture) -> str:
    code = int(video.get(cv2.CAP_PROP_FOURCC)).to_bytes(4, "little").decode("latin-1")
    return f"codec {code.upper()}" if code.isprintable() and code.strip() else "unknown codec"
