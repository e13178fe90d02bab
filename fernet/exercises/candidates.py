"""Wrong answers with a name: arrays that a typical mistake gives, made from the right answer of one input.

Every function returns, for each sentence that describes a mistake, a function that computes its array.
"""

from collections.abc import Callable, Iterator
from itertools import combinations, permutations
from types import SimpleNamespace

import numpy as np

from fernet.exercises.exercise import Exercise, Trial

Candidates = dict[str, Callable[[], np.ndarray]]


def slips(exercise: Exercise, gradient: str, trial: Trial) -> Candidates:
    """The answer with one changed ingredient."""
    return {
        slip.text: _answer(exercise, gradient, trial.values, {slip.ingredient: slip.value}) for slip in exercise.slips
    }


def pairs_of_slips(exercise: Exercise, gradient: str, trial: Trial) -> Candidates:
    """The answer with two changed ingredients."""
    found = {}
    for one, other in combinations(exercise.slips, 2):
        if one.ingredient != other.ingredient:
            changes = {one.ingredient: one.value, other.ingredient: other.value}
            found[f"{one.text}; besides, {other.text}"] = _answer(exercise, gradient, trial.values, changes)
    return found


def _answer(exercise: Exercise, gradient: str, t: SimpleNamespace, changes: dict) -> Callable[[], np.ndarray]:
    return lambda: sum(exercise.terms(t, **changes)[gradient].values())


def replaced(exercise: Exercise, gradient: str, trial: Trial) -> Candidates:
    """The answer with one array of the equation replaced wherever it occurs."""
    t = trial.values
    arrays = {name: one for name, one in vars(t).items() if isinstance(one, np.ndarray) and one.dtype.kind in "fb"}
    found = {}
    for name, one in arrays.items():
        found[f"{name} itself is returned"] = lambda one=one: one
        for text, change in _CHANGES.items() if one.dtype.kind == "f" else ():
            found[text.format(name)] = _with(exercise, gradient, t, {name: change(one)})
        for axis in range(one.ndim):
            for text, array in _along(name, one, axis):
                found[text] = _with(exercise, gradient, t, {name: array})
    for (name, one), (other_name, other) in permutations(arrays.items(), 2):
        if one.shape == other.shape and one.dtype == other.dtype:
            text = f"{other_name} stands where {name} belongs"
            found[text] = _with(exercise, gradient, t, {name: other})
            if name < other_name:
                swapped = {name: other, other_name: one}
                found[f"{name} and {other_name} are swapped"] = _with(exercise, gradient, t, swapped)
    return found


_CHANGES = {
    "{} is left out": np.ones_like,
    "the signs of {} are lost: its absolute values are used": np.abs,
    "{0}^2 stands where {0} belongs": np.square,
    "1/{0} stands where {0} belongs": lambda one: 1 / one,
    "the sign of {0} stands where {0} belongs": np.sign,
    "only the positive values of {} are used": lambda one: np.maximum(one, 0),
}


def _along(name: str, one: np.ndarray, axis: int) -> Iterator[tuple[str, np.ndarray]]:
    """Changes of an array along one of its axes."""
    if one.shape[axis] < 2:
        return
    yield f"{name} is in reverse order along its axis {axis}", np.flip(one, axis)
    yield f"{name} is shifted by one along its axis {axis}, towards the end", np.roll(one, 1, axis)
    yield f"{name} is shifted by one along its axis {axis}, towards the start", np.roll(one, -1, axis)
    first = np.broadcast_to(one.take([0], axis), one.shape)
    yield f"the first part of {name} along its axis {axis} stands for all others", first
    if one.dtype.kind == "f":
        mean = one.mean(axis=axis, keepdims=True)
        yield f"{name} is replaced by its mean along its axis {axis}", mean + 0 * one
        yield f"the mean of {name} along its axis {axis} is subtracted from it", one - mean


def _with(exercise: Exercise, gradient: str, t: SimpleNamespace, arrays: dict) -> Callable[[], np.ndarray]:
    return lambda: sum(exercise.terms(SimpleNamespace(**{**vars(t), **arrays}))[gradient].values())


