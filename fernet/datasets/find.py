"""Which dataset a path holds, told by the names in it."""

from dataclasses import replace
from pathlib import Path

from fernet.datasets.clip_list import ClipList
from fernet.datasets.csv_list import find_csv_clips
from fernet.datasets.dataset_folder import DatasetFolder
from fernet.datasets.folder import find_folder_clips
from fernet.errors import UserError

LAYOUTS = ("folder", "csv")


def find_clips(path: Path, *, layout: str | None = None, rotation: int | None = None) -> ClipList:
    """The clips of the folder or CSV at `path`."""
    if not path.exists():
        raise UserError(f"{path}: no such file or folder; expected a CSV, or the folder of a dataset")
    clips = find_csv_clips(path) if path.is_file() else find_folder_clips(DatasetFolder(path))
    if rotation is None:
        return clips
    return replace(clips, clips=tuple(replace(clip, rotation=rotation) for clip in clips.clips))
