"""Stratified folds: no class is lost where any division keeps all, and each class is spread evenly."""

import itertools
import subprocess
import sys

import numpy as np
import pytest

from fernet.errors import UserError
from fernet.evaluation.folds import split, subject_folds
from fernet.evaluation.stratified import stratified_folds
from fernet.synthetic import clip_specs


def loses_a_class(folds, subjects, labels) -> bool:
    people = [{s for s, own in zip(subjects, labels, strict=True) if own == label} for label in set(labels)]
    return any(those <= set(fold) for those in people for fold in folds)


def can_keep_all_classes(subjects, labels, count) -> bool:
    """Whether any of all divisions into folds that are not empty loses no class."""
    people = sorted(set(subjects))
    for fold_of in itertools.product(range(count), repeat=len(people)):
        folds = [[one for one, fold in zip(people, fold_of, strict=True) if fold == k] for k in range(count)]
        if all(folds) and not loses_a_class(folds, subjects, labels):
            return True
    return False


def random_set(rng, people: int, classes: int):
    """Subjects and labels of clips in which each class is shown by very few of the people."""
    several = [rng.choice(people, min(people, rng.integers(2, 4)), replace=False) for _ in range(classes)]
    shown = [(f"p{one}", k) for k, those in enumerate(several) for one in those]
    return [one for one, _ in shown for _ in range(2)], [k for _, k in shown for _ in range(2)]


def test_no_class_is_lost_where_any_division_keeps_all(rng):
    answers = {True: 0, False: 0}
    for _ in range(600):
        subjects, labels = random_set(rng, int(rng.integers(2, 8)), int(rng.integers(2, 10)))
        count = int(rng.integers(2, 1 + min(4, len(set(subjects)))))
        folds = stratified_folds(subjects, labels, count)
        assert all(folds)
        assert sorted(one for fold in folds for one in fold) == sorted(set(subjects))
        possible = can_keep_all_classes(subjects, labels, count)
        assert loses_a_class(folds, subjects, labels) != possible, (subjects, labels, count)
        answers[possible] += 1
    assert min(answers.values()) > 20  # the sets show both


def test_classes_of_one_person_do_not_spoil_the_others():
    subjects, labels = ["a", "b", "c", "d", "a"], [0, 0, 1, 1, 2]
    folds = stratified_folds(subjects, labels, 2)
    assert not loses_a_class(folds, subjects[:4], labels[:4])


@pytest.mark.parametrize("name", ["ck+", "oulu", "mmi"])
@pytest.mark.parametrize("count", [2, 5, 10])
def test_each_class_is_spread_at_least_as_evenly_as_by_strides(name, count):
    specs = clip_specs(name)
    subjects, labels = [spec.subject for spec in specs], np.array([spec.label for spec in specs])
    classes, labels = np.unique(labels, return_inverse=True)

    def imbalance(scheme):
        tests = [split(subjects, count, fold, scheme, labels)[1] for fold in range(count)]
        counts = np.array([np.bincount(labels[test], minlength=len(classes)) for test in tests])
        return np.ptp(counts, axis=0)

    assert (imbalance("stratified") <= np.maximum(imbalance("stride"), 2)).all()
    assert imbalance("stratified").sum() <= imbalance("stride").sum()


def test_fourteen_clips_that_strides_and_blocks_cannot_divide():
    """Two people for each of seven classes, where people two apart, and neighbours, show the same class."""
    labels = np.repeat(np.arange(7), 2)
    for scheme, people in (("block", [f"p{k:02d}" for k in range(14)]), ("stride", list("acbdeghfijlkmn"))):
        assert loses_a_class(subject_folds(people, 2, scheme), people, labels.tolist())
        folds = subject_folds(people, 2, "stratified", labels)
        assert not loses_a_class(folds, people, labels.tolist())
        assert [len(fold) for fold in folds] == [7, 7]


def test_the_folds_depend_on_neither_the_order_of_the_clips_nor_the_numbers_of_the_classes(rng):
    subjects = [f"p{k}" for k in rng.integers(0, 30, 200)]
    labels = rng.integers(0, 6, 200)
    expected = stratified_folds(subjects, labels.tolist(), 5)
    mixed = rng.permutation(200)
    renamed = np.array(["f", "b", "e", "a", "d", "c"])[labels]
    assert stratified_folds([subjects[k] for k in mixed], renamed[mixed].tolist(), 5) == expected
    subset = subjects[:40], renamed[:40].tolist()
    code = f"from fernet.evaluation.stratified import stratified_folds; print(stratified_folds(*{subset}, 3))"
    for seed in ("1", "2"):  # of the hashes of strings, and so of the order in sets
        printed = subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        )
        assert printed.stdout.strip() == str(stratified_folds(*subset, 3))


def test_choices_are_revised_where_the_first_loses_a_class_and_the_search_has_an_end(monkeypatch):
    subjects, labels = list("dccbada"), [0, 0, 1, 1, 1, 2, 2]
    assert stratified_folds(subjects, labels, 2) == [["a", "c"], ["b", "d"]]
    monkeypatch.setattr("fernet.evaluation.stratified._MOST_STEPS", 0)
    assert stratified_folds(subjects, labels, 2) == [["a", "d"], ["b", "c"]]


def test_people_with_the_rarest_class_are_placed_first():
    folds = stratified_folds(list("bdaaccb"), [0, 0, 0, 0, 1, 1, 1], 2)
    assert folds == [["a", "c"], ["b", "d"]]  # two clips of class 0 in each, and two and one of class 1


def test_revised_choices_leave_no_trace_in_the_shares():
    folds = stratified_folds(list("edddfbcceggg"), [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2], 2)
    assert folds == [["b", "d", "f", "g"], ["c", "e"]]


def test_stratified_folds_need_the_classes():
    with pytest.raises(UserError, match="expected the label of each clip"):
        subject_folds(["a", "b"], 2, "stratified")
