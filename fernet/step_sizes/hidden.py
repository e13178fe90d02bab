"""Which mistakes of the catalogue a check with another dy, or another scale, accepts as right."""

from functools import cache

import numpy as np

from fernet.backend import Array
from fernet.exercises.all_exercises import EXERCISES
from fernet.exercises.catalogue import CATALOGUE
from fernet.exercises.source import Mistake, namespace_of, patched
from fernet.gradcheck import check_layer
from fernet.gradcheck_cases import case_layer
from fernet.layers import Layer


def seeded(name: str) -> list[Mistake]:
    """The mistakes of the catalogue in the layer of the case `name` that change its gradient there."""
    return [mistake for mistake in _mistakes(name) if not accepts(name, mistake)]


def accepts(name: str, mistake: Mistake, dy: str = "random", scale: float | None = None) -> bool:
    """Whether the check of the case `name` passes, with this mistake in the source of its layer."""
    broken, x = with_mistake(name, mistake, scale)
    try:
        return _fits(broken, x) and all(result.passed for result in check_layer(name, broken, x, dy=dy))
    except ValueError:  # arrays that do not fit together
        return False


def with_mistake(name: str, mistake: Mistake, scale: float | None = None) -> tuple[Layer, Array]:
    """The layer of the case `name`, in whose source the mistake was made, and its input."""
    layer, x = case_layer(name, scale=scale)
    broken = object.__new__(_broken_class(mistake))
    vars(broken).update(vars(layer))
    return broken, x


def _mistakes(name: str) -> list[Mistake]:
    kind = type(case_layer(name)[0])
    solved = [one.name for one in EXERCISES.values() if (one.source, one.solved_by) == (kind.__module__, kind.__name__)]
    return [mistake for mistake in CATALOGUE if mistake.exercise in solved]


@cache
def _broken_class(mistake: Mistake) -> type[Layer]:
    exercise = EXERCISES[mistake.exercise]
    return namespace_of(exercise, patched(mistake))[exercise.solved_by]


def _fits(layer: Layer, x: Array) -> bool:
    """Whether every gradient has the shape of its array; others cannot even be compared."""
    y, kept = layer.forward(x, train=True, rng=np.random.default_rng(0))
    dx, grads = layer.backward(np.ones_like(y), kept)
    return dx.shape == x.shape and all(grads[name].shape == value.shape for name, value in layer.params.items())
