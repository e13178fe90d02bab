"""What the three normalisations share: typical mistakes of their first two terms, and how each changes the arrays."""

import numpy as np

from fernet.exercises.exercise import Slip

FIRST = "dy D^-power"
SHAPES = (
    {"N": 2, "H": 7, "width": 6, "C": 3, "n": 3, "power": 0.75},
    {"N": 3, "H": 6, "width": 8, "C": 2, "n": 4, "power": 0.6},
    {"N": 4, "H": 5, "width": 7, "C": 2, "n": 2, "power": 0.85},
    {"N": 1, "H": 4, "width": 5, "C": 1, "n": 5, "power": 0.5},
    {"N": 2, "H": 3, "width": 4, "C": 2, "n": 1, "power": 0.75},
)  # of windows over rows and columns
DIRECT = (
    Slip("direct", "no divisor", "the first term is dy alone: D^-power is missing"),
    Slip("direct", "positive", "the first term has D^power, where D^-power belongs"),
    Slip("direct", "one more", "the first term has D^(-power - 1), where D^-power belongs"),
    Slip("direct", "1/D", "the first term is dy / D: the exponent is -power, not -1"),
    Slip("direct", "no dy", "the first term is D^-power alone: dy is missing"),
    Slip("direct", "x", "the first term is multiplied by x: that is dy y, where dy D^-power belongs"),
    Slip("direct", "collected", "the first term is summed over the window, too; as the dividend x_q reaches y_q alone"),
)
BOTH = (
    Slip("base", "no divisor", "D^-power is missing in both terms"),
    Slip("base", "positive", "D^power stands where D^-power belongs, in both terms"),
    Slip("base", "one more", "D^(-power - 1) stands where D^-power belongs, in both terms"),
    Slip("base", "1/D", "1 / D stands where D^-power belongs, in both terms: the exponent is -power, not -1"),
    Slip("base", "root", "1 / sqrt(D) stands where D^-power belongs, in both terms"),
)
SUMMED = (
    Slip("summed", "without k", "the sum divides by D - k, where D belongs"),
    Slip("summed", "dy twice", "dy D^-power stands in the sum where y = x D^-power belongs"),
    Slip(
        "summed",
        "no 1/D",
        "the division by D is missing in the sum: the exponent is -power, where D^(-power - 1) belongs",
    ),
    Slip("summed", "D twice", "the sum divides by D twice: the exponent is -power - 2, where D^(-power - 1) belongs"),
    Slip("summed", "times D", "the sum multiplies by D, where it must divide: the exponent is 1 - power"),
    Slip("summed", "x for y", "the sum has dy x / D, where dy y / D belongs: y is x D^-power"),
    Slip("summed", "positive", "the exponent of D in the sum has the wrong sign"),
    Slip("summed", "no x/D", "the sum has dy D^-power, where dy y / D belongs: the factor x / D is missing"),
    Slip("summed", "no x", "the sum lacks x: what is summed is dy y / D, with y = x D^-power"),
    Slip("summed", "no dy", "the sum lacks dy"),
    Slip("summed", "squares", "the sum has y^2, where y belongs"),
)
PLACES = (
    Slip("window", "alone", "the sum over the windows is missing: only p = q is counted"),
    Slip(
        "window",
        "not mirrored",
        "the window is not mirrored, which matters for even n: to reach every p whose window contains q, it must "
        "start n - 1 - n // 2 ahead of q, not n // 2",
    ),
    Slip(
        "window", "mean", "the sum over the windows is divided by the number of places in it: it is a sum, not a mean"
    ),
    Slip("window", "all", "the sum runs over the whole map; only the windows that contain q count"),
    Slip(
        "window",
        "one ahead",
        "the window starts n - n // 2 ahead of q, which is one too far: it must start n - 1 - n // 2 ahead of q",
    ),
    Slip("window", "starts", "the window starts at q itself; it reaches to both sides of q"),
    Slip("window", "ends", "the window ends at q itself; it reaches to both sides of q"),
    Slip("window", "larger", "the window is one wider than n"),
    Slip("window", "smaller", "the window is one narrower than n"),
    Slip("window", "symmetric", "the window reaches n // 2 to both sides of q: for even n it is one too long"),
    Slip("window", "wraps below", "the window goes on at the other end where an index falls below 0; it ends there"),
    Slip("window", "wraps", "the window goes round at the ends, where it must stop"),
    Slip("window", "three", "the window is 3 wide, whatever n is"),
    Slip("window", "twice", "the sum over the windows is taken twice, one sum of the other"),
    Slip("window", "without q", "the sum leaves out q itself; q is in its own window"),
)
ONE_AXIS = (
    Slip("window", "first axis", "the sum runs over the rows of the window only; it has columns, too"),
    Slip("window", "last axis", "the sum runs over the columns of the window only; it has rows, too"),
)
WRONG_AXIS = (
    Slip("window", "row axis", "the sum runs along the rows of the image; it must run across the maps"),
    Slip("window", "column axis", "the sum runs along the columns of the image; it must run across the maps"),
)