def partial_sums(exercise: Exercise, gradient: str, trial: Trial) -> Candidates:
    """Sums that are not taken, or over a part of their axis only."""
    if gradient not in (known := exercise.products(trial.values)):
        return {}
    products, axes = known[gradient]
    every, found = range(len(axes)), {}
    for count in range(1, len(axes) + 1):
        for kept in combinations(every, count):
            names = _listed([_plural(axes[axis]) for axis in kept])
            summed = tuple(axis for axis in every if axis not in kept)
            found[f"the sum over the {names} is missing"] = products.sum(axis=summed)
    names = _listed([_plural(one) for one in axes])
    found[f"the largest value over the {names} is taken, where the sum belongs"] = products.max(axis=tuple(every))
    for axis in every:
        if products.shape[axis] < 2:
            continue
        name = axes[axis]
        for text, part in (
            (f"only the first {name} is counted, where the equation sums over all", slice(0, 1)),
            (f"only the last {name} is counted: += is needed where = replaces what was there", slice(-1, None)),
            (f"the last {name} is left out of the sum", slice(0, -1)),
            (f"the first {name} is left out of the sum", slice(1, None)),
        ):
            found[text] = products[(slice(None),) * axis + (part,)].sum(axis=tuple(every))
    return _ready(found)


def rearranged(exercise: Exercise, gradient: str, trial: Trial) -> Candidates:
    """The right values in the wrong places, averaged, summed or with a lost sign."""
    right = trial.right[gradient]
    axes = exercise.axes(gradient, right)
    found = dict(_turned(right, axes))
    for axis, name in enumerate(axes):
        if right.shape[axis] < 2:
            continue
        several = _plural(name)
        whole = right.sum(axis=axis, keepdims=True) + 0 * right
        found[f"the sum over the {several} stands at every {name}"] = whole
        found[f"the mean over the {several} stands at every {name}"] = whole / right.shape[axis]
        found[f"it is summed over the {several} as well, an axis that must stay"] = right.sum(axis=axis)
        for text, part in ((f"the first {name} is zero", 0), (f"the last {name} is zero", -1)):
            zeroed = right.copy()
            zeroed[(slice(None),) * axis + (part,)] = 0
            found[f"{text}: a loop does not reach it"] = zeroed
    found["the signs are lost: these are the absolute values"] = np.abs(right)
    found["negative values are set to zero; a gradient may be negative"] = np.maximum(right, 0)
    if right.ndim > 1:
        found["the right values in one row; give them the shape of the array"] = right.ravel()
    found["the right values with an axis of length 1 too many"] = right[None]
    found["the right values with an axis of length 1 too many at the end"] = right[..., None]
    return _ready(found)


def _turned(right: np.ndarray, axes: tuple[str, ...]) -> Iterator[tuple[str, np.ndarray]]:
    for one, other in combinations(range(right.ndim), 2):
        names = f"{_plural(axes[one])} and {_plural(axes[other])}"
        yield f"{names} are swapped: these are the right values transposed", right.swapaxes(one, other)
        yield f"{names} are both in reverse order", np.flip(right, (one, other))
    for axis, name in enumerate(axes):
        if right.shape[axis] < 2:
            continue
        several = _plural(name)
        if right.shape[axis] > 2:  # of two, the reversed order is the shifted one
            for step, place in ((1, "late"), (-1, "early")):
                moved = np.roll(right, step, axis)
                yield f"the {several} are shifted: every value stands one {name} too {place}", moved
                moved = moved.copy()
                moved[(slice(None),) * axis + (0 if step > 0 else -1,)] = 0
                yield f"the {several} are shifted by one (one too {place}), with zeros moved in", moved
        yield f"the {several} are in reverse order", np.flip(right, axis)


def _ready(arrays: dict[str, np.ndarray]) -> Candidates:
    return {text: lambda one=one: one for text, one in arrays.items()}


def close(one: np.ndarray, other: np.ndarray, tolerance: float = 1e-6) -> bool:
    """Whether two arrays have the same shape and agree to `tolerance` of the largest value."""
    if one.shape != other.shape:
        return False
    scale = max(np.abs(one).max(initial=0.0), np.abs(other).max(initial=0.0), 1e-12)
    return bool(np.abs(one - other).max(initial=0.0) <= tolerance * scale)


def _plural(name: str) -> str:
    head, of, rest = name.partition(" o")  # rows of the filter, places on axis 2
    return {"class": "classes"}.get(name, f"{head}s{of}{rest}")


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
