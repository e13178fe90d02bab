"""Convolution, the gradient of the pixels."""

import numpy as np

from fernet.exercises.exercise import Exercise, Slip
from fernet.exercises.subjects.correlation import GATHERED, TURNED, filters, gathered, overwritten, scattered


class ConvPixels(Exercise):
    name, title, lesson = "conv_pixels", "convolution, the pixels", 7
    source, solved_by = "fernet.layers.conv", "Conv"
    gradients = {"dx": ("image", "row", "column", "channel")}
    arrays = {
        "x": gradients["dx"],
        "W": ("row of the filter", "column of the filter", "channel", "map"),
        "dy": ("image", "row", "column", "map"),
    }
    # As many channels as maps in the first three: swapped, their shapes fit as well, and it can be named.
    shapes = (
        {"N": 2, "H": 5, "width": 7, "C": 2, "K": 2, "R": 3, "before": 1, "after": 1},
        {"N": 3, "H": 6, "width": 5, "C": 3, "K": 3, "R": 4, "before": 1, "after": 2},
        {"N": 4, "H": 5, "width": 6, "C": 2, "K": 2, "R": 3, "before": 0, "after": 0},
        {"N": 2, "H": 6, "width": 4, "C": 3, "K": 2, "R": 2, "before": 0, "after": 1},
        {"N": 1, "H": 4, "width": 5, "C": 1, "K": 4, "R": 3, "before": 1, "after": 1},
        {"N": 2, "H": 3, "width": 4, "C": 3, "K": 1, "R": 1, "before": 0, "after": 0},
    )
    slips = (
        *TURNED,
        Slip(
            "W",
            "channels and maps",
            "W[r, s] is not transposed: it takes channels to maps, and dy must go from maps to "
            "channels; there are as many of both here, so the shapes fit",
        ),
        Slip("W", "centre", "only the weight in the middle of the filter is used; every filter position contributes"),
        Slip("W", "first", "only the weight W[0, 0] is used; every filter position contributes"),
        Slip("W", "size", "the signs of the weights are lost"),
        Slip("W", "average", "every filter is replaced by its average over r and s"),
        Slip(
            "W", "map sum", "the filters are summed over the maps before they meet dy; map k of dy belongs to filter k"
        ),
        Slip("W", "ones", "W is left out: the derivative with respect to a pixel is the weight above it"),
        Slip("W", "three", "the filter size is taken to be 3, whatever R is: use R = len(W)"),
        Slip("sum", "overwritten", "= stands where += belongs: the last filter position overwrites the others"),
        Slip("frame", "kept", "the frame is still there: dx must have the shape of x before it was framed"),
        Slip("frame", "front only", "the frame is cut off above and to the left only"),
        Slip("frame", "back only", "the frame is cut off below and to the right only"),
        Slip("frame", "late", "the frame is cut off on the wrong side: everything is cut off below and to the right"),
        Slip("frame", "early", "the frame is cut off on the wrong side: everything is cut off above and to the left"),
        Slip(
            "frame",
            "empty",
            "before:-after is empty where after is 0: cut off at dx.shape[1] - after, counted in the framed dx, and "
            "likewise on axis 2",
        ),
        Slip("frame", "swapped", "`before` and `after` are swapped where the frame is cut off"),
        Slip("place", "same", "all filter positions write to the same window of dx: the offsets r and s are missing"),
        Slip("place", "no rows", "the offset r of the rows is missing"),
        Slip("place", "no columns", "the offset s of the columns is missing"),
        *GATHERED,
        Slip("place", "wrapped", "dy goes round at the border (np.roll): outside its maps it is 0"),
    )
    advice = {
        "1/R^2": "every value is divided by the R R positions of the filter: the equation has a sum, not a mean",
        "1/N": "every value is divided by N; dx has no sum over the images",
        "1/K": "every value is divided by the number of maps: the equation has a sum over k, not a mean",
    }
    hints = (
        "In the cache, x is the framed one; make dx of its shape, and cut off the frame at the end. dy is (N, "
        "P, Q, K).",
        "Go through the outputs, not through the pixels: each output hands its dy back to the pixels that it "
        "has read, times the weight that read them. A pixel is read by several outputs, so these shares are "
        "added with +=.",
        "dx = zeros like the framed x\n"
        "for n, i, j, k, r, s, c:\n"
        "    dx[n, i + r, j + s, c] += dy[n, i, j, k] * W[r, s, c, k]",
        "dx[:, r : r + P, s : s + Q] += dy @ W[r, s].T\n"
        "_, H, width, _ = x.shape                # of the framed x\n"
        "dx = dx[:, before : H - after, before : width - after]",
    )

    def draw(self, rng, N, H, width, C, K, R, before, after):
        return {
            "x": rng.standard_normal((N, H, width, C)),
            "W": rng.standard_normal((R, R, C, K)),
            "b": rng.standard_normal(K),
            "before": before,
            "after": after,
        }

    def terms(self, t, W="right", sum="right", frame="right", place="right", gathers="right"):  # noqa: A002
        R, (_, P, Q, _) = len(t.W), t.dy.shape
        weights = filters(t.W, W)
        if sum == "overwritten":
            dx = overwritten(t.dy, weights)
        elif place == "right":
            dx = gathered(t.dy, weights, *(("right", "both") if gathers == "right" else gathers))
        else:
            dx = np.zeros((len(t.x), P + R - 1, Q + R - 1, t.W.shape[2]))
            for r in range(R):
                for s in range(R):
                    part = t.dy @ weights[r, s].T
                    if place == "wrapped":
                        dx[:, :P, :Q] += np.roll(part, (r, s), axis=(1, 2))
                        continue
                    down, right = {"same": (0, 0), "no rows": (0, s), "no columns": (r, 0)}[place]
                    dx[:, down : down + P, right : right + Q] += part
        return {"dx": {"": self._cut(dx, t.before, t.after, frame)}}

    @staticmethod
    def _cut(dx, before, after, frame):
        both = before + after
        if frame == "empty" and not after:
            return dx[:, before:-after, before:-after]
        top, bottom = {
            "right": (before, after),
            "empty": (before, after),
            "kept": (0, 0),
            "front only": (before, 0),
            "back only": (0, after),
            "late": (0, both),
            "early": (both, 0),
            "swapped": (after, before),
        }[frame]
        return dx[:, top : dx.shape[1] - bottom, top : dx.shape[2] - bottom]

    def products(self, t):
        parts = np.stack([scattered(t.dy[..., k : k + 1], t.W[..., k : k + 1]) for k in range(t.dy.shape[3])])
        _, _, _, _, H, width, _ = parts.shape
        parts = parts[:, :, :, :, t.before : H - t.after, t.before : width - t.after]
        return {"dx": (parts, ("map", "row of the filter", "column of the filter"))}

    def quantities(self, t):
        return {"R^2": len(t.W) ** 2, "N": len(t.x), "K": t.W.shape[3]}

    def layer(self, namespace, t):
        R, _, C, K = t.W.shape
        padding = "same" if t.before + t.after else "valid"
        layer = namespace["Conv"](R, C, K, padding, np.random.default_rng(0), np.float64)
        layer.params = {"W": t.W.copy(), "b": t.b.copy()}
        return layer