def first_term(t, D, change, collect):
    """The first term."""
    dy, x, power = t.dy, t.x, t.power
    return {
        "right": lambda: dy * D**-power,
        "no divisor": lambda: dy,
        "no dy": lambda: D**-power,
        "positive": lambda: dy * D**power,
        "one more": lambda: dy * D ** (-power - 1),
        "1/D": lambda: dy / D,
        "root": lambda: dy / np.sqrt(D),
        "x": lambda: dy * x * D**-power,
        "collected": lambda: collect(dy * D**-power),
    }[change]()


def inside_sum(t, D, change):
    """What is summed over the windows: dy y / D."""
    dy, x, power = t.dy, t.x, t.power
    return {
        "right": lambda: dy * x * D ** (-power - 1),
        "no 1/D": lambda: dy * x * D**-power,
        "D twice": lambda: dy * x * D ** (-power - 2),
        "times D": lambda: dy * x * D ** (1 - power),
        "x for y": lambda: dy * x / D,
        "positive": lambda: dy * x * D ** (power - 1),
        "without k": lambda: dy * x * D**-power / (D - t.k),
        "dy twice": lambda: dy**2 * D ** (-2 * power - 1),
        "no x/D": lambda: dy * D**-power,
        "no x": lambda: dy * D ** (-power - 1),
        "no dy": lambda: x * D ** (-power - 1),
        "squares": lambda: dy * x**2 * D ** (-2 * power - 1),
    }[change]()


def collector(window_sum, axes, n, change):
    """The function that sums over the windows which contain q, with one change."""
    mirrored = n - 1 - n // 2
    return {
        "right": lambda a: window_sum(a, n, mirrored),
        "alone": lambda a: a,
        "not mirrored": lambda a: window_sum(a, n, n // 2),
        "mean": lambda a: window_sum(a, n, mirrored) / window_sum(np.ones_like(a), n, mirrored),
        "one ahead": lambda a: window_sum(a, n, n - n // 2) if n > 1 else 0 * a,
        "starts": lambda a: window_sum(a, n, 0),
        "ends": lambda a: window_sum(a, n, n - 1),
        "larger": lambda a: window_sum(a, n + 1, n - n // 2),
        "smaller": lambda a: window_sum(a, n - 1, n - 2 - (n - 1) // 2) if n > 1 else a,
        "three": lambda a: window_sum(a, 3, 1),
        "twice": lambda a: window_sum(window_sum(a, n, mirrored), n, mirrored),
        "symmetric": lambda a: window_sum(a, 2 * (n // 2) + 1, n // 2),
        "wraps below": lambda a: _wrapped(window_sum, a, axes, n, mirrored, above=False),
        "wraps": lambda a: _wrapped(window_sum, a, axes, n, mirrored, above=True),
        "first axis": lambda a: _along(window_sum, a, axes[0], n, mirrored),
        "last axis": lambda a: _along(window_sum, a, axes[-1], n, mirrored),
        "row axis": lambda a: _across(window_sum, a, 1, n, mirrored),
        "column axis": lambda a: _across(window_sum, a, 2, n, mirrored),
        "all": lambda a: a.sum(axis=axes, keepdims=True) + 0 * a,
        "without q": lambda a: window_sum(a, n, mirrored) - a,
    }[change]


def _along(window_sum, a, axis, n, before):
    """The sum over the window along one of its two axes: the other is spread out so far that windows hold one place."""
    other = 3 - axis
    apart = np.zeros(tuple(n * length if one == other else length for one, length in enumerate(a.shape)))
    places = tuple(slice(None, None, n) if one == other else slice(None) for one in range(a.ndim))
    apart[places] = a
    return window_sum(apart, n, before)[places]


def _across(window_sum, a, axis, n, before):
    """The sum across maps, along another axis."""
    return window_sum(a.swapaxes(axis, 3), n, before).swapaxes(axis, 3)


def _wrapped(window_sum, a, axes, n, before, above):
    """The sum over windows that go on at the other end, as negative indices do; past the last place only if `above`."""
    ends = [(before, n - 1 - before) if axis in axes else (0, 0) for axis in range(a.ndim)]
    wide = np.pad(a, ends, mode="wrap")
    if not above:
        for axis in axes:
            wide[(slice(None),) * axis + (slice(before + a.shape[axis], None),)] = 0
    inside = tuple(slice(start, start + length) for (start, _), length in zip(ends, a.shape, strict=True))
    return window_sum(wide, n, before)[inside]
