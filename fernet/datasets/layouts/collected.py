"""How layouts collect the clips and names that they find."""

import unicodedata

from fernet.clips.clip_list import ClipEntry, ClipList, Skipped


def clip_list(title: str, clips: list[ClipEntry], skipped: list[Skipped]) -> ClipList:
    """A ClipList of what was found, with the classes in alphabetical order."""
    return ClipList(title, tuple(sorted({clip.label for clip in clips})), tuple(clips), tuple(skipped))


def one_spelling(name: str) -> str:
    """The same bytes for the same visible name: file systems store accents either composed or decomposed."""
    return unicodedata.normalize("NFC", name)
