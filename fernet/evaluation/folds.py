"""Person-independent folds: no subject appears in both training and testing."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from fernet.errors import UserError

FOLD_SCHEMES = ("stride", "block")


def subject_folds(subjects: Sequence[str], count: int, scheme: str = "stride") -> list[list[str]]:
    """The subjects of each fold, in ascending order.

    stride   fold k holds every `count`-th subject, starting with the k-th, as in the published fold list of CK+
    block    fold k holds the k-th block of consecutive subjects; a remainder goes to the first folds, one subject each
    """
    ordered = sorted(set(subjects))
    if not 2 <= count <= len(ordered):
        if len(ordered) < 2:
            raise UserError("all clips show one person: expected at least two, so that a fold can hold out people")
        most = f"2 to {len(ordered)} folds" if len(ordered) > 2 else "2 folds"
        raise UserError(f"{count} folds for {len(ordered)} subjects: expected {most}")
    if scheme not in FOLD_SCHEMES:
        raise UserError(f"the fold scheme is {scheme!r}: expected one of {', '.join(FOLD_SCHEMES)}")
    if scheme == "stride":
        return [ordered[k::count] for k in range(count)]
    cuts = [k * (len(ordered) // count) + min(k, len(ordered) % count) for k in range(count + 1)]
    return [ordered[first:last] for first, last in pairwise(cuts)]


def split(subjects: Sequence[str], count: int, fold: int, scheme: str = "stride") -> tuple[np.ndarray, np.ndarray]:
    """Indices of the training clips and of the held-out clips for `fold` (0 .. count-1)."""
    if not 0 <= fold < count:
        raise UserError(f"fold {fold} of {count} folds: expected 0 to {count - 1}")
    held_out = set(subject_folds(subjects, count, scheme)[fold])
    is_test = np.array([subject in held_out for subject in subjects])
    return np.flatnonzero(~is_test), np.flatnonzero(is_test)


def check_person_independent(folds: Sequence[Sequence[str]], subjects: Sequence[str]) -> None:
    """UserError unless every subject is held out in exactly one fold."""
    times = {subject: sum(subject in fold for fold in folds) for subject in {*subjects, *(s for f in folds for s in f)}}
    wrong = sorted(subject for subject, count in times.items() if count != 1 or subject not in set(subjects))
    if wrong:
        raise UserError(
            f"the folds are not person-independent: {', '.join(wrong[:5])} must be held out exactly once, "
            f"not {times[wrong[0]]} times; expected each of {len(set(subjects))} subjects in one fold"
        )


def check_classes(
    labels: np.ndarray, classes: Sequence[str], subjects: Sequence[str], folds: Sequence[Sequence[str]]
) -> list[str]:
    """Notes on the folds that a reader must know; UserError if a class could not be learned in one of them."""
    notes = []
    for number, fold in enumerate(folds):
        is_test = np.isin(subjects, list(fold))
        unlearned = [name for i, name in enumerate(classes) if not (labels[~is_test] == i).any()]
        untested = [name for i, name in enumerate(classes) if not (labels[is_test] == i).any()]
        if unlearned:
            raise UserError(
                f"fold {number} holds out every clip of {', '.join(unlearned)}, so nothing is left to learn from: "
                "expected each class from people of two folds; add clips or choose other folds"
            )
        if untested:
            notes.append(f"fold {number} tests no clip of {', '.join(untested)}")
    return notes
