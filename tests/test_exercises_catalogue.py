"""The catalogue of mistakes: the gradient check rejects each, and the diagnosis names it."""

import inspect
from collections import Counter
from importlib import import_module

import numpy as np
import pytest

from fernet.exercises.all_exercises import EXERCISES
from fernet.exercises.bugs import BUGS, answer, broken_lines, shown
from fernet.exercises.catalogue import CATALOGUE
from fernet.exercises.judge import findings, scalar
from fernet.exercises.source import Mistake, answer_of, namespace_of, patched
from fernet.gradcheck import check_arrays, check_layer

IDS = [f"{one.exercise}-{one.named}" for one in CATALOGUE]
LEAST = {"fork": 4, "fully_connected": 7, "relu": 5, "dropout": 4, "softmax": 7, "multiframe": 4, "max_pool": 5}
LEAST |= {"response": 10, "across": 4, "contrast": 9, "joint_loss": 6}


def checked(exercise, namespace, trial):
    """The results of `gradcheck` for the code in `namespace`."""
    if hasattr(namespace.get(exercise.solved_by), "forward") and exercise.name != "fork":
        return check_layer(exercise.name, exercise.layer(namespace, trial.values), trial.values.x, seed=50)
    inputs, claimed = dict(trial.inputs), exercise.by_layer(namespace, trial.values)
    arrays = {name: inputs[name.removeprefix("d")] for name in claimed}
    return check_arrays(exercise.name, lambda: (scalar(exercise, trial, inputs), []), arrays, claimed)


def test_the_catalogue_has_its_size():
    counts = Counter(one.exercise for one in CATALOGUE)
    assert len(CATALOGUE) >= 74
    assert counts["conv_weights"] + counts["conv_pixels"] >= 13
    assert all(counts[name] >= least for name, least in LEAST.items())
    assert len({(one.exercise, patched(one)) for one in CATALOGUE}) == len(CATALOGUE)


@pytest.mark.parametrize("name", EXERCISES)
def test_the_gradient_check_accepts_the_source_without_a_mistake(name):
    exercise = EXERCISES[name]
    namespace = vars(import_module(exercise.source))
    assert all(result.passed for trial in exercise.trials() for result in checked(exercise, namespace, trial))


@pytest.mark.parametrize("mistake", CATALOGUE, ids=IDS)
def test_the_gradient_check_rejects_every_mistake(mistake):
    exercise = EXERCISES[mistake.exercise]
    namespace = namespace_of(exercise, patched(mistake))
    passed = []
    for trial in exercise.trials()[:2]:  # windows and filters of odd and of even size
        given = exercise.by_layer(namespace, trial.values)
        if all(given[name].shape == right.shape for name, right in trial.right.items()):
            passed += [result.passed for result in checked(exercise, namespace, trial)]
        else:
            passed.append(False)  # a gradient of the wrong shape cannot be compared at all
    assert not all(passed)


@pytest.mark.parametrize("mistake", CATALOGUE, ids=IDS)
def test_the_diagnosis_names_every_mistake(mistake):
    exercise = EXERCISES[mistake.exercise]
    found = findings(exercise, exercise.trials(), answer_of(mistake))
    assert found
    assert all(one.name and mistake.named in one.name for one in found), [one.name for one in found]


@pytest.mark.parametrize("seed", [101, 202, 303])
@pytest.mark.parametrize("name", EXERCISES)
def test_terms_layer_and_products_agree(name, seed):
    """The right answer of an exercise is that of the layer, for every shape, and its sums are those of its products."""
    exercise = EXERCISES[name]
    for number, shape in enumerate(exercise.shapes):
        trial = exercise.trial(seed + number, shape)
        layer = exercise.by_layer(vars(import_module(exercise.source)), trial.values)
        assert list(layer) == list(exercise.gradients)
        for gradient, right in trial.right.items():
            np.testing.assert_allclose(layer[gradient], right, rtol=0, atol=1e-12 * np.abs(right).max(initial=1.0))
            assert right.shape == trial.inputs[gradient.removeprefix("d")].shape
        for gradient, (products, axes) in exercise.products(trial.values).items():
            np.testing.assert_allclose(products.sum(axis=tuple(range(len(axes)))), trial.right[gradient], atol=1e-12)


def test_a_patch_that_does_not_apply_is_an_error():
    with pytest.raises(ValueError, match="occurs 0 times"):
        patched(Mistake("relu", "", (("dy * no_such_name", "dy"),)))
    with pytest.raises(ValueError, match="occurs 2 times"):
        patched(Mistake("relu", "", (("positive", "negative"), ("x > 0 if", "x < 0 if"))))


def test_the_package_itself_stays_as_it_is():
    module = import_module("fernet.layers.relu")
    before = inspect.getsource(module), module.ReLU
    answer_of(CATALOGUE[IDS.index("relu-the mask is missing")])
    assert (inspect.getsource(module), module.ReLU) == before


def test_each_of_the_bugs_has_one_broken_line_and_an_explanation():
    assert len(BUGS) == 12
    for bug in BUGS:
        (line,) = broken_lines(bug)
        right = answer(bug, line)
        assert right.found
        assert bug.named in right.explanation
        assert right.line != right.was
        other = answer(bug, 1 if line != 1 else 2)
        assert not other.found
        assert other.explanation == ""
        assert (right.direction, other.direction) == ("", "down" if line != 1 else "up")
        assert len(shown(bug)) >= line
