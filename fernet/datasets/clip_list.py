"""What a dataset on disk is, before any pixel is read: labelled clips, and what was left out and why."""

import unicodedata
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from fernet.errors import UserError

# The order of the paper's tables, which is that of the alphabet.
EMOTIONS = ("anger", "contempt", "disgust", "fear", "happiness", "sadness", "surprise")
_OTHER_NAMES = {
    "angry": "anger",
    "disgusted": "disgust",
    "happy": "happiness",
    "sad": "sadness",
    "surprised": "surprise",
}

FIND_OUT = -1  # as a rotation: whoever reads the frames tries which way up shows a face


@dataclass(frozen=True)
class ClipEntry:
    """One labelled clip."""

    name: str  # unique in its list
    label: str
    subject: str
    frames: Path | tuple[Path, ...]  # one video file, or image files in order
    landmarks: tuple[Path, ...] | None = None  # the dataset's own files of 68 "x y" lines, one per frame
    rotation: int = 0  # degrees clockwise by which frames must be turned: 0, 90, 180, 270, or FIND_OUT
    half: str | None = None  # "left" or "right" half of a dual-view frame; None takes the whole frame


@dataclass(frozen=True)
class Skipped:
    """Something in the dataset's folder that is no clip, or none that can be used."""

    path: Path
    reason: str  # the same words for the same fault, so that faults can be counted


@dataclass(frozen=True)
class ClipList:
    """The clips of one dataset; labels are names out of `classes`."""

    title: str  # which dataset, and which part of it
    classes: tuple[str, ...]
    clips: tuple[ClipEntry, ...]
    skipped: tuple[Skipped, ...]

    def __len__(self) -> int:
        return len(self.clips)

    @property
    def subjects(self) -> tuple[str, ...]:
        """Everybody who is seen, once, sorted."""
        return tuple(sorted({clip.subject for clip in self.clips}))

    @property
    def counts(self) -> dict[str, int]:
        """Clips of each class, in the order of the classes."""
        found = Counter(clip.label for clip in self.clips)
        return {label: found[label] for label in self.classes}


def clip_list(title: str, clips: list[ClipEntry], skipped: list[Skipped], path: Path, expected: str) -> ClipList:
    """What was found in `path` as a ClipList; fewer than two classes are a UserError that says what was `expected`."""
    classes = tuple(sorted({clip.label for clip in clips}))
    if len(classes) < 2:
        found = f"{len(clips)} clips of the class {classes[0]}" if classes else "no clips"
        raise UserError(f"{path}: {found} found, at least two classes are needed. Expected {expected}.{_why(skipped)}")
    return ClipList(title, classes, tuple(clips), tuple(skipped))


def emotion(name: str) -> str | None:
    """The paper's name of an emotion that a known database may spell otherwise, such as "Happy"; None if unknown."""
    plain = name.strip().casefold()
    plain = _OTHER_NAMES.get(plain, plain)
    return plain if plain in EMOTIONS else None


def one_spelling(name: str) -> str:
    """The same bytes for the same visible name: file systems store accents joined or apart."""
    return unicodedata.normalize("NFC", name)


def _why(skipped: list[Skipped]) -> str:
    if not skipped:
        return ""
    reason, count = Counter(one.reason for one in skipped).most_common(1)[0]
    example = next(one.path for one in skipped if one.reason == reason)
    return f" {len(skipped)} entries were skipped; most often ({count} times): {reason}, e.g. {example}"
