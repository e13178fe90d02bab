"""The models and clips from which figures are drawn: those of the first fold and seed."""

import numpy as np

from fernet.clips.prepared_file import load_prepared
from fernet.clips.sequence_set import SequenceSet
from fernet.evaluation.folds import split
from fernet.experiments.cross_validation import task_name
from fernet.experiments.results import Results
from fernet.experiments.single_frames import single_frames
from fernet.experiments.tasks import CLIPS, TASKS
from fernet.networks.dtagn import DTAGN
from fernet.networks.model_file import load_model


def first_model(results: Results, network_set: str) -> DTAGN:
    """The model of fold 0, seed 0."""
    return load_model(results.folder / TASKS / task_name(network_set, 0, 0))


def first_split(results: Results, network_set: str = "dtagn") -> tuple[SequenceSet, SequenceSet]:
    """The clips on which that model was trained, and those that were held out."""
    clips, run = load_prepared(results.folder / CLIPS), results.settings.run
    if network_set == "single-frame":
        clips = single_frames(clips, results.settings.peak)
    train, test = split(clips.subjects, run.folds, 0, run.fold_scheme, clips.labels)
    return clips.subset(train), clips.subset(test)


def example(clips: SequenceSet, label: str = "surprise") -> int:
    """The first clip of class `label`, as in the paper, or of the last class if there is none."""
    for wanted in (label, *reversed(clips.classes)):
        if wanted in clips.classes and (found := np.flatnonzero(clips.labels == clips.classes.index(wanted))).size:
            return int(found[0])
    return 0
