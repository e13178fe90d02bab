"""Factors that a gradient or one of its terms has and should not have, and their names."""

import numpy as np

from fernet.exercises.candidates import plural
from fernet.exercises.exercise import Exercise, Trial

_CONSTANTS = {"-1": -1.0, "2": 2.0, "1/2": 0.5, "-2": -2.0, "-1/2": -0.5}


def ratio(one: np.ndarray, other: np.ndarray) -> float | None:
    """c with one = c other, or None."""
    if one.shape != other.shape or not other.any() or not np.isfinite(other).all():
        return None
    c = float((one * other).sum() / (other * other).sum())
    scale = min(np.abs(other).max(), max(np.abs(one).max(), np.abs(other).max()))
    return c if np.abs(one - c * other).max() <= 1e-6 * scale else None


def name_of(exercise: Exercise, trials: list[Trial], factors: list[float | None], constants: bool = True) -> str | None:
    """The name of a factor that has the values `factors` on the trials; None if it has no name, several, or is 1.

    With `constants`, a factor that is the same on every trial is named by its digits.
    """
    if any(factor is None for factor in factors) or np.allclose(factors, 1, atol=1e-6):
        return None
    if np.allclose(factors, 0, atol=1e-6):
        return "0"
    tables = [_table(exercise, trial) for trial in trials]
    names = _fitting(tables, factors) or _fitting([_sizes(exercise, trial) for trial in trials], factors)
    if names:
        return names[0] if len(names) == 1 else None
    if constants and np.ptp(factors) <= 1e-6 * np.abs(factors).max():
        return f"{factors[0]:.6g}"
    return None


def _fitting(tables: list[dict[str, float]], factors: list[float]) -> list[str]:
    return [
        name
        for name in tables[0]
        if all(abs(t[name] - factor) <= 1e-6 * abs(factor) for t, factor in zip(tables, factors, strict=True))
    ]


def _sizes(exercise: Exercise, trial: Trial) -> dict[str, float]:
    """How many images, rows and so on the arrays hold that backward reads, and 1 by these."""
    table = {}
    for name in exercise.arrays:
        array = vars(trial.values)[name]
        for counted, size in zip(exercise.axes(name, array), array.shape, strict=True):
            which = f"the number of {plural(counted)}"
            if size > 1 and table.setdefault(which, size) == size:
                table[f"1/{which}"] = 1 / size
    return table


def _table(exercise: Exercise, trial: Trial) -> dict[str, float]:
    table = dict(_CONSTANTS)
    for name, value in exercise.quantities(trial.values).items():
        table |= {name: value, f"1/{name}": 1 / value, f"-{name}": -value, f"-1/{name}": -1 / value}
    return table


def factor_text(exercise: Exercise, name: str) -> str:
    """What it means that all values have the factor `name`."""
    if name not in exercise.advice and name.startswith("-") and name[1:] in exercise.advice:
        return f"the sign is wrong, and {exercise.advice[name[1:]]}"
    if name == "-1" and name not in exercise.advice:
        return "the sign is wrong: every value is -1 times the right one"
    if name.startswith("1/the number"):
        return f"every value is divided by {name[2:]}, which the equation does not ask for"
    return exercise.advice.get(name) or f"every value is {name} times the right one"


def term_text(exercise: Exercise, term: str, name: str) -> str:
    """What it means that one term has the factor `name`."""
    general = {"0": f"the term {term} is missing", "-1": f"the term {term} has the wrong sign"}.get(name)
    return exercise.advice.get(f"{term}: {name}") or general or f"the term {term} is {name} times the right one"
