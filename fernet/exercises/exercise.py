"""What an exercise consists of, and the random inputs on which an answer is judged.

The right gradient is a sum of named terms. `terms` computes them, and takes keyword arguments, each of which changes
one ingredient: a filter that is not flipped, another mask, a wrong exponent. A `Slip` is such a change with the
sentence that describes it. The diagnosis compares the learner's array with what these changes give.
"""

from dataclasses import dataclass
from importlib import import_module
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from fernet.layers import Layer

Terms = dict[str, dict[str, np.ndarray]]  # gradient -> term -> array; the terms of a gradient add up to it


@dataclass(frozen=True)
class Slip:
    """One changed ingredient, `terms(t, **{ingredient: value})`, and the sentence that says what is wrong."""

    ingredient: str
    value: Any
    text: str


@dataclass(frozen=True)
class Trial:
    """One random input: the arguments of `forward`, the gradients that arrive, and the right answer."""

    shape: dict[str, Any]
    inputs: dict[str, Any]
    outputs: tuple[Any, ...]
    arriving: dict[str, np.ndarray]
    values: SimpleNamespace  # inputs and arriving gradients by name
    right: dict[str, np.ndarray]


class Exercise:
    """A backward pass to write. Subclasses describe one each; `fernet/exercises/pages` holds the files to fill in."""

    name: str
    title: str
    lesson: int
    source: str  # module whose code solves the exercise
    solved_by: str  # class or function in it
    gradients: dict[str, tuple[str, ...]]  # what backward returns, in order, and what each axis counts
    arriving: tuple[str, ...] = ("dy",)
    arrays: dict[str, tuple[str, ...]]  # what backward can read, and what each axis counts: the cache in order, dy
    shapes: tuple[dict[str, Any], ...]  # keyword arguments of `draw`; an answer is diagnosed on the first three
    slips: tuple[Slip, ...] = ()
    advice: dict[str, str]  # what a factor ("1/N"), or one of a term ("direct: 0"), means here
    together: tuple[str, ...] = ()  # terms that contain a common one, called h
    hints: tuple[str, str, str, str]  # shapes, the idea in words, the loops as code, the line as code

    def draw(self, rng: np.random.Generator, **shape: Any) -> dict[str, Any]:
        """Random arguments of `forward` in float64."""
        raise NotImplementedError

    def prepare(self, t: SimpleNamespace) -> None:
        """Set what the forward pass leaves for `terms`: a mask, D, probabilities, y."""

    def terms(self, t: SimpleNamespace, **changes: Any) -> Terms:
        """The terms of every gradient, with some ingredients changed."""
        raise NotImplementedError

    def products(self, t: SimpleNamespace) -> dict[str, tuple[np.ndarray, tuple[str, ...]]]:
        """Gradients that are sums over whole axes: what is summed, those axes first, and what these axes count."""
        return {}

    def quantities(self, t: SimpleNamespace) -> dict[str, float]:
        """Numbers that may be missing or too many as a factor, by their names."""
        return {}

    def layer(self, namespace: dict[str, Any], t: SimpleNamespace) -> Layer:
        """The package's own layer, whose class is taken from `namespace`, with the constants and weights of `t`."""
        raise NotImplementedError

    def by_layer(self, namespace: dict[str, Any], t: SimpleNamespace) -> dict[str, np.ndarray]:
        """The gradients that the package's own code, taken from `namespace`, gives."""
        layer = self.layer(namespace, t)
        _, cache = layer.forward(t.x, train=True, rng=np.random.default_rng(getattr(t, "seed", 0)))
        dx, grads = layer.backward(t.dy, cache)
        found = {"dx": dx, **{f"d{name}": gradient for name, gradient in grads.items()}}
        return {name: found[name] for name in self.gradients}

    def is_drawn_anew(self, t: SimpleNamespace, given: np.ndarray) -> str | None:
        """What is wrong with an answer that contains random numbers of its own; no array can be compared with it."""
        return None

    def is_seen_in(self, t: SimpleNamespace, given: np.ndarray) -> str | None:
        """What is wrong with an answer, if its values show it although no candidate has them: a mask may be any."""
        return None

    def axes(self, name: str, array: np.ndarray) -> tuple[str, ...]:
        """What each axis of `array` counts, a gradient or an array that backward reads; exercises that take arrays of
        any shape have names for two axes only."""
        names = self.gradients.get(name) or self.arrays[name]
        return names if len(names) == array.ndim else tuple(f"place on axis {axis}" for axis in range(array.ndim))

    @property
    def page(self) -> ModuleType:
        """The file to fill in, as a module."""
        return import_module(f"fernet.exercises.pages.{self.name}")

    def trial(self, seed: int, shape: dict[str, Any]) -> Trial:
        """A random input of `shape`."""
        rng = np.random.default_rng(seed)
        inputs = self.draw(rng, **shape)
        y, _ = self.page.forward(**inputs)
        outputs = y if isinstance(y, tuple) else (y,)
        arriving = {name: rng.standard_normal(np.shape(one)) for name, one in zip(self.arriving, outputs, strict=False)}
        values = SimpleNamespace(**inputs, **arriving)
        if self.arriving == ("dy",):
            values.y = y
        self.prepare(values)
        right = {name: sum(terms.values()) for name, terms in self.terms(values).items()}
        return Trial(shape, inputs, outputs, arriving, values, right)

    def trials(self, seed: int = 0) -> list[Trial]:
        """The three inputs of the diagnosis; their sizes differ, so that N is not taken for a number of pixels."""
        return [self.trial(seed + number, shape) for number, shape in enumerate(self.shapes[:3])]
