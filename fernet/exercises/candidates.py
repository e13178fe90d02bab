"""Wrong answers with a name: arrays that a typical mistake gives, made from the right answer of one input.

Every function returns, for each sentence that describes a mistake, a function that computes its array.
"""

from collections.abc import Callable, Iterator
from itertools import combinations
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


def partial_sums(exercise: Exercise, gradient: str, trial: Trial) -> Candidates:
    """Sums that are not taken, or over a part of their axis only."""
    if gradient not in (known := exercise.products(trial.values)):
        return {}
    products, axes = known[gradient]
    every, found = range(len(axes)), {}
    for count in range(1, len(axes) + 1):
        for kept in combinations(every, count):
            names = listed([plural(axes[axis]) for axis in kept])
            summed = tuple(axis for axis in every if axis not in kept)
            found[f"the sum over the {names} is missing"] = products.sum(axis=summed)
    names = listed([plural(one) for one in axes])
    found[f"the largest value over the {names} is taken, where the sum belongs"] = products.max(axis=tuple(every))
    for axis in every:
        if products.shape[axis] < 2:
            continue
        name = axes[axis]
        for text, part in (
            (f"only the first {name} is counted, where the equation sums over all", slice(0, 1)),
            (f"only the last {name} is counted: does = stand where += belongs?", slice(-1, None)),
            (f"the last {name} is left out of the sum", slice(0, -1)),
            (f"the first {name} is left out of the sum", slice(1, None)),
        ):
            found[text] = products[(slice(None),) * axis + (part,)].sum(axis=tuple(every))
    for row, column in row_and_column(axes):
        for end, part in (("first", slice(1, None)), ("last", slice(0, -1))):
            both = [part if axis in (row, column) else slice(None) for axis in range(products.ndim)]
            text = f"the {end} {axes[row]} and the {end} {axes[column]} are left out of the sum"
            found[text] = products[tuple(both)].sum(axis=tuple(every))
    return _ready(found)


def rearranged(exercise: Exercise, gradient: str, trial: Trial) -> Candidates:
    """The right values in the wrong places, averaged, summed, in another shape or with a lost sign."""
    right = trial.right[gradient]
    axes = exercise.axes(gradient, right)
    found = dict(_misplaced(right, axes))
    for axis, name in enumerate(axes):
        if right.shape[axis] > 1:
            found[f"it is summed over the {plural(name)} as well, an axis that must stay"] = right.sum(axis=axis)
    for other, array in trial.right.items():
        if other != gradient:
            order = ", ".join(exercise.gradients)
            found[f"this is {other}, in the place of {gradient}: return {order} in this order"] = array
    if right.ndim > 1:
        found["the right values in one row; give them the shape of the array"] = right.ravel()
    found["the right values with an axis of length 1 too many"] = right[None]
    found["the right values with an axis of length 1 too many at the end"] = right[..., None]
    return _ready(found)


def rearranged_in_one_term(exercise: Exercise, gradient: str, trial: Trial) -> Candidates:
    """The answer in which the values of one of several terms stand in wrong places."""
    terms, found = exercise.terms(trial.values)[gradient], {}
    for term, one in terms.items() if len(terms) > 1 else ():
        for text, array in _misplaced(one, exercise.axes(gradient, one)):
            if array.shape == one.shape:
                found[f"in the term {term}, {text}"] = trial.right[gradient] - one + array
    return _ready(found)


def _misplaced(right: np.ndarray, axes: tuple[str, ...]) -> Iterator[tuple[str, np.ndarray]]:
    yield from _turned(right, axes)
    for axis, name in enumerate(axes):
        if right.shape[axis] < 2:
            continue
        whole = right.sum(axis=axis, keepdims=True) + 0 * right
        for kind, array in (("sum", whole), ("mean", whole / right.shape[axis])):
            yield f"every {name} holds the {kind} over all {plural(name)}, where its own value belongs", array
        for end, part in (("first", 0), ("last", -1)):
            zeroed = right.copy()
            zeroed[(slice(None),) * axis + (part,)] = 0
            yield f"the {end} {name} is zero: a loop does not reach it", zeroed
    for row, column in row_and_column(axes):
        for end, part in (("first", 0), ("last", -1)):
            zeroed = right.copy()
            zeroed[(slice(None),) * row + (part,)] = zeroed[(slice(None),) * column + (part,)] = 0
            yield f"the {end} {axes[row]} and the {end} {axes[column]} are zero: the loops do not reach them", zeroed
    yield "the signs are lost: these are the absolute values", np.abs(right)
    yield "negative values are set to zero; a gradient may be negative", np.maximum(right, 0)


def _turned(right: np.ndarray, axes: tuple[str, ...]) -> Iterator[tuple[str, np.ndarray]]:
    for one, other in combinations(range(right.ndim), 2):
        names = f"{plural(axes[one])} and {plural(axes[other])}"
        yield f"{names} are swapped: these are the right values transposed", right.swapaxes(one, other)
        yield f"{names} are both in reverse order", np.flip(right, (one, other))
    for axis, name in enumerate(axes):
        if right.shape[axis] < 2:
            continue
        several = plural(name)
        for step, place in ((1, "late"), (-1, "early")):
            moved = np.roll(right, step, axis)
            yield f"the {several} are shifted: every value stands one {name} too {place}", moved.copy()
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


def row_and_column(axes: tuple[str, ...]) -> list[tuple[int, int]]:
    """The axes that count rows and columns of the same thing."""
    return [
        (row, axes.index(name.replace("row", "column", 1)))
        for row, name in enumerate(axes)
        if name.startswith("row") and name.replace("row", "column", 1) in axes
    ]


def plural(name: str) -> str:
    """The plural of what an axis counts."""
    head, of, rest = name.partition(" o")  # rows of the filter, places on axis 2
    return {"class": "classes"}.get(name, f"{head}s{of}{rest}")


def listed(names: list[str]) -> str:
    """One, two and three."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
