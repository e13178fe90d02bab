"""A prepared set of clips in one file, so that every task of an experiment reads the same bytes."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from fernet.array_file import ArrayFile, save_arrays
from fernet.errors import UserError
from fernet.sequences.sequence_set import Preprocessing, SequenceSet
from fernet.training.settings import checked, to_json

_FORMAT = "fernet clips 1"
_TEXTS = ("classes", "subjects", "names")


def save_clips(path: Path, clips: SequenceSet) -> None:
    """Write `clips`, whole or not at all."""
    description = {
        "format": _FORMAT,
        "title": clips.title,
        "preprocessing": to_json(clips.preprocessing),
        **{name: list(getattr(clips, name)) for name in _TEXTS},
    }
    save_arrays(
        path, description, {"faces": clips.faces, "landmarks": clips.landmarks, "labels": clips.labels.astype(np.int64)}
    )


def load_clips(path: Path) -> SequenceSet:
    """The clips in `path`; UserError if it is damaged or something else."""
    with ArrayFile(path, "a prepared set of clips") as file:
        found = file.description
        if found.get("format") != _FORMAT or not all(_is_texts(found.get(name)) for name in (*_TEXTS,)):
            raise UserError(f"{path} is no prepared set of clips that this version reads: delete it to prepare it anew")
        preprocessing = Preprocessing(**checked(Preprocessing, found.get("preprocessing")))
        N, S = len(found["names"]), preprocessing.image_size
        faces = file.read("faces", (N, preprocessing.appearance_frames, S, S), np.uint8)
        landmarks = file.read("landmarks", (N, preprocessing.geometry_frames, 49, 2), np.float32)
        labels = file.read("labels", (N,), np.int64)
    classes, subjects, names = (tuple(found[name]) for name in _TEXTS)
    if len(subjects) != N or N == 0 or not 0 <= labels.min() <= labels.max() < len(classes):
        raise UserError(f"{path} does not fit together: delete it to prepare it anew")
    return SequenceSet(faces, landmarks, labels, classes, subjects, names, preprocessing, str(found.get("title")))


def single_frames(clips: SequenceSet, peak: str) -> SequenceSet:
    """The same clips as the single-frame network sees them: the frame at the `peak`, "end" or "middle"."""
    frame = -1 if peak == "end" else clips.faces.shape[1] // 2
    return replace(
        clips,
        faces=clips.faces[:, frame, None],
        preprocessing=replace(clips.preprocessing, appearance_frames=1),
    )


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)
