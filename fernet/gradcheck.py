"""Gradient checks: every hand-written backward against central differences in float64.

For a fixed random dy the scalar s(x, params) = sum of dy * forward(x) has the gradient that `backward(dy)` claims. Each
coordinate is moved by +h and -h and the difference quotient compared with it. A random dy matters: with dy = 1, softmax
rows, which sum to a constant, would hide a broken backward.

ReLU and max pooling have kinks, where no gradient exists. Their caches hold the decision taken at each value (a boolean
mask, the winner of a window); a step that changes any decision has crossed a kink, and its quotient says nothing about
the gradient on either side. Such coordinates are counted and left out, never averaged in.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from fernet.backend import Array, array_library, to_host

STEP = 1e-6
TOLERANCE = 1e-6
_MOST_KINKS = 0.2  # of the coordinates: beyond it the point is too close to kinks to say anything

# Maps the checked arrays, by name, to (scalar, discrete decisions); and to their claimed gradients.
Scalar = Callable[[], tuple[float, list[np.ndarray]]]


@dataclass(frozen=True)
class Result:
    """One checked array: `error` is max |claimed - measured| / max |either|, over coordinates away from kinks."""

    subject: str  # the layer or network
    array: str  # "x", "W", "conv1.b"
    coordinates: int
    kinks: int
    error: float
    tolerance: float = TOLERANCE

    @property
    def passed(self) -> bool:
        return self.error <= self.tolerance and self.kinks <= _MOST_KINKS * self.coordinates


def check_layer(subject: str, layer: Any, x: Array, seed: int = 0) -> list[Result]:
    """Check `layer` (or a whole network) at x: one result for x, one for each parameter.

    `x` and the parameters are float64 and are put back as they were.
    """

    def forward() -> tuple[Array, Any]:
        return layer.forward(x, train=True, rng=np.random.default_rng(seed))  # the same dropout masks every time

    y, cache = forward()
    dy = array_library(x).asarray(np.random.default_rng(seed + 1).standard_normal(y.shape))
    dx, grads = layer.backward(dy, cache)

    def scalar() -> tuple[float, list[np.ndarray]]:
        y, cache = forward()
        return float((dy * y).sum()), list(decisions(cache))

    arrays, claimed = {"x": x, **layer.params}, {"x": dx, **grads}
    return check_arrays(subject, scalar, arrays, claimed)


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
        smooth[i] = _same(here, decided_above) and _same(here, decided_below)
    difference = np.abs(claimed - measured)[smooth].max(initial=0.0)
    scale = max(np.abs(claimed[smooth]).max(initial=0.0), np.abs(measured[smooth]).max(initial=0.0), 1e-8)
    error = difference / scale if np.isfinite(claimed).all() else float("inf")
    return Result(subject, name, array.size, int((~smooth).sum()), float(error))


def decisions(cache: Any) -> Iterator[np.ndarray]:
    """The boolean and integer arrays anywhere in a cache: ReLU masks and pooling winners."""
    if isinstance(cache, (list, tuple)):
        for part in cache:
            yield from decisions(part)
    elif hasattr(cache, "dtype") and cache.dtype.kind in "biu":
        yield to_host(cache)


def _same(one: list[np.ndarray], other: list[np.ndarray]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
