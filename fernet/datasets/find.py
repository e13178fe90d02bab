"""Recognising the dataset at a path, and finding its clips."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from fernet.clips.clip_list import ClipList, Skipped
from fernet.datasets.layouts import LAYOUTS
from fernet.datasets.layouts.dataset_folder import A_LINK
from fernet.datasets.layouts.layout import Layout
from fernet.datasets.linked import each_recording_once
from fernet.errors import UserError
from fernet.faces.stored_frames import TURNS


def find_clips(
    path: Path,
    *,
    layout: str | None = None,
    rotation: int | None = None,
    follow_links: bool = False,
    **options: str | bool,
) -> ClipList:
    """The clips of the dataset at `path`, a folder or a CSV, from names and labels; no pixels are read.

    layout        a name in LAYOUTS; by default recognised from the names in the folder
    rotation      degrees clockwise by which to rotate all frames; by default 0, and for MMI what each recording needs
    follow_links  whether links below `path` are followed, even out of it; each recording then counts once
    options       the options of the layouts, by name: they select a part of the dataset, by default the first value of
                  each; options of layouts other than the dataset's have no effect

    UserError for an unknown option, for a path without clips of at least two classes, and for links that give one
    recording two classes or people.
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
    chosen = LAYOUTS[layout or recognise(path, follow_links)]
    if path.is_file() != chosen.is_file:
        kind = "file" if path.is_file() else "folder"
        raise UserError(
            f"{path}: a {kind} cannot have the layout {chosen.name}; choose another --layout, or leave it out"
        )
    values = {one.name: options.get(one.name, one.values[0]) for one in chosen.options}
    clips = chosen.find(path, follow_links=follow_links, **values)
    if follow_links:
        clips = each_recording_once(clips)
    if len(clips.classes) < 2:
        raise UserError(_too_little(path, clips, chosen, forced=layout is not None))
    if rotation is None:
        return clips
    return replace(clips, clips=tuple(replace(clip, rotation=rotation) for clip in clips.clips))


def recognise(path: Path, follow_links: bool = False) -> str:
    """The layout, a name in LAYOUTS, of the dataset at `path`; "folder" for a folder that is no known database."""
    is_file = path.is_file()
    for layout in LAYOUTS.values():
        if layout.is_file == is_file and layout.recognises(path, follow_links):
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
    why = f" {len(skipped)} entries were skipped; most often ({count} times): {reason}, e.g. {example}"
    linked = [one.path for one in skipped if one.reason == A_LINK]
    if reason == A_LINK or not linked:
        return why
    return f"{why}; {len(linked)} are links, e.g. {linked[0]}: --follow-links follows them"
