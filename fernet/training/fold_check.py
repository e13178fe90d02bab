"""Whether the folds leave something to learn from and to test, as far as possible before any face is prepared."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fernet.datasets.find import find_clips
from fernet.datasets.load import SYNTHETIC
from fernet.errors import UserError
from fernet.evaluation.folds import check_classes, how_to_divide, split, subject_folds
from fernet.synthetic import SETS, clip_specs
from fernet.training.settings import RunSettings


@dataclass(frozen=True)
class _Listing:
    """Person and class of each clip of a dataset, before the pixels are read."""

    subjects: tuple[str, ...]
    labels: np.ndarray  # (N,) int64, indices into `classes`
    classes: tuple[str, ...]


def split_for_run(
    subjects: Sequence[str], labels: np.ndarray, classes: Sequence[str], settings: RunSettings
) -> tuple[np.ndarray, np.ndarray]:
    """Indices of the training clips and of the held-out clips; UserError if the former lack a class."""
    train, test = split(subjects, settings.folds, settings.fold, settings.fold_scheme, labels)
    missing = [classes[i] for i in sorted(set(range(len(classes))) - set(labels[train].tolist()))]
    if missing:
        advice = how_to_divide(labels, classes, subjects, settings.folds, missing)
        raise UserError(f"fold {settings.fold} leaves no training clip of {', '.join(missing)}: {advice}")
    return train, test


def check_fold_early(settings: RunSettings) -> None:
    """UserError if the names and labels of the data already show that the fold of a run cannot work."""
    if (listing := _listed(settings)) is not None:
        split_for_run(listing.subjects, listing.labels, listing.classes, settings)


def check_all_folds_early(settings: RunSettings) -> None:
    """UserError if the names and labels of the data already show that one of all folds cannot work."""
    if (listing := _listed(settings)) is not None:
        folds = subject_folds(listing.subjects, settings.folds, settings.fold_scheme, listing.labels)
        check_classes(listing.labels, listing.classes, listing.subjects, folds)


def _listed(settings: RunSettings) -> _Listing | None:
    """None for a prepared file, which is read in a moment, and for data that are refused when they are loaded."""
    data = settings.data
    if data.startswith(SYNTHETIC):
        name = data.removeprefix(SYNTHETIC)
        if name not in SETS:
            return None
        clips, classes = clip_specs(name), tuple(SETS[name].classes)
    elif data.endswith(".npz"):
        return None
    else:
        try:
            found = find_clips(Path(data), **settings.reading.finding)
        except UserError:
            return None
        clips, classes = found.clips, found.classes
    labels = np.array([classes.index(clip.label) for clip in clips])
    return _Listing(tuple(clip.subject for clip in clips), labels, classes)
