"""The frames of a clip one by one, from a video, a folder of images or a list of them."""

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from fernet.errors import UserError
from fernet.faces.image_file import check_size, read_image
from fernet.faces.stored_frames import IMAGE_SUFFIXES, TURNS, frame_files

_TOLERATED_LOSS = 0.1  # of the frames that a video declares: containers estimate, but a larger loss means damage


def iter_frames(frames: Path | Sequence[Path], rotation: int = 0, half: str | None = None) -> Iterator[np.ndarray]:
    """Grey frames (H, W) uint8, all of one size.

    frames    a video, an image, a folder of images (in the natural order of their names), or images in order
    rotation  degrees clockwise by which to rotate the frames: 0, 90, 180 or 270
    half      "left" or "right" half of the frame as stored, before rotation; None is the whole frame

    UserError, naming the path, for anything that cannot be read, is cut short, is too large or holds no frame.
    """
    if rotation not in TURNS or half not in (None, "left", "right"):
        raise UserError(f"rotation {rotation!r}, half {half!r}: expected one of {TURNS} and left, right or None")
    first: tuple[int, ...] | None = None
    for path, frame in _stored_frames(frames):
        first = first or frame.shape
        if frame.shape != first:
            size, before = _size(frame.shape), _size(first)
            raise UserError(f"{path}: a frame of {size}, those before it have {before}; expected one size in a clip")
        if half is not None:
            middle = frame.shape[1] // 2
            frame = frame[:, :middle] if half == "left" else frame[:, middle:]
        yield np.ascontiguousarray(np.rot90(frame, -rotation // 90))


def _size(shape: tuple[int, ...]) -> str:
    return f"{shape[1]} x {shape[0]} pixels"


def _stored_frames(frames: Path | Sequence[Path]) -> Iterable[tuple[Path, np.ndarray]]:
    if not isinstance(frames, Path):
        if not frames:
            raise UserError("a clip without frames: expected at least one image")
        return ((path, read_image(path)) for path in frames)
    if frames.is_dir():
        return ((path, read_image(path)) for path in frame_files(frames))
    if frames.suffix.lower() in IMAGE_SUFFIXES:
        return ((path, read_image(path)) for path in (frames,))
    return ((frames, frame) for frame in _video_frames(frames))


def _video_frames(path: Path) -> Iterator[np.ndarray]:
    _check_video_file(path)
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # the messages below replace those of ffmpeg
    level = cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    # ffmpeg explicitly: other readers would take a % in the name for a pattern, or a name for an address.
    video = cv2.VideoCapture(os.path.abspath(path), cv2.CAP_FFMPEG)
    cv2.utils.logging.setLogLevel(level)
    try:
        if not video.isOpened():
            raise UserError(f"{path}: not a video that OpenCV can read, or damaged; convert it to MP4, or leave it out")
        check_size(path, int(video.get(cv2.CAP_PROP_FRAME_WIDTH)), int(video.get(cv2.CAP_PROP_FRAME_HEIGHT)))
        declared, count = video.get(cv2.CAP_PROP_FRAME_COUNT), 0
        while True:
            there, frame = video.read()
            if not there:
                break
            count += 1
            yield cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)
    finally:
        video.release()
    if not count:
        raise UserError(
            f"{path}: a video without a single frame that can be decoded; convert it to MP4, or leave it out"
        )
    if count < declared * (1 - _TOLERATED_LOSS) - 1:
        raise UserError(
            f"{path}: the video ends after {count} of its {declared:.0f} frames: it is damaged or cut short; "
            "copy it again, or convert it to MP4 to keep what is left"
        )


def _check_video_file(path: Path) -> None:
    try:
        with open(path, "rb") as stream:
            empty = not stream.read(1)
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); expected a video or a folder of frames") from None
    if empty:
        raise UserError(f"{path}: an empty file; expected a video: copy it again, or leave it out")
