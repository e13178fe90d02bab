"""Files of the `prepare` command: the finished set, and single finished clips until the set is complete."""

import json
from dataclasses import asdict, astuple, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from fernet.array_file import ArrayFile, save_arrays
from fernet.clips.clip import ClipArrays
from fernet.clips.provenance import provenance_from_json
from fernet.clips.sequence_set import Preprocessing, SequenceSet
from fernet.errors import UserError
from fernet.faces.tracking import TrackReport
from fernet.files import parse_json

_FORMAT = "fernet prepared set 2"
_WHAT = "a set of prepared clips (made by `python cli.py prepare`)"
_LARGEST_TEXT = 1 << 28  # bytes of names, subjects and messages
_MOST_CLIPS = 1_000_000


@dataclass(frozen=True)
class PreparedSet:
    """Clips and, if `prepare` made them, a tracking report on each, and why others failed, by name.

    The notes say what the user should know of the clips, such as spellings that were taken for one class.
    """

    clips: SequenceSet
    reports: tuple[TrackReport, ...] = ()  # one for each clip, or none
    failures: dict[str, str] = field(default_factory=dict)
    settings: str = ""  # hash of everything that the arrays depend on, except the recordings
    notes: tuple[str, ...] = ()


def save_prepared(path: Path, prepared: PreparedSet) -> None:
    """Write the set, whole or not at all; the same set gives the same bytes."""
    clips = prepared.clips
    text = json.dumps([clips.names, clips.subjects, prepared.failures, prepared.notes], ensure_ascii=False).encode()
    description = {
        "format": _FORMAT,
        "settings": prepared.settings,
        "title": clips.title,
        "classes": clips.classes,
        "preprocessing": asdict(clips.preprocessing),
        **clips.provenance.to_json(),
        "clips": len(clips),
        "reports": len(prepared.reports),
        "text_bytes": len(text),
    }
    arrays = {
        "faces": clips.faces,
        "landmarks": clips.landmarks,
        "labels": clips.labels,
        "reports": np.array([astuple(report) for report in prepared.reports], np.int64).reshape(-1, 6),
        "text": np.frombuffer(text, np.uint8),  # may be longer than a description
    }
    save_arrays(path, description, arrays)


def load_prepared(path: Path, preprocessing: Preprocessing | None = None) -> SequenceSet:
    """The set in `path`; UserError for any other file and for a set made with settings other than `preprocessing`."""
    return read_prepared(path, preprocessing).clips


def read_prepared(path: Path, preprocessing: Preprocessing | None = None) -> PreparedSet:
    """Like `load_prepared`, with reports and failures."""
    with ArrayFile(path, _WHAT) as file:
        try:
            own, N, tracked, size, classes = _described(file.description)
        except (UserError, KeyError, TypeError) as error:
            raise UserError(f"{path} is not {_WHAT} that this version can read: {error}") from None
        if preprocessing not in (None, own):
            raise UserError(f"{path} was prepared with {_differences(own, preprocessing)}: prepare it again with these")
        S, T_a, T_g = own.image_size, own.appearance_frames, own.geometry_frames
        faces = file.read("faces", (N, T_a, S, S), np.uint8)
        landmarks = file.read("landmarks", (N, T_g, 49, 2), np.float32)
        labels = file.read("labels", (N,), np.int64)
        reports = file.read("reports", (tracked, 6), np.int64)
        names, subjects, failures, notes = _text(path, file.read("text", (size,), np.uint8), N)
        if labels.min() < 0 or labels.max() >= len(classes):
            last = len(classes) - 1
            raise UserError(f"{path} holds the label {labels.max()}, expected 0 to {last}; prepare it again")
        title, settings = str(file.description.get("title")), str(file.description.get("settings"))
        provenance = provenance_from_json(file.description)
    clips = SequenceSet(faces, landmarks, labels, classes, subjects, names, own, title, provenance)
    return PreparedSet(clips, tuple(TrackReport(*map(int, row)) for row in reports), failures, settings, notes)


def preprocessing_of(path: Path) -> Preprocessing:
    """The preprocessing of the set in `path`; UserError for any other file."""
    with ArrayFile(path, _WHAT) as file:
        try:
            return _described(file.description)[0]
        except (UserError, KeyError, TypeError) as error:
            raise UserError(f"{path} is not {_WHAT} that this version can read: {error}") from None


def title_of(path: Path) -> str:
    """The title of the set in `path`; UserError for any other file."""
    with ArrayFile(path, _WHAT) as file:
        return str(file.description.get("title"))


def _differences(own: Preprocessing, expected: Preprocessing) -> str:
    own_values, expected_values = asdict(own), asdict(expected)
    different = [name for name in own_values if own_values[name] != expected_values[name]]
    return ", ".join(f"{name} {own_values[name]}, expected {expected_values[name]}" for name in different)


def _described(description: dict[str, Any]) -> tuple[Preprocessing, int, int, int, tuple[str, ...]]:
    """Preprocessing, number of clips, number of reports, bytes of text and classes."""
    if description["format"] != _FORMAT:
        raise UserError(f"its format is {description['format']!r}, expected {_FORMAT!r}")
    N, size, classes = description["clips"], description["text_bytes"], description["classes"]
    tracked = description["reports"]
    if not isinstance(N, int) or not 1 <= N <= _MOST_CLIPS or not isinstance(size, int) or size > _LARGEST_TEXT:
        raise UserError(f"it has {N!r} clips and {size!r} bytes of names")
    if not isinstance(tracked, int) or tracked not in (0, N):
        raise UserError(f"it has {tracked!r} reports on its {N} clips")
    if not isinstance(classes, list) or len(classes) < 2 or not all(isinstance(name, str) for name in classes):
        raise UserError(f"its classes are {classes!r}, expected two or more names")
    return Preprocessing(**description["preprocessing"]), N, tracked, size, tuple(classes)


def _text(
    path: Path, text: np.ndarray, N: int
) -> tuple[tuple[str, ...], tuple[str, ...], dict[str, str], tuple[str, ...]]:
    try:
        names, subjects, failures, *others = parse_json(text.tobytes())
        notes = others[0] if others else []  # files of earlier versions have none
        texts = all(
            isinstance(part, list) and all(isinstance(one, str) for one in part) for part in (names, subjects, notes)
        )
        if not texts or not isinstance(failures, dict) or not len(names) == len(subjects) == N:
            raise ValueError("expected one name and one subject for each clip")
    except ValueError as error:
        raise UserError(f"{path}: the names of its clips cannot be read ({error}); prepare it again") from None
    return tuple(names), tuple(subjects), failures, tuple(notes)


def save_part(path: Path, clip: ClipArrays) -> None:
    """Keep one clip until the whole set is done."""
    save_arrays(path, asdict(clip.report), {"faces": clip.faces, "landmarks": clip.landmarks})


def load_part(path: Path, preprocessing: Preprocessing) -> ClipArrays | None:
    """The clip kept in `path`; None if it is missing or damaged."""
    S, T_a, T_g = preprocessing.image_size, preprocessing.appearance_frames, preprocessing.geometry_frames
    try:
        with ArrayFile(path, "a prepared clip") as file:
            report = TrackReport(**{name: int(value) for name, value in file.description.items()})
            faces = file.read("faces", (T_a, S, S), np.uint8)
            return ClipArrays(faces, file.read("landmarks", (T_g, 49, 2), np.float32), report)
    except (UserError, TypeError, ValueError):
        return None
