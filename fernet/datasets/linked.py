"""Recordings that links show more than once."""

from dataclasses import replace
from pathlib import Path

from fernet.clips.clip_list import ClipEntry, ClipList, Skipped
from fernet.errors import UserError


def each_recording_once(found: ClipList) -> ClipList:
    """The list without clips whose files are, with all links resolved, those of an earlier clip.

    UserError if the two differ in class or person, since then one of them is wrong.
    """
    kept: dict[tuple[Path, ...], ClipEntry] = {}
    repeated = []
    for clip in found.clips:
        files = clip.frames if isinstance(clip.frames, tuple) else (clip.frames,)
        known = kept.setdefault(tuple(file.resolve() for file in files), clip)
        if known is clip:
            continue
        for what, one, other in (("class", known.label, clip.label), ("person", known.subject, clip.subject)):
            if one != other:
                raise UserError(
                    f"{known.name} and {clip.name} are one recording, since links are followed, but have {what} "
                    f"{one!r} and {other!r}: expected one {what}; remove one of the two"
                )
        repeated.append(Skipped(_place(clip), "a link to a recording that another clip shows"))
    return replace(found, clips=tuple(kept.values()), skipped=(*found.skipped, *repeated))


def _place(clip: ClipEntry) -> Path:
    return clip.frames[0].parent if isinstance(clip.frames, tuple) else clip.frames
