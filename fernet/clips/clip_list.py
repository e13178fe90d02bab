"""A dataset on disk before any pixel is read: labelled clips, and what is left out and why."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

FIND_OUT = -1  # as a rotation: try all four on the first frame


@dataclass(frozen=True)
class ClipEntry:
    """One labelled clip."""

    name: str  # unique in its list
    label: str
    subject: str
    frames: Path | tuple[Path, ...]  # one video or image of several pictures, or image files in order
    landmarks: tuple[Path, ...] | None = None  # the dataset's own files of 68 "x y" lines, one per frame
    rotation: int = 0  # degrees clockwise by which to rotate the frames: 0, 90, 180, 270, or FIND_OUT
    half: str | None = None  # "left" or "right" half of a dual-view frame; None is the whole frame


@dataclass(frozen=True)
class Skipped:
    """Something in the dataset's folder that is not a clip or cannot be used as one."""

    path: Path
    reason: str  # equal words for equal faults, so that they can be counted


@dataclass(frozen=True)
class ClipList:
    """The clips of one dataset; labels are names from `classes`."""

    title: str  # names the dataset and the part of it
    classes: tuple[str, ...]
    clips: tuple[ClipEntry, ...]
    skipped: tuple[Skipped, ...]
    notes: tuple[str, ...] = ()  # what the user should know about the clips that are used

    def __len__(self) -> int:
        return len(self.clips)

    @property
    def subjects(self) -> tuple[str, ...]:
        """The subjects, each once, sorted."""
        return tuple(sorted({clip.subject for clip in self.clips}))

    @property
    def counts(self) -> dict[str, int]:
        """Number of clips of each class, in the order of the classes."""
        found = Counter(clip.label for clip in self.clips)
        return {label: found[label] for label in self.classes}
