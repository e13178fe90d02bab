"""How the frames of a clip are stored: which files are images, in which order, and with which rotations."""

import os
import re
from pathlib import Path

from fernet.errors import UserError
from fernet.faces.frame_order import in_frame_order

_READABLE = (".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".tif", ".tiff", ".pbm", ".pgm", ".ppm", ".webp")
# The others count as frames so that they are refused by name, instead of missing from a clip.
IMAGE_SUFFIXES = (*_READABLE, ".heic", ".heif", ".avif", ".jxl")
TURNS = (0, 90, 180, 270)  # degrees clockwise


def frame_files(folder: Path) -> tuple[Path, ...]:
    """The images in `folder` in the order of `in_frame_order`, without hidden files and other kinds of files."""
    try:
        names = os.listdir(folder)
    except OSError as error:
        raise UserError(f"{folder}: cannot be read ({error.strerror}); expected a folder of frames") from None
    images = [name for name in names if not name.startswith(".") and name.lower().endswith(IMAGE_SUFFIXES)]
    if not images:
        raise UserError(f"{folder}: no image ({', '.join(_READABLE)}) in this folder; expected the frames of a clip")
    return in_frame_order(folder / name for name in images)


def natural_order(name: str) -> tuple:
    """A sorting key for folders and clips that puts clip2 before clip10."""
    parts = re.split(r"([0-9]+)", name)
    return tuple((int(part), part) if part.isascii() and part.isdigit() else (-1, part) for part in parts), name
