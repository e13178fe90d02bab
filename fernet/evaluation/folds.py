"""Person-independent folds: no subject appears in both training and testing."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from fernet.errors import UserError
from fernet.evaluation.stratified import stratified_folds

FOLD_SCHEMES = ("stride", "block", "stratified")


def subject_folds(
    subjects: Sequence[str], count: int, scheme: str = "stride", labels: Sequence[int] | np.ndarray | None = None
) -> list[list[str]]:
    """The subjects of each fold, in ascending order.

    stride       fold k holds every `count`-th subject, starting with the k-th, as in the published fold list of CK+
    block        fold k holds the k-th block of consecutive subjects; the first folds take one more each of a remainder
    stratified   each class is spread over the folds as evenly as possible (see `stratified_folds`); only this scheme
                 depends on the `labels` of the clips
    """
    ordered = sorted(set(subjects))
    if not 2 <= count <= len(ordered):
        if len(ordered) < 2:
            raise UserError("all clips show one person: expected at least two, so that a fold can hold out people")
        most = f"2 to {len(ordered)} folds" if len(ordered) > 2 else "2 folds"
        raise UserError(f"{count} folds for {len(ordered)} people: expected {most}; choose --folds, or add people")
    if scheme not in FOLD_SCHEMES:
        raise UserError(f"the fold scheme is {scheme!r}: expected one of {', '.join(FOLD_SCHEMES)}")
    if scheme == "stride":
        return [ordered[k::count] for k in range(count)]
    if scheme == "stratified":
        if labels is None:
            raise UserError("the fold scheme stratified depends on the classes: expected the label of each clip")
        return stratified_folds(subjects, np.asarray(labels).tolist(), count)
    cuts = [k * (len(ordered) // count) + min(k, len(ordered) % count) for k in range(count + 1)]
    return [ordered[first:last] for first, last in pairwise(cuts)]


def split(
    subjects: Sequence[str],
    count: int,
    fold: int,
    scheme: str = "stride",
    labels: Sequence[int] | np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Indices of the training clips and of the held-out clips for `fold` (0 .. count-1); see `subject_folds`."""
    if not 0 <= fold < count:
        raise UserError(f"fold {fold} of {count} folds: expected 0 to {count - 1}")
    held_out = set(subject_folds(subjects, count, scheme, labels)[fold])
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
    notes, lost = [], {}
    for number, fold in enumerate(folds):
        is_test = np.isin(subjects, list(fold))
        unlearned = [name for i, name in enumerate(classes) if not (labels[~is_test] == i).any()]
        untested = [name for i, name in enumerate(classes) if not (labels[is_test] == i).any()]
        if unlearned:
            lost[number] = unlearned
        if untested:
            notes.append(f"fold {number} tests no clip of {', '.join(untested)}")
    if lost:
        number, names = next(iter(lost.items()))
        advice = how_to_divide(labels, classes, subjects, len(folds), [one for own in lost.values() for one in own])
        raise UserError(
            f"fold {number} holds out every clip of {', '.join(names)}, so nothing is left to learn from: {advice}"
        )
    return notes


def how_to_divide(
    labels: np.ndarray, classes: Sequence[str], subjects: Sequence[str], count: int, lost: Sequence[str]
) -> str:
    """What to do if folds hold out every clip of the classes `lost`: the end of a message."""
    people = {name: {subjects[i] for i in np.flatnonzero(labels == classes.index(name))} for name in lost}
    for name, those in people.items():
        if len(those) == 1:
            return (
                f"no division by people can avoid this, since only {those.pop()} shows {name}; add clips of {name} by "
                "other people, or leave this class out"
            )
    folds = stratified_folds(subjects, labels.tolist(), count)
    if any(those <= set(fold) for those in people.values() for fold in folds):
        return (
            f"no division of these people into {count} folds is known to avoid this; choose more folds, or add clips "
            "of other people"
        )
    return f"choose --fold-scheme stratified, which divides these people so that {', '.join(lost)} can be learned"
