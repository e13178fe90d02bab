"""What OpenCV needs before it is called: a build with every module used here, and paths that it can take."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2

from fernet.errors import UserError

_PACKAGE = "opencv-contrib-python-headless"


def check_opencv() -> None:
    """UserError if another build of OpenCV, without the module `face`, hides the one that is required."""
    if not hasattr(cv2, "CascadeClassifier") or not hasattr(getattr(cv2, "face", None), "createFacemarkLBF"):
        raise UserError(
            f"OpenCV {cv2.__version__} in {Path(cv2.__file__).parent} cannot find landmarks (it has no cv2.face); "
            f"expected {_PACKAGE}: uninstall every opencv package with pip, then install {_PACKAGE} alone"
        )


@contextmanager
def opencv_path(path: Path) -> Iterator[str]:
    """`path` as a string that OpenCV can take, for reading or writing one file within the block.

    OpenCV encodes strings as UTF-8 whatever the locale, and crashes on a name that is not valid Unicode. Such a path is
    reached through a link with an ASCII name in a temporary folder.
    """
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # its messages do not name the file; read at the first video
    whole = os.path.abspath(path)
    if (name := _as_utf8(whole)) is not None:
        yield name
        return
    with tempfile.TemporaryDirectory(prefix="fernet-") as folder:
        suffix = path.suffix if path.suffix.isascii() else ""  # OpenCV chooses some formats by it
        link = Path(folder) / f"file{suffix}"
        try:
            link.symlink_to(whole)
            name = _as_utf8(str(link))
        except OSError:
            name = None
        if name is None:
            raise UserError(f"{path}: a path that is not in UTF-8, which OpenCV cannot open; rename it")
        yield name


def _as_utf8(path: str) -> str | None:
    """The string whose UTF-8 bytes are the name of the file, which in other locales is not `path` itself, or None."""
    try:
        return os.fsencode(path).decode("utf-8")
    except UnicodeError:
        return None
