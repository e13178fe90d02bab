"""Which data a run was trained on: a mark of the clips, and the people on each side of the fold.

Stored in environment.json and in the model file. Earlier versions stored no mark, and the people only in the former.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fernet.clips.sequence_set import SequenceSet
from fernet.errors import UserError
from fernet.files import read_json

ENVIRONMENT = "environment.json"


@dataclass(frozen=True)
class DataRecord:
    """The people held out and, unless an earlier version wrote the record, those trained on and a mark of the clips."""

    held_out: tuple[str, ...]
    trained_on: tuple[str, ...] | None = None
    mark: str | None = None

    def to_json(self) -> dict[str, Any]:
        return {"held_out_subjects": self.held_out, "training_subjects": self.trained_on, "data_mark": self.mark}


def data_mark(clips: SequenceSet) -> str:
    """SHA-256 over the names, people, labels, faces and landmarks of the clips, in hexadecimal digits."""
    mark = hashlib.sha256(json.dumps([clips.names, clips.subjects, clips.classes]).encode())
    for array, kind in ((clips.labels, "<i8"), (clips.faces, "u1"), (clips.landmarks, "<f4")):
        mark.update(str(array.shape).encode())
        mark.update(np.ascontiguousarray(array, kind).data)
    return mark.hexdigest()


def record_from_json(values: Any) -> DataRecord | None:
    """The record in `values`; None if it names no people held out, or is damaged."""
    values = values if isinstance(values, dict) else {}
    held_out, trained_on = values.get("held_out_subjects"), values.get("training_subjects")
    mark = values.get("data_mark")
    if not _names(held_out) or not held_out:
        return None
    return DataRecord(
        tuple(held_out), tuple(trained_on) if _names(trained_on) else None, mark if isinstance(mark, str) else None
    )


def record_in(folder: Path) -> DataRecord | None:
    """The record in environment.json in `folder`; None if there is none or it is damaged."""
    try:
        return record_from_json(read_json(folder / ENVIRONMENT))
    except (OSError, ValueError):
        return None


def check_same_data(folder: Path, now: DataRecord) -> None:
    """UserError unless the run in `folder` was started with the data that `now` describes."""
    before = record_in(folder)
    if before is None:
        if not (folder / "state.npz").exists():
            return  # stopped before the first epoch ended: nothing was learnt from any data
        raise UserError(
            f"{folder / ENVIRONMENT} does not record which people were held out (damaged, or of an earlier version): "
            "start a new run"
        )
    if set(before.held_out) != set(now.held_out):
        change = f"it held out {_some(before.held_out)}, now it would be {_some(now.held_out)}"
    elif before.mark is not None and before.mark != now.mark:
        change = "names, labels, faces or landmarks differ"
    else:
        return
    raise UserError(
        f"the data of the run in {folder} have changed since it was started ({change}): restore the data as they were "
        "to resume it, or start a new run"
    )


def held_out_clips(clips: SequenceSet, record: DataRecord) -> tuple[SequenceSet, list[str]]:
    """The clips of the people held out, and notes on what has changed in the data since the training.

    UserError if none of these people is left.
    """
    people, held_out = set(clips.subjects), set(record.held_out)
    chosen = [number for number, subject in enumerate(clips.subjects) if subject in held_out]
    if not chosen:
        raise UserError(
            f"the data have no clip of the people held out ({_some(record.held_out)}): expected the data of the run; "
            "name other clips with --data"
        )
    notes = []
    if missing := held_out - people:
        notes.append(f"the data have no clip of {_some(missing)} any more, who were held out")
    if record.trained_on is not None and (new := people - held_out - set(record.trained_on)):
        notes.append(f"{_some(new)} came into the data after the training and are left out")
    if not notes and record.mark is not None and record.mark != data_mark(clips):
        notes.append("the data have changed since the training: the numbers may differ from those of the run")
    return clips.subset(np.array(chosen)), notes


def _names(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(one, str) for one in value)


def _some(people: Any) -> str:
    """The first few names."""
    names = sorted(people)
    return ", ".join(names[:3]) + (f" and {len(names) - 3} others" if len(names) > 3 else "")
