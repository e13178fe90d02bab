"""The diagnosis: right answers raise no alarm, mistakes outside the catalogue are named right or not at all."""

import numpy as np
import pytest
from exercise_mistakes import HELD_OUT
from exercise_variants import VARIANTS, write_answer

from fernet.exercises import diagnosis
from fernet.exercises.all_exercises import EXERCISES
from fernet.exercises.candidates import pairs_of_slips, partial_sums, rearranged, rearranged_in_one_term, slips
from fernet.exercises.diagnosis import explanation
from fernet.exercises.exercise import Slip
from fernet.exercises.factors import name_of
from fernet.exercises.judge import Finding, findings, judge, measured
from fernet.exercises.replacements import multiplied, replaced, replaced_in_one_term
from fernet.exercises.where import in_common

MAKERS = (partial_sums, multiplied, rearranged, rearranged_in_one_term, replaced, replaced_in_one_term, pairs_of_slips)


def explained(exercise, gradient, given):
    trials = exercise.trials()
    arrays = [given(trial) for trial in trials]
    return explanation(exercise, gradient, trials, arrays, arrays)


def test_there_are_enough_right_answers_for_every_exercise():
    assert len(VARIANTS) >= 24
    assert {name for name, _, _ in VARIANTS} == set(EXERCISES)


@pytest.mark.parametrize(("name", "body"), [(name, body) for name, _, body in VARIANTS], ids=lambda one: one[:20])
def test_right_answers_of_any_form_pass(name, body, tmp_path):
    assert judge(EXERCISES[name], write_answer(tmp_path, name, body)) == []


@pytest.mark.parametrize(("name", "body", "words"), HELD_OUT, ids=lambda one: str(one)[:20])
def test_other_mistakes_are_named_right_or_only_located(name, body, words, tmp_path):
    found = judge(EXERCISES[name], write_answer(tmp_path, name, body))
    names = [one.name for one in found if isinstance(one, Finding)]
    assert names
    if words is None:
        assert names == [None]
        assert all(one.where for one in found)
    else:
        expected = [words] if isinstance(words, str) else words
        assert all(any(word in (one or "") for one in names) for word in expected), names
        assert None not in names


@pytest.mark.parametrize("name", EXERCISES)
def test_every_candidate_can_be_computed_and_no_two_slips_are_the_same(name):
    """Two slips that give the same array would leave a mistake without a name."""
    exercise = EXERCISES[name]
    trials = exercise.trials()
    for gradient in exercise.gradients:
        fitted = []
        with np.errstate(all="ignore"):
            for trial in trials:
                for make in MAKERS:
                    for array in make(exercise, gradient, trial).values():
                        array()
                fitted.append({text: array() for text, array in slips(exercise, gradient, trial).items()})
        right = [trial.right[gradient] for trial in trials]
        texts = [text for text in fitted[0] if not all(map(diagnosis.close, [one[text] for one in fitted], right))]
        for number, text in enumerate(texts):
            for other in texts[number + 1 :]:
                assert not all(diagnosis.close(one[text], one[other]) for one in fitted), (text, other)


@pytest.mark.parametrize("name", EXERCISES)
def test_every_slip_changes_a_gradient_and_is_named(name):
    exercise = EXERCISES[name]
    inputs = [exercise.trials(), *([exercise.trial(seed, one) for seed in (11, 12, 13)] for one in exercise.shapes)]
    for slip in exercise.slips:
        changed = False
        for gradient in exercise.gradients:

            def given(trial, gradient=gradient, slip=slip):
                terms = exercise.terms(trial.values, **{slip.ingredient: slip.value})
                return np.array(sum(terms[gradient].values()))

            for trials in inputs:
                arrays = [given(trial) for trial in trials]
                if not all(map(diagnosis.close, arrays, [trial.right[gradient] for trial in trials])):
                    changed = True
                    assert explanation(exercise, gradient, trials, arrays, arrays) == slip.text
                    break
        assert changed, slip


def test_two_explanations_of_the_same_size_give_no_name(monkeypatch):
    exercise = EXERCISES["relu"]
    assert "mask is missing" in explained(exercise, "dx", lambda trial: trial.values.dy.copy())
    twice = Slip("mask", "none", "another sentence for the same array")
    monkeypatch.setattr(type(exercise), "slips", (*exercise.slips, twice))
    assert explained(exercise, "dx", lambda trial: trial.values.dy.copy()) is None


def test_a_name_must_fit_on_all_three_inputs():
    exercise = EXERCISES["relu"]
    trials = exercise.trials()
    given = [trial.values.dy.copy() for trial in trials]
    assert explanation(exercise, "dx", trials, given, given) is not None
    given[2] = trials[2].values.dy * 1.5
    assert explanation(exercise, "dx", trials, given, given) is None
    given[2] = trials[2].values.dy * (1 + 1e-4)
    assert explanation(exercise, "dx", trials, given, given) is None


