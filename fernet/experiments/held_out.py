"""The clips on which a model is evaluated: those held out in its run, or others with classes that it has learned."""

from collections.abc import Iterable
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

import numpy as np

from fernet.clips.sequence_set import SequenceSet
from fernet.datasets.load import SYNTHETIC
from fernet.errors import UserError
from fernet.evaluation.folds import split
from fernet.networks.dtagn import DTAGN
from fernet.progress import Progress
from fernet.training.data_record import DataRecord, held_out_clips, record_from_json, record_in
from fernet.training.settings import run_settings_from_json


def check_same_classes(model: DTAGN, clips: SequenceSet) -> None:
    """UserError unless the clips have the classes that the model has learned, in the same order."""
    if clips.classes != model.classes:
        raise UserError(
            f"the model has the classes {', '.join(model.classes)}, the data have {', '.join(clips.classes)}: "
            "evaluate it on data with its classes"
        )


def class_pairs(text: str) -> dict[str, str]:
    """Pairs such as "happy=happiness,sad=sadness", by the name before the sign."""
    pairs = [tuple(name.strip() for name in pair.partition("=")[::2]) for pair in text.split(",")]
    names = dict(pairs)
    if len(names) < len(pairs) or not all(name and names[name] for name in names):
        raise UserError(
            f"the classes are {text!r}: expected each class of the data once, with one of the model, as in "
            "happy=happiness,sad=sadness"
        )
    return names


def with_classes_of(model: DTAGN, clips: SequenceSet, pairs: dict[str, str]) -> tuple[SequenceSet, list[str]]:
    """The clips whose class the model has learned, labelled by the model's classes; and notes on the others.

    `pairs` maps names of the data's classes to names of the model's; a class that is not in it has the same name in
    both. UserError if `pairs` names a class that the data or the model lacks, or if no clip is left.
    """
    _check_known("the data have", pairs, clips.classes)
    _check_known("the model has", pairs.values(), model.classes)
    names = [pairs.get(name, name) for name in clips.classes]
    numbers = np.array([model.classes.index(name) if name in model.classes else -1 for name in names])
    labels = numbers[clips.labels]
    kept = np.flatnonzero(labels >= 0)
    if not len(kept):
        raise UserError(
            f"the model has the classes {', '.join(model.classes)}, the data have {', '.join(clips.classes)}: say with "
            "--classes which of them are the same, as in happy=happiness,sad=sadness"
        )
    notes = []
    if unknown := [name for number, name in zip(numbers, clips.classes, strict=True) if number < 0]:
        notes.append(
            f"{len(labels) - len(kept)} clips of {', '.join(unknown)} are left out, since the model has no such class; "
            "--classes NAME=CLASS says which of its classes they are"
        )
    if without := [name for number, name in enumerate(model.classes) if number not in labels]:
        notes.append(f"there are no clips of {', '.join(without)}, but the model can still predict them")
    return replace(clips.subset(kept), labels=labels[kept], classes=model.classes), notes


def _check_known(who: str, names: Iterable[str], classes: tuple[str, ...]) -> None:
    for name in names:
        if name not in classes:
            close = get_close_matches(name, classes, n=1)
            meant = f" (did you mean {close[0]}?)" if close else ""
            raise UserError(f"{who} no class {name!r}{meant}: expected one of {', '.join(classes)}")


def check_data_are_here(data: str) -> None:
    """UserError if the `data` of a run are a file or a folder that is no longer there."""
    if not data.startswith(SYNTHETIC) and not Path(data).exists():
        raise UserError(
            f"the data of the run, {data}, are not here: name them with --data, or start from the folder in which the "
            "training ran"
        ) from None


def note_on_people(run: Path, model: DTAGN, clips: SequenceSet) -> list[str]:
    """A note if some of the clips show people of the training, by their names; none if these are not known."""
    record = _record(run, model)
    trained_on = set(record.trained_on or ()) if record is not None else set()
    known = sum(subject in trained_on for subject in clips.subjects)
    if not known:
        return []
    return [
        f"{known} of {len(clips)} clips show people of the same names as those the model was trained on: the accuracy "
        "says less about others"
    ]


def held_out_of_run(run: Path, model: DTAGN, clips: SequenceSet, progress: Progress) -> SequenceSet:
    """Of the run's data, the clips of the people held out, never of anyone on whom the network was trained.

    `run` is the folder of the run or its model file. UserError if neither says who was held out.
    """
    record = _record(run, model)
    if record is not None:
        chosen, notes = held_out_clips(clips, record)
        for note in notes:
            progress.note(note)
        return chosen
    settings = run_settings_from_json(model.history)
    if settings.data.startswith(SYNTHETIC):  # always the same people
        return clips.subset(split(clips.subjects, settings.folds, settings.fold, settings.fold_scheme, clips.labels)[1])
    raise UserError(
        f"{run} does not say which people were held out, and {settings.data} may have changed since the training: "
        "expected environment.json beside the model; name clips of other people"
    )


def _record(run: Path, model: DTAGN) -> DataRecord | None:
    """Who was trained on and held out: from the model, else from the file beside it; None if neither says."""
    return record_from_json(model.data) or record_in(run if run.is_dir() else run.parent)
