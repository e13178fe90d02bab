"""Clips in folders named after their classes: root/<class>/<subject>__<clip>/frame*.png or <subject>__<clip>.mp4."""

from pathlib import Path
from typing import TYPE_CHECKING

from fernet.clips.clip_list import ClipEntry, ClipList
from fernet.datasets.layouts.collected import clip_list, one_spelling
from fernet.datasets.layouts.dataset_folder import VIDEO_SUFFIXES, DatasetFolder
from fernet.datasets.layouts.layout import Layout
from fernet.datasets.layouts.single_files import why_no_clip

if TYPE_CHECKING:
    from fernet.datasets.layouts.clip_files import ClipFiles
    from fernet.synthetic.render import RenderedClip
    from fernet.synthetic.sets import ClipSpec

_EXPECTED = (
    "root/<class>/<subject>__<clip>/frame*.png, root/<class>/<subject>__<clip>.mp4 "
    f"(or {', '.join(VIDEO_SUFFIXES[1:])})"
)


def find_folder_clips(path: Path, follow_links: bool) -> ClipList:
    """The clips below `path`; classes are the names of its folders, in alphabetical order."""
    folder = DatasetFolder(path, follow_links)
    clips: list[ClipEntry] = []
    for entry in folder.entries(path):
        if entry.is_dir():
            clips += _clips_of_class(folder, entry)
        elif entry.suffix.lower() in VIDEO_SUFFIXES:
            folder.skip(entry, "a video outside the folder of any class")
    return clip_list(f"{path.resolve().name} (folder of clips)", clips, folder.skipped)


def _clips_of_class(folder: DatasetFolder, class_folder: Path) -> list[ClipEntry]:
    label = one_spelling(class_folder.name)
    clips: dict[str, ClipEntry] = {}
    entries = folder.entries(class_folder)
    if not entries:
        folder.skip(class_folder, "a class without clips")
    for path in entries:
        is_file = not path.is_dir()
        if is_file and (reason := why_no_clip(path)):
            folder.skip(path, reason)
            continue
        name = one_spelling(path.stem if is_file else path.name)
        subject, mark, clip = name.partition("__")
        if not (subject and mark and clip):
            folder.skip(path, "the name does not give a subject: expected <subject>__<clip>")
        elif name in clips:
            folder.skip(path, "another clip of the same class has the same name")
        elif frames := path if is_file else folder.images(path):
            clips[name] = ClipEntry(f"{label}/{name}", label, subject, frames)
    return list(clips.values())


def write_clip(clip: "RenderedClip", spec: "ClipSpec", files: "ClipFiles") -> None:
    """Write a video or a folder of images, whichever `files` is set to."""
    files.clip(Path(spec.label, spec.name.replace("_", "__")), clip.frames)


LAYOUT = Layout(
    "folder",
    "a folder of clips",
    _EXPECTED,
    lambda path, follow_links: True,  # anything that no other layout recognises
    find_folder_clips,
    write_clip=write_clip,
)
