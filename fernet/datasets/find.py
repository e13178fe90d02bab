"""Recognising the dataset at a path, and finding its clips."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from fernet.clips.clip_list import ClipList, Skipped
from fernet.datasets.layouts import LAYOUTS
from fernet.datasets.layouts.layout import Layout
from fernet.errors import UserError
from fernet.faces.stored_frames import TURNS


def find_clips(
    path: Path, *, layout: str | None = None, rotation: int | None = None, **options: str | bool
) -> ClipList:
    """The clips of the dataset at `path`, a folder or a CSV, from names and labels; no pixels are read.

    layout    a name in LAYOUTS; by default recognised from the names in the folder
    rotation  degrees clockwise by which to rotate all frames; by default 0, and for MMI what each recording needs
    options   the options of the layouts, by name: they select a part of the dataset, by default the first value of
              each; options of layouts other than the dataset's have no effect

    UserError for an unknown option, and for a path without clips of at least two classes.
    """
    if layout is not None:
        _check("layout", layout, LAYOUTS)
    if rotation is not None:
        _check("rotation", rotation, TURNS)
    known = {option.name: option for one in LAYOUTS.values() for option in one.options}
    for name, value in options.items():
        _check("an option", name, known)
        _check(name, value, known[name].values)
    if not path.exists():
        raise UserError(f"{path}: no such file or folder; expected a CSV, or the folder of a dataset")
    chosen = LAYOUTS[layout or recognise(path)]
    if path.is_file() != chosen.is_file:
        raise UserError(f"{path}: a {'file' if path.is_file() else 'folder'} cannot have the layout {chosen.name}")
    clips = chosen.find(path, **{one.name: options.get(one.name, one.values[0]) for one in chosen.options})
    if len(clips.classes) < 2:
        raise UserError(_too_little(path, clips, chosen, forced=layout is not None))
    if rotation is None:
        return clips
    return replace(clips, clips=tuple(replace(clip, rotation=rotation) for clip in clips.clips))


def recognise(path: Path) -> str:
    """The layout, a name in LAYOUTS, of the dataset at `path`; "folder" for a folder that is no known database."""
    is_file = path.is_file()
    for layout in LAYOUTS.values():
        if layout.is_file == is_file and layout.recognises(path):
            return layout.name
    raise UserError(f"{path}: expected the folder of a dataset, or a CSV of path,label,subject")


def _check(what: str, value: object, allowed: Iterable) -> None:
    if value not in allowed:
        raise UserError(f"{what} is {value!r}: expected one of {', '.join(map(str, allowed))}")


def _too_little(path: Path, clips: ClipList, layout: Layout, forced: bool) -> str:
    found = f"{len(clips)} clips of the class {clips.classes[0]}" if clips.classes else "no clips"
    expected = layout.expected
    if not forced and layout is LAYOUTS["folder"]:
        others = [one.title for one in LAYOUTS.values() if one is not layout]
        expected += f", or another layout ({', '.join(others)})"
    return f"{path}: {found} found, at least two classes are needed. Expected {expected}.{_why(clips.skipped)}"


def _why(skipped: tuple[Skipped, ...]) -> str:
    if not skipped:
        return ""
    reason, count = Counter(one.reason for one in skipped).most_common(1)[0]
    example = next(one.path for one in skipped if one.reason == reason)
    return f" {len(skipped)} entries were skipped; most often ({count} times): {reason}, e.g. {example}"
