"""Correlation and its gradients as single array operations: what the convolution exercises share."""

from itertools import product

import numpy as np

from fernet.exercises.exercise import Slip


def windows(x, P, Q, R):
    """(N, P, Q, R, R, C): the pixels under the filter at each output."""
    seen = np.empty((len(x), P, Q, R, R, x.shape[3]))
    for r, s in product(range(R), repeat=2):
        seen[:, :, :, r, s] = x[:, r : r + P, s : s + Q]
    return seen


def weight_gradient(x, dy, R):
    """dW (R, R, C, K)."""
    return np.einsum("npqrsc,npqk->rsck", windows(x, *dy.shape[1:3], R), dy)


def scattered(dy, W):
    """(R, R, N, H, W, C): what each filter position contributes to dx."""
    R = len(W)
    N, P, Q, _ = dy.shape
    parts = np.zeros((R, R, N, P + R - 1, Q + R - 1, W.shape[2]))
    for r, s in product(range(R), repeat=2):
        parts[r, s, :, r : r + P, s : s + Q] = dy @ W[r, s].T
    return parts


def overwritten(dy, W):
    """dx if every filter position replaces what was there before."""
    R = len(W)
    N, P, Q, _ = dy.shape
    dx = np.zeros((N, P + R - 1, Q + R - 1, W.shape[2]))
    for r, s in product(range(R), repeat=2):
        dx[:, r : r + P, s : s + Q] = dy @ W[r, s].T
    return dx


def gathered(dy, W, change, along):
    """dx, each pixel of which gathers the outputs i - r, j - s; they are changed along rows, columns or both."""
    R, (_, P, Q, _) = len(W), dy.shape
    rows = _outputs(R, P, "right" if along == "columns" else change)
    columns = _outputs(R, Q, "right" if along == "rows" else change)
    return np.einsum("rip,sjq,npqk,rsck->nijc", rows, columns, dy, W, optimize=True)


def _outputs(R, P, change):
    """(R, H, P): 1 where a pixel takes this output for this offset r."""
    r, i, p = np.ogrid[:R, : P + R - 1, :P]
    read = i - r
    taken = {
        "right": lambda: p == read,
        "negative": lambda: (p == read) | (p == read + P),
        "clipped": lambda: p == np.clip(read, 0, P - 1),
        "one on": lambda: p == read + 1,
        "one back": lambda: p == read - 1,
        "not moved": lambda: p == i + 0 * r,
    }
    return taken[change]().astype(float)


TURNED = (
    Slip(
        "W",
        "turned",
        "the filters are turned the wrong way: dx[i] sums dy[i-r] W[r], so scattering with += needs W "
        "as it is, and gathering from a framed dy needs it flipped in rows and columns",
    ),
    Slip(
        "W",
        "rows turned",
        "the filters are flipped in their rows only, or one flip is missing",
    ),
    Slip(
        "W",
        "columns turned",
        "the filters are flipped in their columns only, or one flip is missing",
    ),
    Slip("W", "rows and columns", "r and s are swapped: the filters are transposed in their rows and columns"),
)
GATHERED = (
    *(
        Slip("gathers", ("negative", along), f"{where} below 0 the index counts from the end of dy; there dy is 0")
        for along, where in (("both", "for i - r or j - s"), ("rows", "for i - r"), ("columns", "for j - s"))
    ),
    Slip("gathers", ("clipped", "both"), "outside its maps the value at the border of dy is used; there dy is 0"),
    *(
        Slip("gathers", (change, along), f"dy is read one {place} too far {change[4:]}")
        for change in ("one on", "one back")
        for along, place in (("both", "row and one column"), ("rows", "row"), ("columns", "column"))
    ),
)


def filters(W, change):
    """The filters with one typical change."""
    return {
        "right": lambda: W,
        "three": lambda: W * ((np.arange(len(W)) < 3)[:, None] & (np.arange(len(W)) < 3))[:, :, None, None],
        "turned": lambda: W[::-1, ::-1],
        "rows turned": lambda: W[::-1],
        "columns turned": lambda: W[:, ::-1],
        "rows and columns": lambda: W.transpose(1, 0, 2, 3),
        "channels and maps": lambda: W.transpose(0, 1, 3, 2) if W.shape[2] == W.shape[3] else W,
        "centre": lambda: W * _only((len(W) - 1) // 2, len(W)),
        "first": lambda: W * _only(0, len(W)),
        "size": lambda: np.abs(W),
        "average": lambda: W.mean(axis=(0, 1), keepdims=True) + 0 * W,
        "channel average": lambda: W.mean(axis=2, keepdims=True) + 0 * W,
        "channel sum": lambda: W.sum(axis=2, keepdims=True) + 0 * W,
        "map sum": lambda: W.sum(axis=3, keepdims=True) + 0 * W,
        "map average": lambda: W.mean(axis=3, keepdims=True) + 0 * W,
        "first channel": lambda: W[:, :, :1] + 0 * W,
        "last channel": lambda: W[:, :, -1:] + 0 * W,
        "next channel": lambda: np.roll(W, -1, axis=2),
        "channels turned": lambda: W[:, :, ::-1],
        "ones": lambda: np.ones_like(W),
    }[change]()


def _only(place, R):
    one = np.zeros((R, R, 1, 1))
    one[place, place] = 1
    return one
