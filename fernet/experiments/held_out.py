"""The clips of the people whom a run held out, for commands that open a finished run."""

from pathlib import Path

from fernet.clips.sequence_set import SequenceSet
from fernet.datasets.load import SYNTHETIC
from fernet.errors import UserError
from fernet.evaluation.folds import split
from fernet.networks.dtagn import DTAGN
from fernet.progress import Progress
from fernet.training.data_record import held_out_clips, record_from_json, record_in
from fernet.training.settings import run_settings_from_json


def check_same_classes(model: DTAGN, clips: SequenceSet) -> None:
    """UserError unless the clips have the classes that the model has learned, in the same order."""
    if clips.classes != model.classes:
        raise UserError(
            f"the model has the classes {', '.join(model.classes)}, the data have {', '.join(clips.classes)}: "
            "evaluate it on data with its classes"
        )


def held_out_of_run(run: Path, model: DTAGN, clips: SequenceSet, progress: Progress) -> SequenceSet:
    """Of the run's data, the clips of the people held out, never of anyone on whom the network was trained.

    `run` is the folder of the run or its model file. UserError if neither says who was held out.
    """
    record = record_from_json(model.data) or record_in(run if run.is_dir() else run.parent)
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
