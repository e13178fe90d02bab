"""Which dataset a path holds, told by the names in it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from fernet.clips.clip_list import ClipList
from fernet.datasets.layouts import ck48, ck_plus, mmi, oulu_casia
from fernet.datasets.layouts.class_folders import find_folder_clips
from fernet.datasets.layouts.csv_list import find_csv_clips
from fernet.datasets.layouts.dataset_folder import DatasetFolder
from fernet.errors import UserError
from fernet.faces.frames import IMAGE_SUFFIXES

LAYOUTS = ("ck+", "ck+48", "oulu", "mmi", "folder", "csv")
ROTATIONS = (0, 90, 180, 270)


def find_clips(
    path: Path,
    *,
    layout: str | None = None,
    light: str = "VL",
    strength: str = "Strong",
    cropped: bool = False,
    view: str = "frontal",
    rotation: int | None = None,
) -> ClipList:
    """The clips of the dataset at `path`, a folder or a CSV; its names and labels are read, and no pixels.

    layout    one of LAYOUTS; by default the names in the folder tell
    light, strength, cropped    the part of Oulu-CASIA: "VL" or "NI"; "Strong", "Weak" or "Dark"; the makers' crops
    view      of MMI: "frontal" or "profile"
    rotation  degrees clockwise by which all frames are turned; by default 0, and for MMI what its recordings need

    A path without clips of at least two classes is a UserError, as is an unknown option.
    """
    chosen = {"layout": layout, "light": light, "strength": strength, "view": view, "rotation": rotation}
    allowed = (LAYOUTS, oulu_casia.LIGHTS, oulu_casia.STRENGTHS, mmi.VIEWS, ROTATIONS)
    for (name, value), values in zip(chosen.items(), allowed, strict=True):
        if value not in values and not (value is None and name in ("layout", "rotation")):
            raise UserError(f"{name} is {value!r}: expected one of {', '.join(map(str, values))}")
    if not path.exists():
        raise UserError(f"{path}: no such file or folder; expected a CSV, or the folder of a dataset")
    layout = layout or recognise(path)
    if path.is_file() != (layout == "csv"):
        raise UserError(f"{path}: a {'file' if path.is_file() else 'folder'} cannot have the layout {layout}")
    finders: dict[str, Callable[[], ClipList]] = {
        "csv": lambda: find_csv_clips(path),
        "ck+": lambda: ck_plus.find_ck_plus_clips(DatasetFolder(path)),
        "ck+48": lambda: ck48.find_ck48_clips(DatasetFolder(path)),
        "oulu": lambda: oulu_casia.find_oulu_casia_clips(DatasetFolder(path), light, strength, cropped),
        "mmi": lambda: mmi.find_mmi_clips(DatasetFolder(path), view),
        "folder": lambda: find_folder_clips(DatasetFolder(path)),
    }
    clips = finders[layout]()
    if rotation is None:
        return clips
    return replace(clips, clips=tuple(replace(clip, rotation=rotation) for clip in clips.clips))


def recognise(path: Path) -> str:
    """The layout, one of LAYOUTS, of what lies at `path`; "folder" where no known database is seen."""
    if path.is_file():
        if path.suffix.lower() not in (".csv", ".tsv", ".txt"):
            raise UserError(f"{path}: expected the folder of a dataset, or a CSV of path,label,subject")
        return "csv"
    folder = DatasetFolder(path)  # of its own: what is skipped here is noted when the clips are collected
    if folder.named(ck_plus.IMAGES, "extended-cohn-kanade-images", "emotion_labels"):
        return "ck+"
    if (top := folder.named(oulu_casia.ORIGINAL, *oulu_casia.CROPPED)) and any(
        name.name.upper().removesuffix("_ACROPPED") in oulu_casia.LIGHTS for name in folder.folders(top)
    ):
        return "oulu"
    if any((session / "session.xml").is_file() for session in folder.folders(folder.named("sessions") or path)):
        return "mmi"
    if any(_is_ck48_class(folder, name) for name in folder.folders(folder.named("ck+48") or path)):
        return "ck+48"
    return "folder"


def _is_ck48_class(folder: DatasetFolder, class_folder: Path) -> bool:
    images = folder.files(class_folder, IMAGE_SUFFIXES)
    return any(ck48.FRAME_NAME.fullmatch(image.stem) for image in images)
