"""Listing a dataset's folder without following links unasked or stopping at what cannot be read."""

import os
import stat
import unicodedata
from pathlib import Path

from fernet.clips.clip_list import Skipped
from fernet.errors import UserError
from fernet.faces.frame_order import in_frame_order
from fernet.faces.stored_frames import IMAGE_SUFFIXES, natural_order

VIDEO_SUFFIXES = (".mp4", ".avi", ".mov", ".mkv", ".webm", ".mpg", ".mpeg", ".wmv", ".m4v", ".flv", ".gif")
_LEFTOVERS = {
    "thumbs.db",
    "ehthumbs.db",
    "desktop.ini",
    "__macosx",
}  # left by file managers; ignored like hidden files
_WRAPPINGS = {"extended-cohn-kanade-images", "emotion_labels", "landmarks", "preprocessimg", "preprocess_img"}
NOT_STORED = "neither a file nor a folder, but a pipe, a socket or a device"
A_LINK = "a link, which is followed only with --follow-links"
_LOOP = "a link to a folder that contains it"
_DEEPEST = 4  # levels below the root at which a part of a dataset is looked for


class DatasetFolder:
    """A root folder, and a growing list of what had to be skipped in it."""

    def __init__(self, root: Path, follow_links: bool = False) -> None:
        """`follow_links`: whether links below the root are followed, even out of it; the root itself may be one."""
        self.root = root
        self._follow_links = follow_links
        self._skipped: dict[Skipped, None] = {}  # in order, each once
        self._real_root = root.resolve()
        try:
            os.scandir(root).close()
        except OSError as error:
            raise UserError(f"{root}: cannot be read ({error.strerror}); expected the folder of a dataset") from None

    def skip(self, path: Path, reason: str) -> None:
        """Note that `path` is left out."""
        self._skipped[Skipped(path, reason)] = None

    @property
    def skipped(self) -> list[Skipped]:
        """What has been left out so far."""
        return list(self._skipped)

    def entries(self, folder: Path) -> list[Path]:
        """The entries of `folder` in natural order, without hidden files, leftovers and links not to be followed."""
        if not self.may_read(folder):
            self.skip(folder, A_LINK)
            return []
        try:
            names = [Path(entry.path) for entry in os.scandir(folder)]
        except OSError as error:
            self.skip(folder, f"cannot be read ({error.strerror})")
            return []
        shown = [path for path in names if not path.name.startswith(".") and path.name.casefold() not in _LEFTOVERS]
        return [path for path in sorted(shown, key=lambda path: natural_order(path.name)) if self._can_be_used(path)]

    def folders(self, folder: Path) -> list[Path]:
        """The folders in `folder`."""
        return [path for path in self.entries(folder) if path.is_dir()]

    def files(self, folder: Path, suffixes: tuple[str, ...]) -> list[Path]:
        """The files in `folder` with one of these suffixes, in upper or lower case."""
        return [path for path in self.entries(folder) if path.suffix.lower() in suffixes and path.is_file()]

    def images(self, folder: Path) -> tuple[Path, ...]:
        """The frames of a clip stored as images; empty, with a note, if there are none or their formats differ."""
        images = tuple(self.files(folder, IMAGE_SUFFIXES))
        if not images:
            self.skip(folder, "a folder without images")
        elif len({path.suffix.lower() for path in images}) > 1:
            self.skip(folder, "images of several formats in one clip, where some may be copies of others")
            return ()
        try:
            return in_frame_order(images)
        except UserError as error:
            self.skip(folder, str(error).removeprefix(f"{folder}: "))
            return ()

    def named(self, *names: str) -> Path | None:
        """The root, or the folder nearest to it, that has one of these lower-case names.

        Archives unpack into a folder of their own, sometimes into two nested ones of the same name. Only these, and
        folders that are alone in theirs, are opened, so that a large tree is not searched.
        """
        level = [self.root]
        for _ in range(_DEEPEST + 1):
            if found := next((path for path in level if path.name.casefold() in names), None):
                return self.child(found, found.name) or found
            wrappings = [path for path in level if path.name.casefold() in _WRAPPINGS or len(level) == 1]
            level = [path for wrapping in wrappings for path in self.folders(wrapping)]
        return None

    def child(self, folder: Path, name: str) -> Path | None:
        """The folder in `folder` called `name`, in upper or lower case."""
        return next((path for path in self.folders(folder) if path.name.casefold() == name.casefold()), None)

    def may_read(self, path: Path) -> bool:
        """Whether no link lies on the way from the root to `path`, or links are followed."""
        if self._follow_links:
            return True
        inside = path.resolve().is_relative_to(self._real_root)  # false for Windows' junctions, too
        return inside and not any(place.is_symlink() for place in self._places_down_to(path))

    def _can_be_used(self, path: Path) -> bool:
        if not path.name.isascii() and not _is_unicode(path.name):
            self.skip(path, "a name that is not valid UTF-8")
            return False
        if has_control_characters(path.name):
            self.skip(path, "a name with control characters")
            return False
        try:
            if path.is_symlink() and not path.exists():
                self.skip(path, "a broken link")
            elif path.is_symlink() and not self._follow_links:
                self.skip(path, A_LINK)
            elif path.is_symlink() and self._is_loop(path):
                self.skip(path, _LOOP)
            elif not is_stored(path):
                self.skip(path, NOT_STORED)
            else:
                return True
        except OSError as error:
            self.skip(path, f"cannot be read ({error.strerror})")
        return False

    def _is_loop(self, link: Path) -> bool:
        """Whether one of the folders in which `link` was found is the folder that it leads to, or lies in it."""
        target = link.resolve()
        return any(
            folder.resolve().is_relative_to(target) for folder in (self.root, *self._places_down_to(link.parent))
        )

    def _places_down_to(self, path: Path) -> list[Path]:
        """`path` and the folders between the root and it."""
        steps = path.relative_to(self.root).parts
        return [self.root.joinpath(*steps[:count]) for count in range(1, len(steps) + 1)]


def is_stored(path: Path) -> bool:
    """Whether `path` is a file or a folder: reading a pipe could wait for ever."""
    mode = path.stat().st_mode
    return stat.S_ISREG(mode) or stat.S_ISDIR(mode)


def has_control_characters(name: str) -> bool:
    """Whether printing `name` could give a terminal commands."""
    return any(unicodedata.category(letter) == "Cc" for letter in name)


def _is_unicode(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
