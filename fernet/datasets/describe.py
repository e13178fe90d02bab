"""The contents of a dataset, in numbers."""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2

from fernet.clips.clip_list import ClipEntry, ClipList, Skipped
from fernet.clips.prepared_file import PreparedSet
from fernet.errors import UserError
from fernet.faces.image_file import picture_count
from fernet.faces.image_format import kind_of
from fernet.faces.video_file import open_video
from fernet.synthetic.sets import clip_specs, described

_EXAMPLES = 3


@dataclass(frozen=True)
class Omission:
    """What was left out for one reason."""

    reason: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Description:
    title: str
    counts: dict[str, int]  # clips of each class
    subjects: tuple[str, ...]
    frames: tuple[int, int] | None  # of the shortest and the longest clip; None if unknown
    with_landmarks: int  # clips that come with landmarks
    skipped: tuple[Omission, ...]  # the most frequent first
    notes: tuple[str, ...] = ()  # on the clips that are used
    provenance: dict[str, Any] | None = None  # of a prepared set: as in `Provenance`

    @property
    def clips(self) -> int:
        return sum(self.counts.values())


def describe(clips: ClipList, root: Path) -> Description:
    """Counts for a ClipList; skipped items are named relative to `root`. Only headers of videos and images are read."""
    unreadable: list[Skipped] = []
    lengths = [_frame_count(clip, unreadable) for clip in clips.clips]
    known = [length for length in lengths if length > 0]
    return Description(
        clips.title,
        clips.counts,
        clips.subjects,
        (min(known), max(known)) if known else None,
        sum(clip.landmarks is not None for clip in clips.clips),
        _omissions((*clips.skipped, *unreadable), root),
        clips.notes,
    )


def describe_prepared(prepared: PreparedSet) -> Description:
    """Counts for a prepared set; the omissions are the clips that failed."""
    clips = prepared.clips
    counts = {label: int((clips.labels == number).sum()) for number, label in enumerate(clips.classes)}
    failed = tuple(Skipped(Path(name), reason) for name, reason in prepared.failures.items())
    T_g = clips.preprocessing.geometry_frames
    return Description(
        clips.title,
        counts,
        tuple(sorted(set(clips.subjects))),
        (T_g, T_g),
        0,
        _omissions(failed, Path()),
        prepared.notes,
        clips.provenance.to_json(),
    )


def describe_synthetic(name: str, seed: int = 0) -> Description:
    """Counts for a synthetic set, without rendering it."""
    synthetic_set = described(name)
    subjects = sorted({spec.subject for spec in clip_specs(name, seed)})
    title = f"synthetic:{name} (procedural faces)"
    return Description(title, dict(synthetic_set.counts), tuple(subjects), synthetic_set.frames, 0, ())


def _frame_count(clip: ClipEntry, unreadable: list[Skipped]) -> int:
    if isinstance(clip.frames, tuple):
        return len(clip.frames)
    try:
        if kind_of(clip.frames):
            return picture_count(clip.frames)
        with open_video(clip.frames) as video:
            if video.isOpened():
                return int(video.get(cv2.CAP_PROP_FRAME_COUNT))
    except UserError:  # its words name the path, which is named already
        pass
    unreadable.append(Skipped(clip.frames, "a video that cannot be opened (nevertheless counted above)"))
    return 0


def _omissions(skipped: tuple[Skipped, ...], root: Path) -> tuple[Omission, ...]:
    places = defaultdict(list)
    for one in skipped:
        places[one.reason].append(one.path)
    return tuple(
        Omission(reason, len(paths), tuple(_relative(path, root) for path in paths[:_EXAMPLES]))
        for reason, paths in sorted(places.items(), key=lambda item: -len(item[1]))
    )


def _relative(path: Path, root: Path) -> str:
    return str(path.relative_to(root) if path.is_relative_to(root) else path)
