"""A value that is used twice."""

import numpy as np

from fernet.exercises.exercise import Exercise, Slip


class Fork(Exercise):
    name, title, lesson = "fork", "a value that is used twice", 2
    source, solved_by = "fernet.exercises.fork", "Fork"
    gradients = {"dx": ("image", "row", "column", "channel")}
    arriving = ("dflat", "dsquare")
    arrays = {"x": gradients["dx"], "dflat": ("image", "place"), "dsquare": gradients["dx"]}
    shapes = (
        {"N": 2, "H": 4, "width": 3, "C": 2},
        {"N": 3, "H": 2, "width": 4, "C": 3},
        {"N": 4, "H": 3, "width": 2, "C": 2},
        {"N": 1, "H": 2, "width": 2, "C": 1},
    )
    slips = (
        Slip("square", "copy", "the derivative of x^2 is 2 x: dsquare is not multiplied by it"),
        Slip("square", "no x", "the derivative of x^2 is 2 x: the factor x is missing"),
        Slip("square", "cube", "dsquare is multiplied by 3 x^2, the derivative of x^3"),
        Slip("square", "value", "dsquare is multiplied by x^2 itself, where its derivative 2 x belongs"),
        Slip("square", "sign", "dsquare is multiplied by the absolute value of 2 x, which loses its sign"),
        Slip("square", "by flat", "2 x is multiplied by dflat: each gradient belongs to its own way"),
        Slip("order", "F", "reshape fills the columns first; the values of flat stand in the order of storage"),
        Slip("order", "maps first", "flat is taken apart channel by channel; channels vary fastest (N, H, W, C)"),
        Slip("order", "square", "dflat is replaced by dsquare: each gradient belongs to its own way"),
        Slip(
            "joined",
            "all by 2x",
            "the gradient of flat is multiplied by 2 x as well; flat is a copy, its derivative is 1",
        ),
        Slip("joined", "product", "the gradients of the two ways are multiplied; they must be added"),
        Slip("joined", "larger", "the larger of the two gradients is taken; they must be added"),
    )
    advice = {
        "1/2": "the gradients of the two ways are averaged; they must be added",
        "through flat: 0": "only the gradient of the square is there: = where += is needed, or dflat is forgotten",
        "through the square: 0": "only the gradient of flat is there: = where += is needed, or dsquare is forgotten",
        "through the square: 1/2": "the derivative of x^2 is 2 x: the factor 2 is missing",
    }
    hints = (
        "dx has the shape of x, and so has dsquare. dflat has the shape (N, H W C): give it the shape of x first.",
        "There are two terms. Each way alone would be an ordinary backward pass; at the fork their results are added.",
        "for n, i, j, c:\n"
        "    dx[n, i, j, c] = dflat[n, (i * W + j) * C + c]\n"
        "    dx[n, i, j, c] += 2 * x[n, i, j, c] * dsquare[n, i, j, c]",
        "dx = dflat.reshape(x.shape) + 2 * x * dsquare",
    )

    def draw(self, rng, N, H, width, C):
        return {"x": rng.standard_normal((N, H, width, C))}

    def terms(self, t, square="2x", order="C", joined="sum"):
        N, H, W, C = t.x.shape
        flat = {
            "C": lambda: t.dflat.reshape(t.x.shape),
            "F": lambda: t.dflat.reshape(t.x.shape, order="F"),
            "maps first": lambda: t.dflat.reshape(N, C, H, W).transpose(0, 2, 3, 1),
            "square": lambda: t.dsquare,
        }[order]()
        bent = {
            "2x": lambda: 2 * t.x * t.dsquare,
            "copy": lambda: t.dsquare,
            "no x": lambda: 2 * t.dsquare,
            "cube": lambda: 3 * t.x**2 * t.dsquare,
            "value": lambda: t.x**2 * t.dsquare,
            "sign": lambda: np.abs(2 * t.x) * t.dsquare,
            "by flat": lambda: 2 * t.x * flat,
        }[square]()
        if joined == "product":
            return {"dx": {"": flat * bent}}
        if joined == "all by 2x":
            return {"dx": {"": 2 * t.x * (flat + t.dsquare)}}
        if joined == "larger":
            return {"dx": {"": np.maximum(flat, bent)}}
        return {"dx": {"through flat": flat, "through the square": bent}}

    def by_layer(self, namespace, t):
        (_, _), cache = namespace["Fork"]().forward(t.x)
        return {"dx": namespace["Fork"]().backward((t.dflat, t.dsquare), cache)}
