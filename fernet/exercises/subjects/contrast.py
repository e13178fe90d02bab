"""Contrast normalisation."""

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

ENERGY, MEAN = "through the energy", "through the mean"


class Contrast(Exercise):
    name, title, lesson = "contrast", "contrast normalisation", 9
    source, solved_by = "fernet.layers.contrast_norm", "ContrastNorm"
    gradients = {"dx": ("image", "row", "column", "map")}
    arrays = dict.fromkeys(("x", "d", "D", "pixels", "dy"), gradients["dx"])
    shapes = SHAPES
    slips = (
        *DIRECT,
        *BOTH,
        *(slip for slip in SUMMED if slip.value != "without k"),  # a window of one pixel has D = k
        *PLACES,
        *ONE_AXIS,
        Slip("summed", "d for x", "the sum has d D^-power, where y = x D^-power belongs"),
        Slip("outside", "x", "h has x outside the sum, where d belongs: D is made of d, not of x"),
        Slip("outside", "mean", "h has the mean m outside the sum, where d belongs"),
        Slip("outside", "none", "the factor d of h is missing: it comes from the derivative of d^2"),
        Slip("outside", "inside", "d stands inside the sum, at p; in h it belongs outside, at q"),
        Slip("outside", "D outside", "the division by D stands outside the sum of h: it is D_p, not D_q"),
        Slip(
            "outside", "all D outside", "D^(-power - 1) stands outside the sum: it is D_p, one for each window, not D_q"
        ),
        Slip("outside", "y/D outside", "y / D stands outside the sum of h, at q; it is y_p / D_p, one for each window"),
        Slip(
            "mean",
            "n^2",
            "the path through the mean divides by n^2, not by n_p: windows at the border hold fewer pixels",
        ),
        Slip("mean", "after", "n_p divides after the sum, at q; each window p has its own n_p: divide before the sum"),
        Slip(
            "mean",
            "forward",
            "the mean of the forward pass is taken of h, where its transpose belongs: divide by n_p before the sum,"
            " over the mirrored window",
        ),
        Slip("mean", "not divided", "the division by n_p is missing on the path through the mean"),
        Slip("mean", "alone", "the sum over the windows is missing on the path through the mean"),
        Slip(
            "mean",
            "not mirrored",
            "the window of the path through the mean is not mirrored, which matters for even n: it must start "
            "n - 1 - n // 2 ahead of q, not n // 2",
        ),
        Slip(
            "mean",
            "one ahead",
            "the window of the path through the mean starts n - n // 2 ahead of q, which is one too far: it must start "
            "n - 1 - n // 2 ahead of q",
        ),
        Slip("mean", "direct too", "the first term also goes through the mean; only h, the gradient of d, may"),
        Slip("mean", "of direct", "the first term goes through the mean in place of h, the gradient of d"),
        Slip("mean", "map", "the mean of h over the whole map is taken; each window has its own mean"),
        Slip("mean", "twice", "the path through the mean is taken twice, one mean after the other"),
        Slip("mean", "of dy", "dy goes through the mean in place of h"),
    )
    advice = {
        f"{MEAN}: 0": "the path through the mean is missing: d = x - m, and m depends on x, too",
        f"{MEAN}: -1": "the path through the mean has the wrong sign: d = x - m",
        f"{ENERGY}: 0": "the term h itself is missing: d = x - m depends on x directly as well",
        f"{ENERGY}: -1": "h has the wrong sign on its direct way only",
        "h: 0": "D is treated as a constant: both paths through it are missing",
        "h: -1": "h has the wrong sign: a larger D makes y smaller",
        "h: 1/2": "the factor 2 of h is missing: it comes from the derivative of d^2",
        "h: 1/alpha": "alpha is missing in h",
        "h: alpha": "alpha is there twice in h",
        "h: 1/power": "the factor power is missing in h: it comes from the derivative of D^-power",
        "h: power": "the factor power is there twice in h",
        "h: n^2": "h has scale in place of alpha: it is n^2 times the right one",
        "h: 1/n^2": "h is divided by n^2, which alpha already contains",
        "h: 1/2power": "the factor 2 power of h is missing",
        "h: 1/2alpha": "the factor 2 alpha of h is missing",
        "h: 1/2poweralpha": "the factor 2 power alpha of h is missing",
        "h: 1/power-1": "h has the factor 1 - power, where power belongs",
        "h: 1+1/power": "h has the factor power + 1, where power belongs",
        f"{FIRST}: 0": "the first term is missing: dy D^-power, x as the dividend",
        f"{FIRST}: -1": "the first term has the wrong sign",
    }
    together = (ENERGY, MEAN)
    hints = (
        "dx, dy, x, d and D have one shape, (N, H, W, C). pixels is n_p, (1, H, W, 1). window_sum keeps the shape.",
        "There are three terms: direct, h, and h through the mean. y is x D^-power. Divide h by n_p before the "
        "sum. q is in win(p) when p is in the mirrored window of q.",
        "for every q:\n    h[q] = 0\n    for every p whose window contains q:\n"
        "        h[q] -= 2 * power * alpha * d[q] * dy[p] * y[p] / D[p]\n"
        "for every q:\n    dx[q] = dy[q] * D[q] ** -power + h[q]\n    for every p whose window contains q:\n"
        "        dx[q] -= h[p] / pixels[p]\n"
        "# for even n this window starts n - 1 - n // 2 ahead of q, not n // 2",
        "inner = window_sum(dy * x * D ** (-power - 1), n, n - 1 - n // 2)\n"
        "h = -2 * power * alpha * d * inner\n"
        "dx = dy * D**-power + h - window_sum(h / pixels, n, n - 1 - n // 2)",
    )

    def draw(self, rng, N, H, width, C, n, power):
        constants = {"n": n, "alpha": 7.0 / n**2, "power": power, "k": 0.6 + 0.8 * float(rng.random())}
        return {"x": rng.standard_normal((N, H, width, C)), **constants}

    def prepare(self, t):
        t.pixels = self.page.window_sum(np.ones((1, *t.x.shape[1:3], 1)), t.n, t.n // 2)
        t.m = self.page.window_sum(t.x, t.n, t.n // 2) / t.pixels
        t.d = t.x - t.m
        t.D = t.k + t.alpha * self.page.window_sum(t.d * t.d, t.n, t.n // 2)

    def terms(self, t, direct="right", base="right", summed="right", window="right", outside="right", mean="right"):
        n, window_sum = t.n, self.page.window_sum
        pixels, m, d, D = t.pixels, t.m, t.d, t.D
        collect, whole = collector(window_sum, (1, 2), n, window), collector(window_sum, (1, 2), n, "right")
        inner = t.dy * d * D ** (-t.power - 1) if summed == "d for x" else inside_sum(t, D, summed)
        if base != "right":
            direct, inner = base, first_term(t, D, base, collect) * t.x / D
        h = (
            -2
            * t.power
            * t.alpha
            * {
                "right": lambda: d * collect(inner),
                "x": lambda: t.x * collect(inner),
                "mean": lambda: m * collect(inner),
                "none": lambda: collect(inner),
                "inside": lambda: collect(d * inner),
                "D outside": lambda: d * collect(inner * D) / D,
                "y/D outside": lambda: d * t.x * D ** (-t.power - 1) * collect(t.dy),
                "all D outside": lambda: d * D ** (-t.power - 1) * collect(t.dy * t.x),
            }[outside]()
        )
        first = first_term(t, D, direct, collect)
        through = {
            "right": lambda: whole(h / pixels),
            "n^2": lambda: whole(h) / n**2,
            "after": lambda: whole(h) / pixels,
            "forward": lambda: window_sum(h, n, n // 2) / pixels,
            "not divided": lambda: whole(h),
            "alone": lambda: h / pixels,
            "not mirrored": lambda: window_sum(h / pixels, n, n // 2),
            "one ahead": lambda: window_sum(h / pixels, n, n - n // 2) if n > 1 else 0 * h,
            "direct too": lambda: whole((h + first) / pixels),
            "of direct": lambda: whole(first / pixels),
            "map": lambda: h.mean(axis=(1, 2), keepdims=True) + 0 * h,
            "twice": lambda: whole(whole(h / pixels) / pixels),
            "of dy": lambda: whole(t.dy / pixels),
        }[mean]()
        return {"dx": {FIRST: first, ENERGY: h, MEAN: -through}}

    def quantities(self, t):
        values = {"alpha": t.alpha, "power": t.power, "2power": 2 * t.power, "2alpha": 2 * t.alpha}
        values |= {"2poweralpha": 2 * t.power * t.alpha, "1+1/power": 1 + 1 / t.power, "1/power-1": 1 / t.power - 1}
        if t.n > 1:
            values |= {"n": t.n, "n^2": t.n**2}
        return values

    def layer(self, namespace, t):
        return namespace["ContrastNorm"](t.n, t.alpha * t.n**2, t.power, t.k)
