"""Response normalisation."""

import numpy as np

from fernet.exercises.exercise import Exercise, Slip
from fernet.exercises.subjects.divisor import (
    BOTH,
    DIRECT,
    FIRST,
    ONE_AXIS,
    PLACES,
    SHAPES,
    SUMMED,
    collector,
    first_term,
    inside_sum,
)

THROUGH = "through the divisor"
ADVICE = {
    f"{THROUGH}: 0": "the path through the divisor is missing: D depends on x, too",
    f"{THROUGH}: 1/2": "the factor 2 of the second term is missing: it comes from the derivative of x^2",
    f"{THROUGH}: 1/alpha": "alpha is missing in the second term",
    f"{THROUGH}: alpha": "alpha is there twice in the second term",
    f"{THROUGH}: 1/power": "the factor power is missing in the second term: it comes from the derivative of D^-power",
    f"{THROUGH}: power": "the factor power is there twice in the second term",
    f"{THROUGH}: 1/n^2": "the second term is divided by n^2, which alpha already contains",
    f"{THROUGH}: n^2": "the second term has scale in place of alpha: it is n^2 times the right one",
    f"{THROUGH}: 1/n": "the second term is divided by n, which alpha already contains",
    f"{THROUGH}: n": "the second term has scale in place of alpha: it is n times the right one",
    f"{THROUGH}: 1/2power": "the factor 2 power of the second term is missing",
    f"{THROUGH}: 1/2alpha": "the factor 2 alpha of the second term is missing",
    f"{THROUGH}: 1/2poweralpha": "the factor 2 power alpha of the second term is missing",
    f"{THROUGH}: 1/power-1": "the second term has the factor 1 - power, where power belongs",
    f"{THROUGH}: 1+1/power": "the second term has the factor power + 1, where power belongs",
    f"{THROUGH}: -1": "the second term has the wrong sign: a larger D makes y smaller",
    f"{FIRST}: 0": "the first term is missing: dy D^-power, x as the dividend",
    f"{FIRST}: -1": "the first term has the wrong sign",
}
HINTS = (
    "There are two terms. In the second, x_q stands outside the sum, and dy y / D inside, at the places p, with "
    "y = x D^-power. q is in win(p) when p is in the mirrored window of q.",
    "for every q:\n    dx[q] = dy[q] * D[q] ** -power\n    for every p whose window contains q:\n"
    "        dx[q] -= 2 * power * alpha * x[q] * dy[p] * y[p] / D[p]\n"
    "# for even n this window starts n - 1 - n // 2 ahead of q, not n // 2",
)


class Response(Exercise):
    name, title, lesson = "response", "response normalisation", 9
    source, solved_by = "fernet.layers.response_norm", "ResponseNorm"
    gradients = {"dx": ("image", "row", "column", "map")}
    arrays = {"x": gradients["dx"], "D": gradients["dx"], "dy": gradients["dx"]}
    shapes = SHAPES
    slips = (
        *DIRECT,
        *BOTH,
        *SUMMED,
        *PLACES,
        *ONE_AXIS,
        Slip("outside", "inside", "x stands inside the sum, at p; it belongs outside, at q, where dx is wanted"),
        Slip("outside", "none", "the factor x outside the sum is missing: it comes from the derivative of x^2"),
        Slip("outside", "y", "y stands outside the sum, where x belongs"),
        Slip("outside", "squared", "x^2 stands outside the sum, where x belongs"),
        Slip("outside", "size", "|x| stands outside the sum, where x belongs"),
        Slip("outside", "D outside", "the division by D stands outside the sum: it is D_p, not D_q"),
        Slip(
            "outside", "all D outside", "D^(-power - 1) stands outside the sum: it is D_p, one for each window, not D_q"
        ),
        Slip("outside", "y/D outside", "y / D stands outside the sum, at q; it is y_p / D_p, one for each window"),
        Slip("outside", "y outside", "y stands outside the sum, at q; it is y_p, one for each window"),
        Slip("outside", "dy outside", "dy stands outside the sum, at q; it is dy_p, one for each window"),
        Slip("joined", "product", "the two terms are multiplied; they must be added"),
    )
    advice = ADVICE
    hints = (
        "dx, dy, x and D have one shape, (N, H, W, C). window_sum keeps it.",
        *HINTS,
        "inner = window_sum(dy * x * D ** (-power - 1), n, n - 1 - n // 2)\n"
        "dx = dy * D**-power - 2 * power * alpha * x * inner",
    )
    window_axes = (1, 2)

    def draw(self, rng, N, H, width, C, n, power):
        constants = {"n": n, "alpha": 7.0 / self._places(n), "power": power, "k": 0.6 + 0.8 * float(rng.random())}
        return {"x": rng.standard_normal((N, H, width, C)), **constants}

    def window_sum(self, x, n, before):
        return self.page.window_sum(x, n, before)

    def prepare(self, t):
        t.D = t.k + t.alpha * self.window_sum(t.x * t.x, t.n, t.n // 2)

    def terms(self, t, direct="right", base="right", summed="right", window="right", outside="right", joined="sum"):
        D = t.D
        collect = collector(self.window_sum, self.window_axes, t.n, window)
        inner, factor = inside_sum(t, D, summed), -2 * t.power * t.alpha
        if base != "right":
            direct, inner = base, first_term(t, D, base, collect) * t.x / D
        second = {
            "right": lambda: t.x * collect(inner),
            "inside": lambda: collect(t.x * inner),
            "none": lambda: collect(inner),
            "y": lambda: t.x * D**-t.power * collect(inner),
            "squared": lambda: t.x**2 * collect(inner),
            "size": lambda: np.abs(t.x) * collect(inner),
            "D outside": lambda: t.x * collect(inner * D) / D,
            "all D outside": lambda: t.x * D ** (-t.power - 1) * collect(t.dy * t.x),
            "y/D outside": lambda: t.x * t.x * D ** (-t.power - 1) * collect(t.dy),
            "y outside": lambda: t.x * t.x * D**-t.power * collect(t.dy / D),
            "dy outside": lambda: t.x * t.dy * collect(t.x * D ** (-t.power - 1)),
        }[outside]()
        first = first_term(t, D, direct, collect)
        if joined == "product":
            return {"dx": {"": first * factor * second}}
        return {"dx": {FIRST: first, THROUGH: factor * second}}

    def quantities(self, t):
        values = {"alpha": t.alpha, "power": t.power, "2power": 2 * t.power, "2alpha": 2 * t.alpha}
        values |= {"2poweralpha": 2 * t.power * t.alpha, "1+1/power": 1 + 1 / t.power, "1/power-1": 1 / t.power - 1}
        if t.n > 1:
            values |= {"n": t.n, "n^2": t.n**2}
        return values

    def layer(self, namespace, t):
        return namespace[self.solved_by](t.n, t.alpha * self._places(t.n), t.power, t.k)

    def _places(self, n):
        return n ** len(self.window_axes)  # of a window
