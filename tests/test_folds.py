import numpy as np
import pytest

from fernet.errors import UserError
from fernet.evaluation.folds import FOLD_SCHEMES, check_classes, check_person_independent, split, subject_folds

PEOPLE = [f"S{i:03d}" for i in range(23)]


def test_stride_takes_every_nth_subject_in_ascending_order():
    shuffled = [PEOPLE[i] for i in np.random.default_rng(3).permutation(23)]
    assert subject_folds(shuffled * 2, 10)[2] == ["S002", "S012", "S022"]


def test_blocks_are_neighbours_of_nearly_equal_number():
    folds = subject_folds(PEOPLE, 10, "block")
    assert [len(fold) for fold in folds] == [3, 3, 3, 2, 2, 2, 2, 2, 2, 2]
    assert [person for fold in folds for person in fold] == PEOPLE


@pytest.mark.parametrize("scheme", FOLD_SCHEMES)
@pytest.mark.parametrize("count", [2, 7, 10, 23])
def test_every_clip_is_tested_once_and_never_with_its_own_subject_in_training(scheme, count, rng):
    subjects = [PEOPLE[i] for i in rng.integers(0, 23, 200)] + PEOPLE
    labels = rng.integers(0, 4, len(subjects))
    tested = np.zeros(len(subjects), int)
    for fold in range(count):
        train, test = split(subjects, count, fold, scheme, labels)
        assert len(test)
        assert not {subjects[i] for i in train} & {subjects[i] for i in test}
        assert len(train) + len(test) == len(subjects)
        tested[test] += 1
    assert (tested == 1).all()


def test_the_number_of_sequences_in_the_papers_figure_7_fits_strides_of_ck_plus():
    # (327 - 33) x 14 + 33 = 4149: a fold of 33 sequences. The counts per fold are those of the published list.
    sizes = [33, 39, 40, 35, 30, 37, 29, 29, 33, 22]
    assert sum(sizes) == 327
    assert (327 - sizes[0]) * 14 + sizes[0] == 4149


@pytest.mark.parametrize("count", [0, 1, 24])
def test_more_folds_than_subjects_or_fewer_than_two(count):
    with pytest.raises(UserError, match="23 people: expected 2 to 23 folds"):
        subject_folds(PEOPLE, count)


def test_unknown_scheme_and_fold():
    with pytest.raises(UserError, match=r"'random'.*stride, block"):
        subject_folds(PEOPLE, 5, "random")
    with pytest.raises(UserError, match="expected 0 to 4"):
        split(PEOPLE, 5, 5)


@pytest.mark.parametrize(("folds", "who"), [([["a"], ["a", "b"]], "a"), ([["a"], []], "b"), ([["a"], ["b", "c"]], "c")])
def test_folds_that_share_or_miss_or_invent_a_person_are_refused(folds, who):
    with pytest.raises(UserError, match=f"not person-independent: {who} must"):
        check_person_independent(folds, ["a", "b", "b"])
    check_person_independent([["a"], ["b"]], ["a", "b", "b"])


def test_a_class_that_only_one_fold_has_cannot_be_learned_there():
    subjects, classes = ["a", "b", "c", "d"], ["calm", "sad"]
    with pytest.raises(UserError, match=r"fold 1 holds out every clip of sad, .* only c shows sad; add clips of sad"):
        check_classes(np.array([0, 0, 1, 0]), classes, subjects, [["a", "b"], ["c", "d"]])


def test_the_message_proposes_stratified_folds_only_where_they_help():
    subjects, classes, folds = ["a", "b", "c", "d"], ["calm", "sad"], [["a", "b"], ["c", "d"]]
    with pytest.raises(UserError, match=r"fold 0 holds out every clip of calm.*choose --fold-scheme stratified"):
        check_classes(np.array([0, 0, 1, 1]), classes, subjects, folds)
    people, shown = list("abbcac"), np.array([0, 0, 1, 1, 2, 2])  # whoever two people are together lose a class
    with pytest.raises(UserError, match=r"no division of these people into 2 folds is known.*choose more folds"):
        check_classes(shown, ["x", "y", "z"], people, subject_folds(people, 2, "stratified", shown))
    assert check_classes(shown, ["x", "y", "z"], people, subject_folds(people, 3))


def test_a_class_of_one_person_in_a_later_fold_is_named_before_other_folds_are_proposed():
    labels = np.array([0, 0, 1, 2])
    with pytest.raises(UserError, match="only c shows y"):
        check_classes(labels, ["x", "y", "z"], ["a", "b", "c", "d"], [["a", "b"], ["c", "d"]])


def test_a_class_that_a_fold_does_not_test_is_only_noted():
    subjects, classes = ["a", "b", "c", "d"], ["calm", "sad"]
    notes = check_classes(np.array([0, 1, 1, 0]), classes, subjects, [["a"], ["b"], ["c"], ["d"]])
    assert notes == [f"fold {k} tests no clip of {name}" for k, name in enumerate(["sad", "calm", "calm", "sad"])]


def test_a_subject_with_clips_of_one_class_only_is_no_trouble():
    subjects = ["a", "a", "b", "b", "c", "c"]
    assert check_classes(np.array([0, 0, 0, 1, 0, 1]), ["x", "y"], subjects, [["a"], ["b"], ["c"]]) == [
        "fold 0 tests no clip of y"
    ]


@pytest.mark.parametrize(
    ("people", "words"),
    [
        ("A", "all clips show one person"),
        ("AB", "5 folds for 2 people: expected 2 folds; "),
        ("ABC", "expected 2 to 3"),
    ],
)
def test_too_few_people_for_the_folds(people, words):
    with pytest.raises(UserError, match=words):
        split(tuple(people), 5, 0, "stride")
