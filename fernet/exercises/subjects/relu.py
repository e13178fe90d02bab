"""The rectified linear unit."""

import numpy as np

from fernet.exercises.exercise import Exercise, Slip


def away_from_zero(rng, shape):
    """Normal values, none of which is closer to zero than 0.1."""
    x = rng.standard_normal(shape)
    return x + np.where(x > 0, 0.1, -0.1)


class ReLU(Exercise):
    name, title, lesson = "relu", "the rectified linear unit", 5
    source, solved_by = "fernet.layers.relu", "ReLU"
    gradients = {"dx": ("row", "column")}
    arrays = {"x": gradients["dx"], "dy": gradients["dx"]}
    shapes = (
        {"shape": (4, 9)},
        {"shape": (5, 6)},
        {"shape": (3, 7)},
        {"shape": (2, 3, 4, 3)},
        {"shape": (1, 1)},
        {"shape": (5,)},
        {"shape": (4, 6), "zeros": 5},
    )
    slips = (
        Slip("mask", "none", "the mask is missing: dy passes where x is negative, too"),
        Slip("mask", "dy", "the mask is that of dy: the sign of x decides, not that of dy"),
        Slip("mask", "both", "dy is masked by its own sign as well: negative gradients pass, too, where x is positive"),
        Slip("mask", "negative", "the mask is the wrong way round: dy passes where x is negative"),
        Slip("mask", "x", "dy is multiplied by x: the derivative of max(0, x) is 1 or 0"),
        Slip("mask", "y", "dy is multiplied by y: the derivative of max(0, x) is 1 or 0"),
        Slip("mask", "dy itself", "dy is multiplied by itself; its factor is 1 where x > 0, else 0"),
        Slip("mask", "sign", "dy is multiplied by the sign of x: where x is negative, the derivative is 0"),
        Slip("mask", "either", "the mask is too wide: dy passes where x or dy is positive"),
        Slip("mask", "size", "dy is multiplied by |x|"),
        Slip("mask", "leaky 0.01", "where x is negative, 0.01 dy passes: that is the leaky ReLU"),
        Slip("mask", "leaky 0.1", "where x is negative, 0.1 dy passes: that is the leaky ReLU"),
        Slip("mask", "sigmoid", "the derivative is that of the sigmoid, s (1 - s)"),
        Slip("mask", "softplus", "the derivative is that of softplus, the sigmoid of x: it has no zeros"),
        Slip("mask", "one", "the mask compares x with 1, where 0 belongs"),
        Slip("mask", "zero", "at x = 0 dy passes; there y has a kink, and dx is 0 by convention: x > 0, not x >= 0"),
        Slip("dy", "ones", "dy is left out: this is the derivative alone, 1 or 0"),
        Slip("dy", "x", "x passes the mask, where dy belongs"),
    )
    advice = {}
    hints = (
        "dx, dy and x have one shape.",
        "The derivative is decided by x, the input of the forward pass; the sign of dy has no part in it.",
        "for each position:\n    dx = dy if x > 0 else 0",
        "dx = dy * (x > 0)",
    )

    def draw(self, rng, shape, zeros=0):
        x = away_from_zero(rng, shape)
        x.flat[rng.permutation(x.size)[:zeros]] = 0
        return {"x": x}

    def terms(self, t, mask="right", dy="right"):
        sigmoid = 1 / (1 + np.exp(-t.x))
        arriving = {"right": t.dy, "ones": np.ones_like(t.dy), "x": t.x}[dy]
        positive = t.x > 0
        gate = {
            "right": positive,
            "none": 1.0,
            "dy": t.dy > 0,
            "both": positive & (t.dy > 0),
            "negative": t.x < 0,
            "zero": t.x >= 0,
            "x": t.x,
            "dy itself": t.dy,
            "y": np.maximum(t.x, 0),
            "sign": np.sign(t.x),
            "either": positive | (t.dy > 0),
            "size": np.abs(t.x),
            "leaky 0.01": np.where(positive, 1, 0.01),
            "leaky 0.1": np.where(positive, 1, 0.1),
            "sigmoid": sigmoid * (1 - sigmoid),
            "softplus": sigmoid,
            "one": t.x > 1,
        }[mask]
        return {"dx": {"": arriving * gate}}

    def layer(self, namespace, t):
        return namespace["ReLU"]()
