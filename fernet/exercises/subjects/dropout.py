"""Inverted dropout."""

import numpy as np

from fernet.exercises.exercise import Exercise, Slip


class Dropout(Exercise):
    name, title, lesson = "dropout", "inverted dropout", 5
    source, solved_by = "fernet.layers.dropout", "Dropout"
    gradients = {"dx": ("row", "column")}
    arrays = {"kept": gradients["dx"], "dy": gradients["dx"]}
    shapes = (
        {"shape": (5, 8), "rate": 0.4},
        {"shape": (4, 9), "rate": 0.3},
        {"shape": (6, 7), "rate": 0.55},
        {"shape": (2, 3, 4, 3), "rate": 0.2},
        {"shape": (1, 1), "rate": 0.0},
        {"shape": (9,), "rate": 0.5},
    )
    slips = (
        Slip("mask", "none", "the mask is missing: dy passes where x was dropped, too"),
        Slip("mask", "inverted", "the mask is the wrong way round: dy passes where x was dropped"),
        Slip("mask", "dy", "the mask is the sign of dy, where the mask of the forward pass belongs"),
        Slip("mask", "x", "the mask is the sign of x, where the mask of the forward pass belongs"),
        Slip("mask", "y", "dy is multiplied by y, where the mask of the forward pass belongs"),
        Slip("dy", "ones", "dy is left out: this is m alone"),
        Slip("dy", "x", "x is multiplied by the mask, where dy belongs"),
        Slip("scale", "dropped ones", "what was dropped passes without the factor; it must be zero"),
    )
    advice = {
        "keep": "the division by 1 - rate is missing: m is 1 / (1 - rate) where a value was kept",
        "1/keep": "the division by 1 - rate is there twice",
        "keep/rate": "dy is divided by rate, where 1 - rate belongs",
        "rate*keep": "dy is multiplied by rate, where a division by 1 - rate belongs",
        "keep/2-keep": "dy is divided by 1 + rate, where 1 - rate belongs",
        "2keep": "dy is multiplied by 2, whatever the rate is; the factor is 1 / (1 - rate)",
        "keep/share": "dy is divided by the share of values that were kept in this draw, where 1 - rate belongs",
        "keep^2": "dy is multiplied by 1 - rate, where it must be divided by it",
    }
    hints = (
        "dx, dy and kept have one shape; rate is a number.",
        "Two things are needed: the mask of the forward pass, not a new one, and its factor 1 / (1 - rate).",
        "for each position:\n    dx = dy / (1 - rate) if kept else 0",
        "dx = dy * kept / (1 - rate)",
    )

    def draw(self, rng, shape, rate):
        return {"x": rng.standard_normal(shape), "rate": rate, "seed": int(rng.integers(1000))}

    def prepare(self, t):
        t.kept = np.random.default_rng(t.seed).random(t.x.shape, dtype=np.float32) >= t.rate

    def terms(self, t, mask="right", dy="right", scale="right"):
        arriving = {"right": t.dy, "ones": np.ones_like(t.dy), "x": t.x}[dy]
        gate = {
            "right": t.kept,
            "none": np.ones_like(t.x),
            "inverted": ~t.kept,
            "dy": t.dy > 0,
            "x": t.x > 0,
            "y": t.y,
        }[mask]
        dx = arriving * gate / (1 - t.rate)
        if scale == "dropped ones":
            dx = np.where(gate, dx, arriving)
        return {"dx": {"": dx}}

    def quantities(self, t):
        keep = 1 - t.rate
        if not t.rate:
            return {}
        return {
            "keep": keep,
            "keep/rate": keep / t.rate,
            "rate*keep": t.rate * keep,
            "keep^2": keep**2,
            "keep/2-keep": keep / (2 - keep),
            "2keep": 2 * keep,
            **({"keep/share": keep / t.kept.mean()} if t.kept.any() else {}),
            "sqrt(1 - rate)": keep**0.5,
        }

    def is_drawn_anew(self, t, given):
        values = t.dy / (1 - t.rate)
        if given.shape == t.dy.shape and np.all((given == 0) | (np.abs(given - values) <= 1e-6 * np.abs(values))):
            return (
                "a new mask is drawn, another one at every call; the values dropped in the forward pass are the ones "
                "without a gradient"
            )
        return None

    def is_seen_in(self, t, given):
        values = t.dy / (1 - t.rate)
        if given.shape != t.dy.shape or not np.all((given == 0) | (np.abs(given - values) <= 1e-6 * np.abs(values))):
            return None
        passes = given != 0
        if (passes & ~t.kept).any() and (t.kept & ~passes).any():  # not a part of the mask, nor more than it
            return "the mask is not that of the forward pass: use kept, of the cache, in place of a mask of your own"
        return None

    def layer(self, namespace, t):
        return namespace["Dropout"](t.rate)
