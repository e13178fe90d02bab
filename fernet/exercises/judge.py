"""The judgement on an answer: is it right, and if not, what is wrong, where, and which lesson explains it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fernet.exercises import contract
from fernet.exercises.diagnosis import explanation
from fernet.exercises.exercise import Exercise, Trial
from fernet.exercises.learner import Fault, Learner
from fernet.exercises.where import in_common, wrong_values
from fernet.gradcheck import STEP, check_arrays

Answer = Callable[[Trial], dict[str, np.ndarray]]


@dataclass(frozen=True)
class Finding:
    """One wrong gradient: `where` in sentences, and `name`, what is wrong with it, or None if that is not certain."""

    gradient: str
    where: tuple[str, ...]
    name: str | None


def judge(exercise: Exercise, path: Path) -> list[str | Finding]:
    """Everything that is wrong with the answer in `path`; an empty list if it is right."""
    try:
        learner = Learner(exercise, path)
        found = findings(exercise, exercise.trials(), learner.gradients)
        if not found:
            found = _other_shapes(exercise, learner)
        return [*found, *contract.breaches(exercise, learner, wrong=bool(found))]
    except Fault as fault:
        return [str(fault)]


def is_right(exercise: Exercise, path: Path) -> bool:
    """Whether the answer in `path` is right; what is wrong with it is not looked into."""
    try:
        learner = Learner(exercise, path, quiet=True)
        trials = [exercise.trial(seed, shape) for seed, shape in enumerate(exercise.shapes)]
        for trial in trials:
            given = learner.gradients(trial)
            if any(_is_wrong(given[name], right) for name, right in trial.right.items()):
                return False
        return not contract.breaches(exercise, learner, wrong=False)
    except Fault:
        return False


def errors(exercise: Exercise, path: Path) -> list[tuple[str, int, float]]:
    """For each gradient of a right answer its name, number of values, and error by `fernet.gradcheck`."""
    trial = exercise.trials()[0]
    inputs, claimed = dict(trial.inputs), Learner(exercise, path, quiet=True).gradients(trial)
    results = check_arrays(
        exercise.name,
        lambda: (scalar(exercise, trial, inputs), []),
        {name: inputs[name.removeprefix("d")] for name in claimed},
        claimed,
    )
    return [(name, result.coordinates, result.error) for name, result in zip(claimed, results, strict=True)]


def _other_shapes(exercise: Exercise, learner: Learner) -> list[str | Finding]:
    """What is wrong under the remaining shapes and other seeds: the first of them that fails."""
    for shape in exercise.shapes:
        trials = [exercise.trial(seed, shape) for seed in (11, 12, 13)]
        if found := findings(exercise, trials, learner.gradients):
            return [f"right for the inputs that are tried first, wrong for {_settings(trials[0])}:", *found]
    return []


def findings(exercise: Exercise, trials: list[Trial], answer: Answer) -> list[Finding]:
    """The wrong gradients among those that `answer` gives on the trials."""
    given = [answer(trial) for trial in trials]
    found = []
    again = None
    for name in exercise.gradients:
        arrays = [one[name] for one in given]
        wrong = [number for number, trial in enumerate(trials) if _is_wrong(arrays[number], trial.right[name])]
        if not wrong:
            continue
        again = again or [answer(trial) for trial in trials]
        cause = None
        if all(np.isfinite(one).all() for one in arrays):
            cause = explanation(exercise, name, trials, arrays, [one[name] for one in again])
        where = _where(exercise, name, trials[wrong[0]], arrays[wrong[0]], explained=not found)
        if len(wrong) < len(trials):
            settings = {_settings(trial) for trial in trials}
            others = "some other values of these" if len(settings) > 1 else "other random numbers"
            where += (f"here {_settings(trials[wrong[0]])}; for {others} it comes out right",)
        found.append(Finding(name, where, cause))
    return found


def _is_wrong(given: np.ndarray, right: np.ndarray) -> bool:
    return given.shape != right.shape or not np.isfinite(given).all() or bool(wrong_values(given, right).any())


def _where(exercise: Exercise, name: str, trial: Trial, given: np.ndarray, explained: bool) -> tuple[str, ...]:
    """Sentences; with `explained`, one of them says how the right value was measured."""
    right = trial.right[name]
    if given.shape != right.shape:
        return (f"has the shape {given.shape}, expected {right.shape}",)
    finite = np.isfinite(given).all()
    wrong = wrong_values(given, right) if finite else ~np.isfinite(given)
    shared = in_common(wrong, given, right, exercise.axes(name, given))
    first = tuple(np.argwhere(wrong)[0])
    place = f"{name}[{', '.join(str(one) for one in first)}]"
    return (
        f"{'wrong' if finite else 'infinite or not a number'} in {_count(wrong)}" + (f", {shared}" if shared else ""),
        f"first {place}: yours {given[first] + 0.0:.6g}, {_expected(exercise, trial, name, first, explained)}",
        *(() if finite else ("look for a division by zero, or a logarithm or power of a negative number",)),
    )


def _expected(exercise: Exercise, trial: Trial, name: str, place: tuple[int, ...], explained: bool) -> str:
    value = measured(exercise, trial, name, place)
    if value is None:
        return f"by the equation {trial.right[name][place]:.6g} (at a kink no derivative can be measured)"
    return f"measured {value:.6g}" + (" by central differences" if explained else "")


def _settings(trial: Trial) -> str:
    """The sizes and numbers of a trial: alpha and k as well, which are drawn."""
    drawn = {name: value for name, value in trial.inputs.items() if isinstance(value, (int, float)) and name != "seed"}
    shown = {"width": "W", "zeros": "zeros in x"}
    settings = {shown.get(name, name): value for name, value in {**trial.shape, **drawn}.items()}
    return ", ".join(
        f"{name} = {f'{value:.4g}' if isinstance(value, float) else value}" for name, value in settings.items()
    )


def _count(wrong: np.ndarray) -> str:
    if wrong.all():
        return f"all {wrong.size} values"
    return f"{max(1, min(99, round(100 * wrong.mean())))} % of {wrong.size} values"


def measured(exercise: Exercise, trial: Trial, gradient: str, place: tuple[int, ...]) -> float | None:
    """The central difference at one coordinate, the step of `fernet.gradcheck` to either side; None at a kink, where
    the differences to the two sides disagree."""
    inputs = {name: value.copy() if isinstance(value, np.ndarray) else value for name, value in trial.inputs.items()}
    array, sums = inputs[gradient.removeprefix("d")], []
    here = array[place]
    for moved in (here + STEP, here, here - STEP):
        array[place] = moved
        sums.append(scalar(exercise, trial, inputs))
    after, before = (sums[0] - sums[1]) / STEP, (sums[1] - sums[2]) / STEP
    if abs(after - before) > 1e-3 * max(abs(after), abs(before), 0.1):
        return None
    return (sums[0] - sums[2]) / (2 * STEP)


def scalar(exercise: Exercise, trial: Trial, inputs: dict) -> float:
    """The loss, or the sum of dy y over all outputs: the function whose gradient backward returns."""
    y, _ = exercise.page.forward(**inputs)
    outputs = y if isinstance(y, tuple) else (y,)
    arriving = trial.arriving.values() or (1.0,)
    return float(sum((dy * one).sum() for dy, one in zip(arriving, outputs, strict=True)))
