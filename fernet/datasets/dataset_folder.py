"""Looking into a dataset's folder without being led out of it or stopped by what cannot be read."""

import os
import re
from pathlib import Path

from fernet.datasets.clip_list import Skipped
from fernet.errors import UserError

IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".pgm", ".ppm", ".webp")
VIDEO_SUFFIXES = (".mp4", ".avi", ".mov", ".mkv", ".webm")
_LEFTOVERS = {"thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx"}  # of file managers; hidden files go as well


def natural_order(path: Path) -> tuple:
    """A sorting key that puts frame2 before frame10."""
    parts = re.split(r"([0-9]+)", path.name)
    return tuple((int(part), part) if part.isdigit() else (-1, part) for part in parts), path.name


class DatasetFolder:
    """A root folder, and a growing list of what in it had to be skipped."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.skipped: list[Skipped] = []
        self._real_root = root.resolve()
        try:
            os.scandir(root).close()
        except OSError as error:
            raise UserError(f"{root}: cannot be read ({error.strerror}); expected the folder of a dataset") from None

    def skip(self, path: Path, reason: str) -> None:
        """Note that `path` is left out."""
        self.skipped.append(Skipped(path, reason))

    def entries(self, folder: Path) -> list[Path]:
        """What lies in `folder`, in natural order, without hidden files, leftovers and links that leave the root."""
        try:
            names = [Path(entry.path) for entry in os.scandir(folder)]
        except OSError as error:
            self.skip(folder, f"cannot be read ({error.strerror})")
            return []
        shown = [path for path in names if not path.name.startswith(".") and path.name.casefold() not in _LEFTOVERS]
        return [path for path in sorted(shown, key=natural_order) if self._stays_inside(path)]

    def folders(self, folder: Path) -> list[Path]:
        """The folders in `folder`."""
        return [path for path in self.entries(folder) if path.is_dir()]

    def files(self, folder: Path, suffixes: tuple[str, ...]) -> list[Path]:
        """The files in `folder` with one of these suffixes, in any case of letters."""
        return [path for path in self.entries(folder) if path.suffix.lower() in suffixes and path.is_file()]

    def images(self, folder: Path) -> tuple[Path, ...]:
        """The frames of a clip stored as images; none, and a note, if there are none or their format varies."""
        images = tuple(self.files(folder, IMAGE_SUFFIXES))
        if not images:
            self.skip(folder, "a folder without images")
        elif len({path.suffix.lower() for path in images}) > 1:
            self.skip(folder, "images of several formats in one clip, where some may be copies of others")
            return ()
        return images

    def inside(self, path: Path) -> bool:
        """Whether `path`, all its links followed, lies in the root."""
        return path.resolve().is_relative_to(self._real_root)

    def _stays_inside(self, path: Path) -> bool:
        if path.is_symlink():
            if not path.exists():
                self.skip(path, "a link that leads nowhere")
                return False
            if not self.inside(path):
                self.skip(path, "a link that leads out of the dataset's folder")
                return False
        return True
