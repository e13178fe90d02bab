"""How the frames of a clip are stored: which files are images, in which order, and with which rotations."""

import os
import re
from pathlib import Path

from fernet.errors import UserError

IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".pgm", ".ppm", ".webp")
TURNS = (0, 90, 180, 270)  # degrees clockwise


def frame_files(folder: Path) -> tuple[Path, ...]:
    """The images in `folder`, frame2 before frame10, without hidden files and other kinds of files."""
    try:
        names = os.listdir(folder)
    except OSError as error:
        raise UserError(f"{folder}: cannot be read ({error.strerror}); expected a folder of frames") from None
    images = [name for name in names if not name.startswith(".") and name.lower().endswith(IMAGE_SUFFIXES)]
    if not images:
        raise UserError(
            f"{folder}: no image ({', '.join(IMAGE_SUFFIXES)}) in this folder; expected the frames of a clip"
        )
    return tuple(folder / name for name in sorted(images, key=natural_order))


def natural_order(name: str) -> tuple:
    """A sorting key that puts frame2 before frame10."""
    parts = re.split(r"([0-9]+)", name)
    return tuple((int(part), part) if part.isascii() and part.isdigit() else (-1, part) for part in parts), name
