"""Convolution, the gradient of the weights."""

import numpy as np

from fernet.exercises.exercise import Exercise, Slip
from fernet.exercises.subjects.correlation import filters, weight_gradient, windows


class ConvWeights(Exercise):
    name, title, lesson = "conv_weights", "convolution, the weights", 6
    source, solved_by = "fernet.layers.conv", "Conv"
    gradients = {"dW": ("row of the filter", "column of the filter", "channel", "map"), "db": ("map",)}
    arrays = {"x": ("image", "row", "column", "channel"), "W": gradients["dW"], "dy": ("image", "row", "column", "map")}
    shapes = (
        {"N": 2, "H": 8, "width": 9, "C": 4, "K": 5, "R": 3},  # P = 6, Q = 7: a shape in a message tells its axes
        {"N": 3, "H": 6, "width": 4, "C": 2, "K": 2, "R": 2},
        {"N": 4, "H": 5, "width": 6, "C": 2, "K": 2, "R": 3},
        {"N": 2, "H": 6, "width": 5, "C": 2, "K": 4, "R": 4},
        {"N": 2, "H": 4, "width": 3, "C": 3, "K": 1, "R": 1},
        {"N": 1, "H": 4, "width": 5, "C": 1, "K": 2, "R": 2},
    )
    slips = (
        Slip(
            "place",
            "turned",
            "dW is flipped in rows and columns: r and s run backwards; for the weights nothing is flipped",
        ),
        Slip("place", "rows turned", "dW is flipped in its rows: r runs backwards; for the weights nothing is flipped"),
        Slip(
            "place",
            "columns turned",
            "dW is flipped in its columns: s runs backwards; for the weights nothing is flipped",
        ),
        Slip("place", "rows and columns", "r and s are swapped: dW is transposed in its rows and columns"),
        Slip("dy", "turned", "dy is flipped in rows and columns; for the weights nothing is flipped"),
        Slip("dy", "rows turned", "dy is flipped in its rows; for the weights nothing is flipped"),
        Slip("dy", "columns turned", "dy is flipped in its columns; for the weights nothing is flipped"),
        Slip("dy", "mean", "dy is replaced by its mean over the pixels; x and dy belong together pixel by pixel"),
        Slip(
            "dy", "batch sum", "x and dy are summed over the images before they meet; they belong together one by one"
        ),
        Slip(
            "dy",
            "batch mean",
            "x or dy is averaged over the images before they meet; they belong together image by image",
        ),
        Slip("dy", "images turned", "x of one image meets dy of another: the order of the images differs"),
        Slip("x", "y", "dW uses y, the output, where x belongs"),
        Slip("x", "turned", "x is flipped in rows and columns; for the weights nothing is flipped"),
        Slip("x", "mean", "x is replaced by its mean over the pixels; x and dy belong together pixel by pixel"),
        Slip("x", "ones", "dW leaves out x: the derivative with respect to a weight is the pixel under it"),
        Slip("x", "corner", "x is not shifted: every filter position takes the window that starts at row 0, column 0"),
        Slip("x", "no rows", "x is shifted by s alone: the offset r of the rows is missing"),
        Slip("x", "no columns", "x is shifted by r alone: the offset s of the columns is missing"),
        Slip("x", "W", "dW is multiplied by W itself; the derivative of a product W x is x"),
        Slip("db", "x", "db is weighted by b; the derivative with respect to b is 1"),
        Slip("db", "y", "db is weighted by y; the derivative with respect to b is 1"),
        Slip("db", "from dW", "db sums the values of dW"),
        Slip("db", "positive", "db sums the positive values of dy only"),
    )
    advice = {
        "1/N": "the sum over the images is divided by N: a mean, where the equation has the sum",
        "1/pixels": "the sum over the pixels is divided by their number: a mean, where the equation has the sum",
        "1/Npixels": "the sum over images and pixels is divided by their number: a mean, where the equation has "
        "the sum",
        "1/R^2": "dW is divided by the R R positions of the filter: the equation has no division",
        "R^2": "every value is R^2 times the right one: it is added once for each filter position",
    }
    hints = (
        "dW (R, R, C, K) as W, db (K,). For one filter position the window of x is (N, P, Q, C) and dy is (N, "
        "P, Q, K).",
        "Fix r and s. dW[r, s] multiplies the pixels that W[r, s] has seen by dy, and sums over images and "
        "pixels. Nothing is flipped: i and j run in the same direction in both.",
        "for n, i, j, k:\n"
        "    db[k] += dy[n, i, j, k]\n"
        "    for r, s, c:\n"
        "        dW[r, s, c, k] += x[n, i + r, j + s, c] * dy[n, i, j, k]",
        "seen = x[:, r : r + P, s : s + Q]\n"
        "dW[r, s] = seen.reshape(-1, C).T @ dy.reshape(-1, K)\n"
        "db = dy.sum(axis=(0, 1, 2))",
    )

    def draw(self, rng, N, H, width, C, K, R):
        return {
            "x": rng.standard_normal((N, H, width, C)),
            "W": rng.standard_normal((R, R, C, K)),
            "b": rng.standard_normal(K),
        }

    def terms(self, t, x="right", dy="right", db="right", place="right"):
        R, (_, P, Q, _) = len(t.W), t.dy.shape
        arriving = {
            "right": lambda: t.dy,
            "turned": lambda: t.dy[:, ::-1, ::-1],
            "rows turned": lambda: t.dy[:, ::-1],
            "columns turned": lambda: t.dy[:, :, ::-1],
            "mean": lambda: t.dy.mean(axis=(1, 2), keepdims=True) + 0 * t.dy,
            "batch sum": lambda: t.dy.sum(axis=0) + 0 * t.dy,
            "batch mean": lambda: t.dy.mean(axis=0) + 0 * t.dy,
            "images turned": lambda: t.dy[::-1],
        }[dy]()
        if x == "y":
            framed = np.zeros((len(t.x), *t.x.shape[1:3], t.y.shape[3]))
            framed[:, :P, :Q] = t.y
            dW = weight_gradient(framed, arriving, R)
        elif x in ("corner", "no rows", "no columns"):
            seen = windows(t.x, P, Q, R)
            seen = seen[:, :, :, :1] + 0 * seen if x in ("corner", "no rows") else seen
            seen = seen[:, :, :, :, :1] + 0 * seen if x in ("corner", "no columns") else seen
            dW = np.einsum("npqrsc,npqk->rsck", seen, arriving)
        else:
            pixels = {
                "right": t.x,
                "W": t.x,
                "turned": t.x[:, ::-1, ::-1],
                "mean": t.x.mean(axis=(1, 2), keepdims=True) + 0 * t.x,
                "ones": np.ones_like(t.x),
            }[x]
            dW = weight_gradient(pixels, arriving, R) * (t.W if x == "W" else 1)
        biases = {
            "right": t.dy.sum(axis=(0, 1, 2)),
            "x": t.b * t.dy.sum(axis=(0, 1, 2)),
            "y": (t.y * t.dy).sum(axis=(0, 1, 2)),
            "from dW": dW.sum(axis=(0, 1, 2)),
            "positive": np.maximum(t.dy, 0).sum(axis=(0, 1, 2)),
        }
        return {"dW": {"": filters(dW, place)}, "db": {"": biases[db]}}

    def products(self, t):
        seen = windows(t.x, *t.dy.shape[1:3], len(t.W))
        each = np.einsum("npqrsc,npqk->npqrsck", seen, t.dy)
        axes = ("image", "row", "column")
        return {"dW": (each, axes), "db": (t.dy, axes)}

    def quantities(self, t):
        N, P, Q, _ = t.dy.shape
        return {"N": N, "pixels": P * Q, "Npixels": N * P * Q, "R^2": len(t.W) ** 2}

    def layer(self, namespace, t):
        R, _, C, K = t.W.shape
        layer = namespace["Conv"](R, C, K, "valid", np.random.default_rng(0), np.float64)
        layer.params = {"W": t.W.copy(), "b": t.b.copy()}
        return layer
