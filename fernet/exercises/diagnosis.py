"""The name of a mistake, from the arrays alone.

An explanation fits if it gives the learner's array to 1e-6 on three random inputs of different sizes. Explanations have
a size, the number of things that are wrong: 1, or 2 if no single one fits. A name is given only if exactly one
explanation of the smallest size fits. A wrong name is worse than none. A mask of the learner's own cannot be computed;
its values are known by what they are made of, and it counts as one thing.
"""

from collections.abc import Callable
from itertools import combinations

import numpy as np

from fernet.exercises.candidates import (
    Candidates,
    close,
    pairs_of_slips,
    partial_sums,
    rearranged,
    rearranged_in_one_term,
    slips,
)
from fernet.exercises.exercise import Exercise, Trial
from fernet.exercises.factors import factor_text, name_of, ratio, term_text
from fernet.exercises.replacements import multiplied, replaced, replaced_in_one_term

Arrays = list[np.ndarray]  # one for each trial


def explanation(exercise: Exercise, gradient: str, trials: list[Trial], given: Arrays, again: Arrays) -> str | None:
    """What is wrong with the arrays `given` for `gradient`, one for each trial; None if it is not certain.

    `again` are the arrays of a second call with the same arguments; they differ if the answer holds random numbers.
    """
    if all(not one.any() and one.shape == t.right[gradient].shape for one, t in zip(given, trials, strict=True)):
        return "all values are zero"
    if any(not np.array_equal(one, other) for one, other in zip(given, again, strict=True)):
        anew = {exercise.is_drawn_anew(trial.values, one) for one, trial in zip(given, trials, strict=True)}
        return anew.pop() if len(anew) == 1 else None
    with np.errstate(all="ignore"):
        for explanations in (_single, _seen, _double):
            found = explanations(exercise, gradient, trials, given)
            if found:
                return found.pop() if len(found) == 1 else None
    return None


def _single(exercise: Exercise, gradient: str, trials: list[Trial], given: Arrays) -> set[str]:
    found = _fitting(slips, exercise, gradient, trials, given)
    if found:  # what else fits is the same answer, described by its values instead of its cause
        return found
    for make in (partial_sums, rearranged):
        found |= _fitting(make, exercise, gradient, trials, given)
    if _shapes_agree(gradient, trials, given):
        found |= _with_factor(exercise, gradient, trials, given)
    found = found or _fitting(replaced, exercise, gradient, trials, given)
    found = found or _fitting(multiplied, exercise, gradient, trials, given)
    found = found or _with_array_added(exercise, gradient, trials, given)
    for make in (replaced_in_one_term, rearranged_in_one_term) if not found else ():
        found |= _fitting(make, exercise, gradient, trials, given)
    return found


def _seen(exercise: Exercise, gradient: str, trials: list[Trial], given: Arrays) -> set[str]:
    """What the values show on every trial."""
    texts = {exercise.is_seen_in(trial.values, one) for trial, one in zip(trials, given, strict=True)}
    return texts if len(texts) == 1 and None not in texts else set()


def _double(exercise: Exercise, gradient: str, trials: list[Trial], given: Arrays) -> set[str]:
    found = set()
    if _shapes_agree(gradient, trials, given):
        found |= _two_terms(exercise, gradient, trials, given) | _slip_and_term(exercise, gradient, trials, given)
    for make in (slips, partial_sums, rearranged):
        found |= _with_factor_besides(make, exercise, gradient, trials, given)
    return found or _fitting(pairs_of_slips, exercise, gradient, trials, given)


def _shapes_agree(gradient: str, trials: list[Trial], given: Arrays) -> bool:
    return all(one.shape == trial.right[gradient].shape for one, trial in zip(given, trials, strict=True))


def _fitting(
    make: Callable[[Exercise, str, Trial], Candidates],
    exercise: Exercise,
    gradient: str,
    trials: list[Trial],
    given: Arrays,
) -> set[str]:
    """The texts whose arrays fit on every trial, and differ from the right answer on one at least."""
    fitting, differs = None, set()
    for trial, one in zip(trials, given, strict=True):
        made, here = make(exercise, gradient, trial), set()
        for text in made if fitting is None else fitting & made.keys():
            if close(one, array := made[text]()):
                here.add(text)
                if not close(array, trial.right[gradient]):
                    differs.add(text)
        fitting = here
    return fitting & differs


