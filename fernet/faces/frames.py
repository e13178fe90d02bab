"""The frames of a clip one by one, from a video, a folder of images or a list of them."""

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from fernet.errors import UserError
from fernet.faces.image_file import check_gif, read_clip, read_images
from fernet.faces.image_format import kind_of
from fernet.faces.stored_frames import IMAGE_SUFFIXES, TURNS, frame_files
from fernet.faces.video_file import video_frames


def iter_frames(frames: Path | Sequence[Path], rotation: int = 0, half: str | None = None) -> Iterator[np.ndarray]:
    """Grey frames (H, W) uint8, all of one size.

    frames    a video, an image of one or more pictures, a folder of images (see `in_frame_order`), or images in order
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
            raise UserError(
                f"{path}: a frame of {size}, those before it have {before}; expected one size in a clip: resize or "
                "remove it"
            )
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
        return zip(frames, read_clip(frames), strict=True)
    if os.path.isdir(frames):  # unlike Path.is_dir, false for a name that is too long
        files = frame_files(frames)
        return zip(files, read_clip(files), strict=True)
    kind = kind_of(frames)
    if kind == "GIF":
        check_gif(frames)
    elif kind or frames.suffix.lower() in IMAGE_SUFFIXES:
        return ((frames, frame) for frame in read_images(frames))
    return ((frames, frame) for frame in video_frames(frames))
