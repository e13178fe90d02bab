"""Wrong answers in which an array of the equation is replaced: by another one, or by a changed one.

Only arrays that backward can read are replaced, and only by arrays that it can read or returns.
"""

from collections.abc import Iterator
from itertools import permutations
from types import SimpleNamespace

import numpy as np

from fernet.exercises.candidates import Candidates, close, listed, plural, row_and_column
from fernet.exercises.exercise import Exercise, Trial

Changes = dict[str, dict[str, np.ndarray]]  # sentence -> the arrays to put in, by name


def replaced(exercise: Exercise, gradient: str, trial: Trial) -> Candidates:
    """The answer with one array replaced wherever it occurs, or that array itself."""
    t = trial.values
    changes = _changes(exercise, trial, _used(exercise, gradient, t))
    found = {text: _with(exercise, gradient, t, arrays) for text, arrays in changes.items()}
    for name, one in _readable(exercise, t).items():
        found[f"{name} itself is returned"] = lambda one=one: one
    return found


def multiplied(exercise: Exercise, gradient: str, trial: Trial) -> Candidates:
    """The right answer, multiplied or divided by an array."""
    right, found = trial.right[gradient], {}
    for name, one in _readable(exercise, trial.values).items():
        if one.shape == right.shape and one.dtype.kind == "f":
            found[f"the right values are multiplied by {name} as well"] = lambda one=one: right * one
            found[f"the right values are divided by {name} as well"] = lambda one=one: right / one
    return found


def replaced_in_one_term(exercise: Exercise, gradient: str, trial: Trial) -> Candidates:
    """The answer with one array replaced in one of several terms."""
    terms = exercise.terms(trial.values)[gradient]
    if len(terms) < 2:
        return {}
    found = {}
    for term in terms:
        for text, arrays in _changes(exercise, trial, _used(exercise, gradient, trial.values, term)).items():
            found[f"in the term {term}, {text}"] = _with(exercise, gradient, trial.values, arrays, term)
    return found


def _readable(exercise: Exercise, t: SimpleNamespace) -> dict[str, np.ndarray]:
    return {name: vars(t)[name] for name in exercise.arrays}


def _used(exercise: Exercise, gradient: str, t: SimpleNamespace, term: str | None = None) -> set[str]:
    """The arrays on which a gradient, or one term of it, depends."""
    right = _with(exercise, gradient, t, {}, term)()
    arrays = _readable(exercise, t).items()
    return {name for name, one in arrays if not close(_with(exercise, gradient, t, {name: 0 * one}, term)(), right)}


def _with(exercise: Exercise, gradient: str, t: SimpleNamespace, arrays: dict, term: str | None = None):
    def answer() -> np.ndarray:
        changed = exercise.terms(SimpleNamespace(**{**vars(t), **arrays}))[gradient]
        if term is not None:
            changed = {**exercise.terms(t)[gradient], term: changed[term]}
        return sum(changed.values())

    return answer


def _changes(exercise: Exercise, trial: Trial, used: set[str]) -> Changes:
    """Changes of the arrays that are `used`: what a change of another array explains is explained without it."""
    arrays, found = _readable(exercise, trial.values), {}
    for name in used:
        one = arrays[name]
        for text, change in _CHANGES.items() if one.dtype.kind == "f" else ():
            found[text.format(name)] = {name: change(one)}
        for text, array in _along(name, one, exercise.axes(name, one)):
            found[text] = {name: array}
        for gradient, right in trial.right.items():
            if right.shape == one.shape and one.dtype.kind == "f":
                found[f"{gradient} stands where {name} belongs"] = {name: right}
    for (name, one), (other_name, other) in permutations(arrays.items(), 2):
        if len(one) == len(other) and one.size == other.size and one.dtype == other.dtype:
            if name not in used:
                continue
            put_in = other.reshape(one.shape)
            found[f"{other_name} stands where {name} belongs"] = {name: put_in}
            if name < other_name and other_name in used:
                swapped = {name: put_in, other_name: one.reshape(other.shape)}
                found[f"{name} and {other_name} are swapped"] = swapped
    return found


_CHANGES = {
    "{} is left out": np.ones_like,
    "the signs of {} are lost: its absolute values are used": np.abs,
    "{0}^2 stands where {0} belongs": np.square,
    "1/{0} stands where {0} belongs": lambda one: 1 / one,
    "the sign of {0} stands where {0} belongs": np.sign,
    "only the positive values of {} are used": lambda one: np.maximum(one, 0),
}


def _along(name: str, one: np.ndarray, axes: tuple[str, ...]) -> Iterator[tuple[str, np.ndarray]]:
    """Changes of an array along one of its axes, or along its rows and columns."""
    for axis, counted in enumerate(axes):
        if one.shape[axis] < 2:
            continue
        several = plural(counted)
        yield f"the {several} of {name} are in reverse order", np.flip(one, axis)
        for step, place, edge in ((1, "end", 0), (-1, "start", -1)):
            moved = np.roll(one, step, axis)
            yield f"the {several} of {name} are shifted by one, towards the {place}", moved.copy()
            if one.dtype.kind == "f":
                moved[(slice(None),) * axis + (edge,)] = 0
                yield f"the {several} of {name} are shifted by one, towards the {place}, with zeros moved in", moved
        for number, part in (("0", 0), (str(one.shape[axis] - 1), -1)):
            which = f"{counted} 0" if number == "0" else f"the last {counted}"
            text = f"the {name} of {which} {'are' if name.endswith('s') else 'is'} used for all {several}"
            yield text, np.broadcast_to(one.take([part], axis), one.shape)
        if one.dtype.kind == "f":
            mean = one.mean(axis=axis, keepdims=True)
            yield f"{name} is replaced by its mean over the {several}", mean + 0 * one
            yield f"{name} is replaced by its sum over the {several}", mean * one.shape[axis] + 0 * one
            yield f"the mean of {name} over the {several} is subtracted from it", one - mean
    if one.dtype.kind != "f":
        return
    for places in [(axis,) for axis in range(one.ndim)] + row_and_column(axes):
        for end, part in (("first", 0), ("last", -1)):
            zeroed = one.copy()
            for axis in places:
                zeroed[(slice(None),) * axis + (part,)] = 0
            names = listed([f"the {end} {axes[axis]}" for axis in places])
            yield f"{names} of {name} {'is' if len(places) == 1 else 'are'} left out", zeroed
