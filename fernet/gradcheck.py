"""Gradient checks: every hand-written backward pass against central differences in float64.

For a fixed random dy, the gradient of the scalar s(x, params) = sum of dy * forward(x) is what `backward(dy)` claims
to return. Each coordinate is moved by +h and -h, and the difference quotient is compared with the claim. dy must be
random: with dy = 1, softmax rows, which sum to a constant, would hide a broken backward pass.

ReLU and max pooling have kinks, where no gradient exists. Their caches hold the decision taken at each value (a boolean
mask, the position of a window's maximum). A step that changes any decision has crossed a kink, and its quotient says
nothing about the gradient on either side. Such coordinates are counted and left out, never averaged in.

A layer promises more than a correct gradient: it keeps no state between calls, writes into none of its arguments, and
returns the same gradients when only those of its parameters are requested. `check_contract` tests this.

`fernet.step_sizes` shows why the step is 1e-6 and the precision float64, and which mistakes another dy would accept.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from fernet.backend import Array, array_library, to_host

STEP = 1e-6
TOLERANCE = 1e-6
DY = ("random", "ones")
_MOST_KINKS = 0.2  # of the coordinates: with more, the point is too close to kinks for a meaningful check

# Maps the checked arrays, by name, to (scalar, discrete decisions); and to their claimed gradients.
Scalar = Callable[[], tuple[float, list[np.ndarray]]]


@dataclass(frozen=True)
class Result:
    """One checked array: `error` is max |claimed - measured| / max |either|, over coordinates away from kinks."""

    subject: str  # the layer or network
    array: str  # "x", "W", "conv1.b"; "x (overwritten)" for a breach of the contract
    coordinates: int
    kinks: int
    error: float
    tolerance: float = TOLERANCE

    @property
    def passed(self) -> bool:
        return self.error <= self.tolerance and self.kinks <= _MOST_KINKS * self.coordinates


@dataclass(frozen=True)
class Problem:
    """A scalar, the arrays that it reads in place, and the gradient claimed for each of them."""

    scalar: Scalar
    arrays: dict[str, Array]
    claimed: dict[str, Array]


def layer_problem(layer: Any, x: Array, seed: int = 0, dy: str = "random") -> Problem:
    """The scalar s of `layer` (or a whole network) at x, for a random dy or for dy = 1 ("ones"), in the dtype of x."""

    def forward() -> tuple[Array, Any]:
        return layer.forward(x.copy(), train=True, rng=np.random.default_rng(seed))  # the same dropout masks every time

    y, cache = forward()
    drawn = np.random.default_rng(seed + 1).standard_normal(y.shape) if dy == "random" else np.ones(y.shape)
    fixed = array_library(x).asarray(drawn.astype(x.dtype))
    dx, grads = layer.backward(fixed.copy(), cache)

    def scalar() -> tuple[float, list[np.ndarray]]:
        y, cache = forward()
        return float((fixed * y).sum()), list(decisions(cache))

    return Problem(scalar, {"x": x, **layer.params}, {"x": dx, **grads})


def check_layer(subject: str, layer: Any, x: Array, seed: int = 0, dy: str = "random") -> list[Result]:
    """Check `layer` (or a whole network) at x: one result for x, one for each parameter, and those of `check_contract`.

    `x` and the parameters are float64; they are restored afterwards.
    """
    problem = layer_problem(layer, x, seed, dy)
    results = check_arrays(subject, problem.scalar, problem.arrays, problem.claimed)
    return results + check_contract(subject, layer, x, seed)


def check_contract(subject: str, layer: Any, x: Array, seed: int = 0) -> list[Result]:
    """One failed result for each array that shows that `layer` breaks the contract of `fernet.layers` at x.

    x (overwritten)       forward or backward wrote into its argument, or a later call into an earlier result
    x (stale cache)       the gradient changed after passes with another input: the layer keeps state between calls
    W (weight_gradients)  the gradient of the parameter alone is not the one that backward gives
    """
    given, params = x.copy(), layer.params
    before = {name: value.copy() for name, value in params.items()}
    y, cache = layer.forward(given, train=True, rng=np.random.default_rng(seed))
    first_y = y.copy()
    first_dy = array_library(x).asarray(np.random.default_rng(seed + 1).standard_normal(y.shape))
    dy = first_dy.copy()
    dx, grads = layer.backward(dy, cache)
    first = {name: gradient.copy() for name, gradient in {"x": dx, **grads}.items()}
    alone = _gradients_of_parameters(layer, first_dy.copy(), cache)
    _, other_cache = layer.forward(0.3 - 0.7 * x, train=True, rng=np.random.default_rng(seed + 2))
    layer.backward(-0.7 * first_dy, other_cache)

    now_and_then = {"x": (given, x), "dy": (dy, first_dy), "y": (y, first_y)}
    now_and_then |= {name: (value, before[name]) for name, value in params.items()}
    now_and_then |= {f"d{name}": (gradient, first[name]) for name, gradient in {"x": dx, **grads}.items()}
    results = [
        _comparison(subject, f"{name} (overwritten)", now, then, tolerance=0.0)
        for name, (now, then) in now_and_then.items()
    ]
    _put_back(params, before)
    later_dx, later_grads = layer.backward(first_dy.copy(), cache)
    for name, gradient in {"x": later_dx, **later_grads}.items():
        results.append(_comparison(subject, f"{name} (stale cache)", gradient, first[name]))
    for name, gradient in alone.items():
        results.append(_comparison(subject, f"{name} (weight_gradients)", gradient, first[name]))
    _put_back(params, before)
    return [result for result in results if not result.passed]


def _put_back(params: dict[str, Array], before: dict[str, Array]) -> None:
    for name, value in params.items():
        value[...] = before[name]


def _gradients_of_parameters(layer: Any, dy: Array, cache: Any) -> dict[str, Array]:
    """The gradients of the parameters without that of x, as a layer and as a network give them."""
    if hasattr(layer, "weight_gradients"):
        return layer.weight_gradients(dy, cache)
    return layer.backward(dy, cache, input_gradient=False)[1]


def _comparison(subject: str, name: str, one: Array, other: Array, tolerance: float = TOLERANCE) -> Result:
    """`error` is max |one - other| / max |either|."""
    one, other = to_host(one), to_host(other)
    scale = max(np.abs(one).max(initial=0.0), np.abs(other).max(initial=0.0), 1e-8)
    return Result(subject, name, one.size, 0, float(np.abs(one - other).max(initial=0.0) / scale), tolerance)


def check_arrays(
    subject: str, scalar: Scalar, arrays: dict[str, Array], claimed: dict[str, Array], step: float = STEP
) -> list[Result]:
    """Compare the claimed gradient of `scalar` with respect to each of `arrays`, which `scalar` reads in place."""
    return [_check_array(subject, name, scalar, array, claimed[name], step) for name, array in arrays.items()]


def _check_array(subject: str, name: str, scalar: Scalar, array: Array, claimed: Array, step: float) -> Result:
    here = scalar()[1]
    claimed = to_host(claimed).ravel()
    measured = np.zeros(array.size)
    smooth = np.ones(array.size, bool)
    flat = array.reshape(-1)  # a view: arrays that are checked are contiguous
    for i in range(array.size):
        value = float(flat[i])
        flat[i] = value + step
        above, decided_above = scalar()
        flat[i] = value - step
        below, decided_below = scalar()
        flat[i] = value
        measured[i] = (above - below) / (2 * step)
        smooth[i] = same_decisions(here, decided_above) and same_decisions(here, decided_below)
    difference = np.abs(claimed - measured)[smooth].max(initial=0.0)
    scale = max(np.abs(claimed[smooth]).max(initial=0.0), np.abs(measured[smooth]).max(initial=0.0), 1e-8)
    error = difference / scale if np.isfinite(claimed).all() else float("inf")
    return Result(subject, name, array.size, int((~smooth).sum()), float(error))


def decisions(cache: Any) -> Iterator[np.ndarray]:
    """The boolean and integer arrays anywhere in a cache: ReLU masks and positions of maxima."""
    if isinstance(cache, (list, tuple)):
        for part in cache:
            yield from decisions(part)
    elif hasattr(cache, "dtype") and cache.dtype.kind in "biu":
        yield to_host(cache)


def same_decisions(one: list[np.ndarray], other: list[np.ndarray]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