def _with_factor_besides(
    make: Callable[[Exercise, str, Trial], Candidates],
    exercise: Exercise,
    gradient: str,
    trials: list[Trial],
    given: Arrays,
) -> set[str]:
    """The texts whose arrays fit but for a factor that has a name."""
    factors: dict[str, list[float]] = {}
    for number, (trial, one) in enumerate(zip(trials, given, strict=True)):
        for text, array in make(exercise, gradient, trial).items():
            if len(factors.get(text, ())) == number and (factor := ratio(one, array())) is not None:
                factors.setdefault(text, []).append(factor)
    found = set()
    for text, ratios in factors.items():
        if len(ratios) == len(trials) and (name := name_of(exercise, trials, ratios)):
            found.add(f"{text}; besides, {factor_text(exercise, name)}")
    return found


def _slip_and_term(exercise: Exercise, gradient: str, trials: list[Trial], given: Arrays) -> set[str]:
    """One ingredient is changed, and one term of what results has a factor."""
    found = set()
    for slip in exercise.slips:
        terms = exercise.terms(trials[0].values, **{slip.ingredient: slip.value})[gradient]
        for term in terms if len(terms) > 1 else ():
            factors = []
            for trial, one in zip(trials, given, strict=True):
                terms = exercise.terms(trial.values, **{slip.ingredient: slip.value})[gradient]
                if sum(terms.values()).shape != one.shape:
                    break
                factors.append(ratio(one - sum(terms.values()) + terms[term], terms[term]))
                if factors[-1] is None:
                    break
            if len(factors) == len(trials) and (name := name_of(exercise, trials, factors, constants=False)):
                found.add(f"{slip.text}; besides, {term_text(exercise, term, name)}")
    return found


def _with_factor(exercise: Exercise, gradient: str, trials: list[Trial], given: Arrays) -> set[str]:
    """All values, or those of one term, have a factor."""
    found = set()
    right = [trial.right[gradient] for trial in trials]
    name = name_of(exercise, trials, [ratio(one, array) for one, array in zip(given, right, strict=True)])
    if name:
        found.add(factor_text(exercise, name))
    terms = [exercise.terms(trial.values)[gradient] for trial in trials]
    if exercise.together:
        terms = [{**t, "h": sum(t[name] for name in exercise.together)} for t in terms]
    for term in terms[0] if len(terms[0]) > 1 else ():
        rest = [one - array + t[term] for one, array, t in zip(given, right, terms, strict=True)]
        factors = [ratio(one, t[term]) for one, t in zip(rest, terms, strict=True)]
        if name := name_of(exercise, trials, factors):
            found.add(term_text(exercise, term, name))
    return found


def _with_array_added(exercise: Exercise, gradient: str, trials: list[Trial], given: Arrays) -> set[str]:
    """An array that is no term of the gradient is added to it, or subtracted."""
    found = set()
    if not _shapes_agree(gradient, trials, given):
        return found
    differences = [one - trial.right[gradient] for one, trial in zip(given, trials, strict=True)]
    for name in exercise.arrays:
        array = vars(trials[0].values)[name]
        if array.dtype.kind == "f" and array.shape == differences[0].shape:
            factors = [ratio(one, vars(trial.values)[name]) for one, trial in zip(differences, trials, strict=True)]
            if all(factor is not None for factor in factors) and np.ptp(factors) <= 1e-6 * np.abs(factors).max():
                found.add(f"{factors[0]:.6g} {name} is added to the right gradient")
    return found


def _two_terms(exercise: Exercise, gradient: str, trials: list[Trial], given: Arrays) -> set[str]:
    """Two terms have factors of their own."""
    found = set()
    terms = [exercise.terms(trial.values)[gradient] for trial in trials]
    for pair in combinations(terms[0], 2):
        factors = []
        for one, trial, here in zip(given, trials, terms, strict=True):
            rest = one - trial.right[gradient] + here[pair[0]] + here[pair[1]]
            columns = np.stack([here[term].ravel() for term in pair], axis=1)
            solution = np.linalg.lstsq(columns, rest.ravel(), rcond=None)[0]
            fits = close((columns @ solution).reshape(rest.shape), rest)
            factors.append(tuple(solution) if fits else (None, None))
        names = [name_of(exercise, trials, list(column)) for column in zip(*factors, strict=True)]
        if all(names) and "1" not in names:
            found.add("; ".join(term_text(exercise, term, name) for term, name in zip(pair, names, strict=True)))
    return found
