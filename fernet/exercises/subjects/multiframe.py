"""Eq. 1, the first layer of DTAN."""

import numpy as np

from fernet.exercises.exercise import Exercise, Slip
from fernet.exercises.subjects.correlation import (
    GATHERED,
    TURNED,
    filters,
    gathered,
    overwritten,
    scattered,
    weight_gradient,
    windows,
)


class Multiframe(Exercise):
    name, title, lesson = "multiframe", "Eq. 1, frames with filters of their own", 7
    source, solved_by = "fernet.layers.multiframe_conv", "MultiframeConv"
    gradients = {
        "dx": ("image", "row", "column", "frame"),
        "dW": ("row of the filter", "column of the filter", "frame", "map"),
        "db": ("map",),
    }
    arrays = {"x": gradients["dx"], "W": gradients["dW"], "dy": ("image", "row", "column", "map")}
    shapes = (
        {"N": 2, "H": 5, "width": 6, "T": 3, "K": 3, "R": 3},
        {"N": 3, "H": 6, "width": 4, "T": 4, "K": 4, "R": 2},
        {"N": 4, "H": 4, "width": 5, "T": 3, "K": 3, "R": 3},
        {"N": 2, "H": 5, "width": 4, "T": 2, "K": 3, "R": 4},
        {"N": 1, "H": 4, "width": 5, "T": 1, "K": 2, "R": 2},
        {"N": 2, "H": 3, "width": 4, "T": 3, "K": 1, "R": 1},
    )
    slips = (
        Slip(
            "W",
            "channel average",
            "the filters are averaged over the frames: in Eq. 1 every frame has filters of its own",
        ),
        Slip(
            "W",
            "channel sum",
            "the filters are summed over the frames: a pixel meets only the filters of its own frame",
        ),
        Slip("W", "first channel", "all frames use the filters of the first frame: every frame has filters of its own"),
        Slip("W", "last channel", "all frames use the filters of the last frame: every frame has filters of its own"),
        Slip("W", "next channel", "every frame uses the filters of the next one"),
        Slip("W", "channels turned", "the filters are taken in reverse order of the frames"),
        *TURNED,
        Slip(
            "W",
            "channels and maps",
            "frames and maps of W are swapped; there are as many of both here, so the shapes fit",
        ),
        Slip("W", "map average", "the filters are averaged over the maps: every map has its own"),
        Slip(
            "W", "map sum", "the filters are summed over the maps before they meet dy; map k of dy belongs to filter k"
        ),
        Slip("W", "ones", "W is left out: the derivative with respect to a pixel is the weight above it"),
        Slip("sum", "overwritten", "= stands where += belongs: the last filter position overwrites the others"),
        Slip("dy", "turned", "dy is flipped in rows and columns; for the weights nothing is flipped"),
        *GATHERED,
        Slip("place", "rows and columns", "r and s are swapped: dW is transposed in its rows and columns"),
        Slip("place", "turned", "dW is flipped in rows and columns; for the weights nothing is flipped"),
        Slip("x", "sum", "x is summed over the frames: the filters of a frame see that frame alone"),
        Slip("x", "average", "x is averaged over the frames: the filters of a frame see that frame alone"),
        Slip("x", "first", "the filters of all frames see the first frame; each sees its own"),
        Slip("x", "last", "the filters of all frames see the last frame; each sees its own"),
        Slip("x", "previous", "the filters of every frame see the previous frame"),
    )
    advice = {
        "1/N": "the sum over the images is divided by N: a mean, where the equation has the sum",
        "1/pixels": "the sum over the pixels is divided by their number: a mean, where the equation has the sum",
        "1/T": "every value is divided by the number of frames: their responses are added up, not averaged",
        "T": "every value is T times the right one: it is added once for each frame, in a loop over t",
        "1/Npixels": "the sum over images and pixels is divided by their number: a mean, where the equation has "
        "the sum",
    }
    hints = (
        "dx (N, H, W, T) as x, dW (R, R, T, K) as W, db (K,). dy is (N, P, Q, K); W[r, s, t] is (K,).",
        "Frames share nothing: t is the same letter on both sides everywhere. For one frame, dx and dW are "
        "those of an ordinary convolution with a single channel.",
        "for n, i, j, k:\n"
        "    db[k] += dy[n, i, j, k]\n"
        "    for r, s, t:\n"
        "        dx[n, i + r, j + s, t] += dy[n, i, j, k] * W[r, s, t, k]\n"
        "        dW[r, s, t, k] += x[n, i + r, j + s, t] * dy[n, i, j, k]",
        "dx[:, r : r + P, s : s + Q, t] += dy @ W[r, s, t]\n"
        "dW[r, s, t] = x[:, r : r + P, s : s + Q, t].reshape(-1) @ dy.reshape(-1, K)\n"
        "db = dy.sum(axis=(0, 1, 2))",
    )

    def draw(self, rng, N, H, width, T, K, R):
        return {
            "x": rng.standard_normal((N, H, width, T)),
            "W": rng.standard_normal((R, R, T, K)),
            "b": rng.standard_normal(K),
        }

    def terms(self, t, W="right", sum="right", dy="right", x="right", place="right", gathers="right"):  # noqa: A002
        weights = filters(t.W, W)
        if sum == "overwritten":
            dx = overwritten(t.dy, weights)
        else:
            dx = gathered(t.dy, weights, *(("right", "both") if gathers == "right" else gathers))
        frames = {
            "right": t.x,
            "sum": t.x.sum(axis=3, keepdims=True) + 0 * t.x,
            "average": t.x.mean(axis=3, keepdims=True) + 0 * t.x,
            "first": t.x[..., :1] + 0 * t.x,
            "last": t.x[..., -1:] + 0 * t.x,
            "previous": np.roll(t.x, 1, axis=3),
        }[x]
        dW = weight_gradient(frames, t.dy[:, ::-1, ::-1] if dy == "turned" else t.dy, len(t.W))
        return {"dx": {"": dx}, "dW": {"": filters(dW, place)}, "db": {"": t.dy.sum(axis=(0, 1, 2))}}

    def products(self, t):
        parts = np.stack([scattered(t.dy[..., k : k + 1], t.W[..., k : k + 1]) for k in range(t.dy.shape[3])])
        each = np.einsum("npqrsc,npqk->npqrsck", windows(t.x, *t.dy.shape[1:3], len(t.W)), t.dy)
        axes = ("image", "row", "column")
        return {
            "dx": (parts, ("map", "row of the filter", "column of the filter")),
            "dW": (each, axes),
            "db": (t.dy, axes),
        }

    def quantities(self, t):
        N, P, Q, _ = t.dy.shape
        return {"N": N, "pixels": P * Q, "Npixels": N * P * Q, "T": t.x.shape[3], "R^2": len(t.W) ** 2}

    def layer(self, namespace, t):
        R, _, T, K = t.W.shape
        layer = namespace["MultiframeConv"](R, T, K, "valid", np.random.default_rng(0), np.float64)
        layer.params = {"W": t.W.copy(), "b": t.b.copy()}
        return layer
