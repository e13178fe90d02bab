"""Typical mistakes as patches of the package's own source: old lines and the new ones that take their place."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from fernet.exercises.all_exercises import EXERCISES
from fernet.exercises.exercise import Exercise, Trial


@dataclass(frozen=True)
class Mistake:
    """A patch of the code that solves an exercise, and words that the diagnosis must contain."""

    exercise: str
    named: str
    changes: tuple[tuple[str, str], ...]  # old text, which occurs once, and new text


def mistakes(exercise: str, *written: tuple[str, ...]) -> tuple[Mistake, ...]:
    """Mistakes written as (words of the diagnosis, old, new, old, new, ...)."""
    return tuple(
        Mistake(exercise, named, tuple(zip(texts[::2], texts[1::2], strict=True))) for named, *texts in written
    )


def original(exercise: Exercise) -> str:
    """The source of the class or function that solves the exercise."""
    return inspect.getsource(getattr(import_module(exercise.source), exercise.solved_by))


def patched(mistake: Mistake) -> str:
    """That source with the mistake in it; ValueError if an old text does not occur exactly once."""
    text = original(EXERCISES[mistake.exercise])
    for old, new in mistake.changes:
        if text.count(old) != 1:
            raise ValueError(f"{mistake.exercise}: {old!r} occurs {text.count(old)} times in the source, expected once")
        text = text.replace(old, new)
    return text


def namespace_of(exercise: Exercise, text: str) -> dict[str, Any]:
    """The names of the module that solves the exercise, after its class or function was replaced by `text`."""
    module = import_module(exercise.source)
    whole = inspect.getsource(module).replace(original(exercise), text)
    namespace: dict[str, Any] = {"__name__": module.__name__}
    exec(compile(whole, f"<{exercise.name} with a mistake>", "exec"), namespace)  # the package's own text
    return namespace


def answer_of(mistake: Mistake) -> Callable[[Trial], dict[str, np.ndarray]]:
    """The gradients that the patched code gives on a trial."""
    exercise = EXERCISES[mistake.exercise]
    namespace = namespace_of(exercise, patched(mistake))
    return lambda trial: exercise.by_layer(namespace, trial.values)
