"""What a backward pass promises besides right values: no argument changes, nothing is kept, float32 stays float32."""

import numpy as np

from fernet.exercises.exercise import Exercise, Trial
from fernet.exercises.learner import Fault, Learner, arrays_in


def breaches(exercise: Exercise, learner: Learner, wrong: bool) -> list[str]:
    """Broken promises, one sentence each. Of an answer with `wrong` values only overwritten arguments are reported, and
    whether two calls agree: the type of its values is a matter for later.
    """
    trial = exercise.trials()[0]
    other = exercise.trial(99, trial.shape)
    found = _overwritten(exercise, learner, trial)
    if sentence := _kept(exercise, learner, trial, other):
        found.append(sentence)
    if not wrong and not found and (sentence := _type(learner, trial)):
        found.append(sentence)
    return found


def _overwritten(exercise: Exercise, learner: Learner, trial: Trial) -> list[str]:
    _, cache = learner.forward(trial)
    before = [array.copy() for array in arrays_in(cache)]
    arriving = learner.backward(trial, cache)[1]
    found = [
        f"backward changes {name}, its argument: another layer may still need it; work on a copy"
        for name, array in arriving.items()
        if not np.array_equal(array, trial.arriving[name], equal_nan=True)
    ]
    names = [name for name in exercise.arrays if name not in exercise.arriving]
    for number, (array, copy) in enumerate(zip(arrays_in(cache), before, strict=True)):
        if not np.array_equal(array, copy, equal_nan=True):
            name = names[number] if len(names) == len(before) else f"array {number + 1}"
            found.append(f"backward changes {name} of the cache: a second call would use other values; work on a copy")
    return found


def _kept(exercise: Exercise, learner: Learner, trial: Trial, other: Trial) -> str | None:
    """Whether a pass on other data in between, or a second call, changes the answer."""
    first = learner.gradients(trial)
    second = learner.gradients(trial)
    if not _same(first, second):
        if any(exercise.is_drawn_anew(trial.values, one) for one in first.values()):
            return None  # the finding says so
        return (
            "two calls with the same arguments give two answers: backward keeps something between calls "
            "or draws random numbers"
        )
    _, cache = learner.forward(trial)
    learner.gradients(other)
    later, _ = learner.backward(trial, cache)
    if not _same(first, later):
        return "a pass on other data in between changes the answer: what backward needs belongs in the cache"
    return None


def _type(learner: Learner, trial: Trial) -> str | None:
    try:
        _, cache = learner.forward(trial, np.float32)
        gradients, _ = learner.backward(trial, cache, np.float32)
    except Fault as fault:
        return f"in float32: {fault}"
    for name, array in gradients.items():
        if array.dtype != np.float32:
            return (
                f"{name} is {array.dtype} where all inputs are float32: it must keep their type; "
                "np.zeros and np.ones need dtype=x.dtype for that, or use np.zeros_like"
            )
    return None


def _same(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> bool:
    return all(np.array_equal(one[name], other[name], equal_nan=True) for name in one)