def test_a_single_change_goes_before_two():
    exercise = EXERCISES["response"]
    name = explained(exercise, "dx", lambda trial: exercise.terms(trial.values)["dx"]["dy D^-power"])
    assert "path through the divisor is missing" in name
    assert "besides" not in name


def test_two_changes_are_both_named():
    exercise = EXERCISES["contrast"]

    def given(trial):
        terms = exercise.terms(trial.values, outside="x")["dx"]
        return terms["dy D^-power"] + terms["through the energy"]

    name = explained(exercise, "dx", given)
    assert "x outside the sum" in name
    assert "through the mean is missing" in name


def test_only_arrays_on_which_the_values_depend_are_replaced():
    exercise = EXERCISES["joint_loss"]
    with np.errstate(all="ignore"):
        texts = replaced_in_one_term(exercise, "dlogits1", exercise.trials()[0])
    assert "in the term of its own loss, p3 stands where p1 belongs" in texts
    assert "in the term of its own loss, p1 and y are swapped" in texts
    assert "in the term of its own loss, p1 and p3 are swapped" not in texts  # p3 does not occur there
    assert "in the term of its own loss, p1 stands where p3 belongs" not in texts


def test_a_factor_is_named_only_if_one_quantity_has_its_values():
    exercise = EXERCISES["softmax"]
    trials = exercise.trials()
    assert name_of(exercise, trials, [3.0, 5.0, 4.0]) == "N"
    assert name_of(exercise, trials, [1 / 5, 1 / 4, 1 / 7]) == "1/C"
    assert name_of(exercise, trials, [1.7, 1.7, 1.7]) == "1.7"
    assert name_of(exercise, trials, [1.7, 1.8, 1.7]) is None
    assert name_of(exercise, trials, [1.0, 1.0, 1.0]) is None
    assert name_of(exercise, trials, [3.0003, 5.0005, 4.0004]) is None
    same = exercise.trial(0, {"N": 4, "classes": 4})
    assert name_of(exercise, [same], [4.0]) is None  # N or the number of classes


def test_a_mask_of_ones_own_is_told_from_a_part_of_the_right_one():
    exercise = EXERCISES["dropout"]

    def name(mask):
        return explained(exercise, "dx", lambda t: t.values.dy * mask(t.values.kept) / (1 - t.values.rate))

    def own(kept):
        return np.random.default_rng(0).random(kept.shape) < 0.5

    assert "mask is not that of the forward pass" in name(own)
    assert name(lambda kept: own(kept) & kept) is None
    assert name(lambda kept: own(kept) | kept) is None


def test_random_noise_has_no_name():
    rng = np.random.default_rng(0)
    for name, exercise in EXERCISES.items():
        for gradient in exercise.gradients:
            noise = explained(exercise, gradient, lambda trial: rng.standard_normal(trial.right[gradient].shape))  # noqa: B023
            assert noise is None, (name, gradient, noise)


def test_where_says_what_the_wrong_values_share():
    axes = ("image", "row", "column", "channel")
    right = np.random.default_rng(1).standard_normal((2, 7, 6, 3))
    image, border, sign = np.zeros((3, *right.shape), bool)
    image[1] = True
    assert in_common(image, right + image, right, axes) == "all in image 1"
    border[:, 0] = border[:, :, -1] = True
    assert in_common(border, right + border, right, axes) == "all within 1 pixel of the border"
    sign[0, 3, 2, 1] = sign[1, 3, 3, 2] = sign[0, 2, 2, 0] = True
    assert in_common(sign, np.where(sign, -right, right), right, axes) == "there the sign is wrong"
    assert in_common(sign, np.where(sign, 0, right), right, axes) == "all of them are zero in yours"
    assert in_common(np.ones_like(sign), -right, right, axes) == ""


def test_the_first_wrong_value_is_shown_with_its_central_difference():
    exercise = EXERCISES["fully_connected"]

    def answer(trial):
        wrong = {name: array.copy() for name, array in trial.right.items()}
        wrong["dW"][1, 2] += 0.5
        return wrong

    (found,) = findings(exercise, exercise.trials(), answer)
    trial = exercise.trials()[0]
    assert found.gradient == "dW"
    assert found.name is None
    assert found.where[0] == "wrong in 6 % of 16 values, all in input 1, all in output 2"
    right = trial.right["dW"][1, 2]
    assert found.where[1] == f"first dW[1, 2]: yours {right + 0.5:.6g}, measured {right:.6g} by central differences"
    assert measured(exercise, trial, "dW", (1, 2)) == pytest.approx(right, abs=1e-8)
