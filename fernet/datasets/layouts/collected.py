"""How layouts collect the clips and names that they find."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import replace

from fernet.clips.clip_list import ClipEntry, ClipList, Skipped


def clip_list(title: str, clips: list[ClipEntry], skipped: list[Skipped]) -> ClipList:
    """A ClipList of what was found, with the classes in alphabetical order.

    A class or a person whose name has several spellings (see `spelling_key`) gets the first of them, with a note:
    otherwise one face could be trained on under one name and tested under another.
    """
    labels, label_notes = _merged("class", (clip.label for clip in clips))
    subjects, subject_notes = _merged("person", (clip.subject for clip in clips))
    clips = [replace(clip, label=labels[clip.label], subject=subjects[clip.subject]) for clip in clips]
    classes = tuple(sorted({clip.label for clip in clips}))
    return ClipList(title, classes, tuple(clips), tuple(skipped), label_notes + subject_notes)


def one_spelling(name: str) -> str:
    """The same bytes for the same visible name: file systems store accents either composed or decomposed."""
    return unicodedata.normalize("NFC", name)


def spelling_key(name: str) -> str:
    """Equal for names that differ only in case, blanks or leading zeros, as " Ann 01" and "ann 1" do.

    So are names that differ in the width of letters, or in characters without any width.
    """
    seen = "".join(one for one in unicodedata.normalize("NFKC", name) if unicodedata.category(one) != "Cf")
    return re.sub(r"(?<![0-9])0+(?=[0-9])", "", " ".join(seen.casefold().split()))


def _merged(what: str, names: Iterable[str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Every name with the spelling to use for it, and a note on each that has several."""
    spellings: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        spellings.setdefault(spelling_key(name), []).append(name)
    chosen = {name: own[0] for own in spellings.values() for name in own}
    notes = tuple(
        f"{', '.join(map(repr, own))} differ only in case, width, blanks or leading zeros: taken as one {what}, "
        f"{own[0]!r}"
        for own in spellings.values()
        if len(own) > 1
    )
    return chosen, notes
