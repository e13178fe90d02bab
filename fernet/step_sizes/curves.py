"""Error against step size, measured on a sample of the values of a layer, loss or network."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from types import ModuleType

import numpy as np

from fernet import fast
from fernet.backend import to_host
from fernet.gradcheck import Problem, same_decisions
from fernet.gradcheck_cases import case_problem

STEPS = tuple(float(f"1e-{exponent}") for exponent in range(13))
_VALUES = 60  # that are moved, at most: half a second for a layer


@dataclass(frozen=True)
class Point:
    """The errors at one step: max |claimed - measured| / max |either| of the array, over the values that are moved."""

    step: float
    error: float | None  # of the values away from kinks; None if none of them changes s
    with_kinks: float  # of all
    kinks: int
    bend: float | None  # max |s(x+h) - 2 s(x) + s(x-h)| / max |s(x+h) - s(x-h)|: 0 if s is linear in each value


@dataclass(frozen=True)
class Curve:
    """One point for each of `STEPS`, from the largest to the smallest."""

    subject: str
    moved: int  # values that are moved, of `values` in all arrays
    values: int
    points: tuple[Point, ...]


def case_curves(
    name: str,
    library: ModuleType = np,
    dy: str = "random",
    scale: float | None = None,
    tell: Callable[[Curve, Curve], None] = lambda float64, float32: None,
) -> tuple[Curve, Curve]:
    """The curves of a case of `fernet.gradcheck_cases` in float64 and in float32, in which everything is computed.

    After each step, `tell` gets both curves as far as they are known.
    """
    with fast.references():
        problems = [case_problem(name, library, dtype, dy, scale) for dtype in (np.float64, np.float32)]
        known = [curve(name, problem, ()) for problem in problems]
        for step in STEPS:
            new = [curve(name, problem, (step,)) for problem in problems]
            known = [replace(one, points=one.points + more.points) for one, more in zip(known, new, strict=True)]
            tell(*known)
    return known[0], known[1]


def curve(subject: str, problem: Problem, steps: tuple[float, ...] = STEPS, most: int = _VALUES) -> Curve:
    """The curve of any problem, on at most `most` of its values; its arrays are restored afterwards."""
    sizes = {name: array.size for name, array in problem.arrays.items()}
    places = _places(sizes, most)
    moved = sum(len(own) for own in places.values())
    return Curve(subject, moved, sum(sizes.values()), tuple(_point(problem, places, step) for step in steps))


def _places(sizes: dict[str, int], most: int) -> dict[str, np.ndarray]:
    """The places in each array that are moved: an equal share of each, at least one; small arrays are moved whole."""
    rng, places, left = np.random.default_rng(0), {}, most
    for count, name in enumerate(sorted(sizes, key=sizes.get)):  # what small arrays do not need is left to larger ones
        share = min(sizes[name], max(1, left // (len(sizes) - count)))
        places[name] = np.sort(rng.choice(sizes[name], share, replace=False))
        left -= share
    return {name: places[name] for name in sizes}


def _point(problem: Problem, places: dict[str, np.ndarray], step: float) -> Point:
    errors, kinks, bends, rise, with_kinks = [], 0, [0.0], 0.0, 0.0
    for name, own in places.items():
        claimed = to_host(problem.claimed[name]).astype(np.float64).ravel()
        above, here, below, smooth = _around(problem, name, own, step)
        measured = (above - below) / (2 * step)
        scale = max(np.abs(claimed).max(), np.abs(measured[smooth]).max(initial=0.0), 1e-8)
        error = np.abs(claimed[own] - measured) / scale
        with_kinks = max(with_kinks, float(error.max()))
        kinks += int((~smooth).sum())
        if (smooth & ((claimed[own] != 0) | (measured != 0))).any():
            errors.append(float(error[smooth].max()))
        bends.append(np.abs(above - 2 * here + below)[smooth].max(initial=0.0))
        rise = max(rise, np.abs(above - below)[smooth].max(initial=0.0))
    return Point(step, max(errors, default=None), with_kinks, kinks, float(max(bends) / rise) if rise else None)


def _around(
    problem: Problem, name: str, places: np.ndarray, step: float
) -> tuple[np.ndarray, float, np.ndarray, np.ndarray]:
    """s with each value moved up, s, s with each value moved down, and whether no decision changed."""
    here, decided = problem.scalar()
    above, below, smooth = np.zeros(len(places)), np.zeros(len(places)), np.ones(len(places), bool)
    flat = problem.arrays[name].reshape(-1)  # a view: arrays that are checked are contiguous
    for i, place in enumerate(places):
        value = float(flat[place])
        flat[place] = value + step
        above[i], decided_above = problem.scalar()
        flat[place] = value - step
        below[i], decided_below = problem.scalar()
        flat[place] = value
        smooth[i] = same_decisions(decided, decided_above) and same_decisions(decided, decided_below)
    return above, here, below, smooth
