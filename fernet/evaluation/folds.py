"""Person-independent folds: nobody is seen both in training and in testing."""

from collections.abc import Sequence

import numpy as np

from fernet.errors import UserError


def subject_folds(subjects: Sequence[str], count: int) -> list[list[str]]:
    """Fold k holds every `count`-th subject in ascending order, starting with the k-th (the protocol of the paper)."""
    ordered = sorted(set(subjects))
    if not 2 <= count <= len(ordered):
        raise UserError(f"{count} folds for {len(ordered)} subjects: expected 2 to {len(ordered)} folds")
    return [ordered[k::count] for k in range(count)]


def split(subjects: Sequence[str], count: int, fold: int) -> tuple[np.ndarray, np.ndarray]:
    """Indices of the training clips and of the held-out clips of `fold` (0 .. count-1)."""
    if not 0 <= fold < count:
        raise UserError(f"fold {fold} of {count} folds: expected 0 to {count - 1}")
    held_out = set(subject_folds(subjects, count)[fold])
    is_test = np.array([subject in held_out for subject in subjects])
    return np.flatnonzero(~is_test), np.flatnonzero(is_test)
