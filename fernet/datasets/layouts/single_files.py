"""Files that are clips by themselves: videos, and images of several pictures."""

from pathlib import Path

from fernet.datasets.layouts.dataset_folder import VIDEO_SUFFIXES
from fernet.errors import UserError

_IMAGES = (".webp", ".png", ".apng", ".tif", ".tiff")  # formats of which a file can hold several pictures
_NO_CLIP = (
    f"neither a folder of images nor a video ({', '.join(VIDEO_SUFFIXES)}) nor an image of several pictures "
    f"({', '.join(_IMAGES)})"
)


def why_no_clip(path: Path) -> str | None:
    """Why the file at `path` is no clip, by its suffix and, for images, by its header; None if it is one."""
    if path.suffix.lower() in VIDEO_SUFFIXES:
        return None
    if path.suffix.lower() not in _IMAGES:
        return _NO_CLIP
    from fernet.faces.image_file import picture_count  # not above: --help reads the layouts, and OpenCV is slow to load

    try:
        several = picture_count(path) > 1
    except UserError as error:
        return str(error).removeprefix(f"{path}: ")
    return None if several else "an image of one picture: a clip is a folder of such images"
