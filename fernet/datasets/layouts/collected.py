"""What a layout has collected from a folder, as a list of clips."""

import unicodedata
from collections import Counter
from pathlib import Path

from fernet.clips.clip_list import ClipEntry, ClipList, Skipped
from fernet.errors import UserError


def clip_list(title: str, clips: list[ClipEntry], skipped: list[Skipped], path: Path, expected: str) -> ClipList:
    """What was found in `path` as a ClipList; fewer than two classes are a UserError that says what was `expected`."""
    classes = tuple(sorted({clip.label for clip in clips}))
    if len(classes) < 2:
        found = f"{len(clips)} clips of the class {classes[0]}" if classes else "no clips"
        raise UserError(f"{path}: {found} found, at least two classes are needed. Expected {expected}.{_why(skipped)}")
    return ClipList(title, classes, tuple(clips), tuple(skipped))


def one_spelling(name: str) -> str:
    """The same bytes for the same visible name: file systems store accents joined or apart."""
    return unicodedata.normalize("NFC", name)


def _why(skipped: list[Skipped]) -> str:
    if not skipped:
        return ""
    reason, count = Counter(one.reason for one in skipped).most_common(1)[0]
    example = next(one.path for one in skipped if one.reason == reason)
    return f" {len(skipped)} entries were skipped; most often ({count} times): {reason}, e.g. {example}"
