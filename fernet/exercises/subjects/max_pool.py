"""Max pooling."""

from itertools import product

import numpy as np

from fernet.exercises.exercise import Exercise, Slip


class MaxPool(Exercise):
    name, title, lesson = "max_pool", "max pooling", 8
    source, solved_by = "fernet.layers.max_pool", "MaxPool"
    gradients = {"dx": ("image", "row", "column", "map")}
    arrays = {
        "winners": ("image", "row of windows", "column of windows", "map"),
        "x": gradients["dx"],
        "dy": ("image", "row of windows", "column of windows", "map"),
    }
    shapes = (
        {"N": 2, "H": 8, "width": 7, "C": 3, "n": 3, "stride": 2},
        {"N": 3, "H": 5, "width": 6, "C": 2, "n": 2, "stride": 1},
        {"N": 4, "H": 10, "width": 13, "C": 2, "n": 4, "stride": 3},
        {"N": 2, "H": 6, "width": 7, "C": 2, "n": 2, "stride": 2},
        {"N": 1, "H": 8, "width": 7, "C": 1, "n": 2, "stride": 3},
        {"N": 2, "H": 3, "width": 4, "C": 2, "n": 3, "stride": 3},
    )
    slips = (
        Slip(
            "route", "average", "dy is shared out over the whole window: that is average pooling; the winner takes all"
        ),
        Slip("route", "all", "every pixel of the window receives dy; only the winner may"),
        Slip("route", "first", "dy always goes to the first pixel of the window, where the winner belongs"),
        Slip("route", "last", "dy always goes to the last pixel of the window, where the winner belongs"),
        Slip("route", "smallest", "dy goes to the smallest value of the window, where the largest belongs"),
        Slip("route", "losers", "the mask is the wrong way round: dy goes to all pixels but the winner"),
        Slip("route", "swapped", "u and v are swapped: the winner is u n + v, so u = winner // n and v = winner % n"),
        Slip("route", "stride", "the winner is taken apart with the stride; it is u n + v, so divide it by n"),
        Slip("route", "stride loops", "winners are compared with u stride + v, where u n + v belongs"),
        Slip("route", "diagonal", "only winners on the diagonal of the window, u = v, receive dy"),
        Slip("route", "rows twice", "the row of the winner is taken for its column, too: v = winner % n"),
        Slip("route", "columns twice", "the column of the winner is taken for its row, too: u = winner // n"),
        Slip("route", "one back", "the winner stands one place too far back in the window"),
        Slip("route", "reversed", "the winners are counted from the other end of the window"),
        Slip("route", "one on", "the winner stands one place too far on in the window"),
        Slip(
            "joined", "replaced", "= stands where += belongs: where windows overlap, a pixel that wins several adds up"
        ),
        Slip(
            "joined",
            "averaged",
            "a pixel that wins several windows receives the mean of their gradients; they must add",
        ),
        Slip("joined", "largest", "a pixel that wins several windows receives the largest gradient; they must add"),
        Slip(
            "joined", "last window", "= stands where += belongs: of the windows that a pixel wins, only the last counts"
        ),
        Slip("place", "dense", "the stride is missing: window (i, j) starts at row i stride, column j stride"),
        Slip("place", "size", "the windows start at i n, j n; they are `stride` pixels apart, not n"),
        Slip(
            "place",
            "in window",
            "the place in the window is taken for the place in the image: i stride and j stride are missing",
        ),
        Slip("place", "closer", "the windows are taken to be one pixel closer together than they are"),
        Slip("dy", "x", "dy is multiplied by x: the derivative of the maximum is 1 for the winner"),
        Slip("dy", "ones", "dy is left out: this counts the windows that a pixel wins"),
        Slip("dy", "no last row", "the last row of windows is left out"),
        Slip("dy", "no last column", "the last column of windows is left out"),
        Slip("dy", "no border", "the last row and the last column of windows are left out"),
        Slip("dy", "positive", "negative values of dy do not arrive"),
    )
    advice = {"1/n^2": "every value is divided by the n n pixels of the window; the winner takes all of dy"}
    hints = (
        "dx has the shape of x, (N, H, W, C). dy and winners are (N, P, Q, C); a winner is u n + v.",
        "The winner u n + v of window (i, j) is the pixel at row i stride + u, column j stride + v, and it "
        "alone receives the dy of the window. Windows overlap: add with +=.",
        "for m, i, j, c:        # m counts the images\n"
        "    u, v = divmod(winners[m, i, j, c], n)\n"
        "    dx[m, i * stride + u, j * stride + v, c] += dy[m, i, j, c]",
        "# for each u, v: the pixels at this place of all windows\n"
        "rows = slice(u, u + stride * (P - 1) + 1, stride)\n"
        "columns = slice(v, v + stride * (Q - 1) + 1, stride)\n"
        "dx[:, rows, columns] += dy * (winners == u * n + v)",
    )

    def draw(self, rng, N, H, width, C, n, stride):
        values = rng.permutation(N * H * width * C) / 50 - 2.0  # no two are alike, so there are no kinks
        return {"x": values.reshape(N, H, width, C), "n": n, "stride": stride}

    def prepare(self, t):
        t.winners = self.page.forward(t.x, t.n, t.stride)[1][0]

    def terms(self, t, route="winner", joined="sum", place="right", dy="right"):
        n, stride, (_, P, Q, _) = t.n, t.stride, t.dy.shape
        step = {"right": stride, "dense": 1, "size": n, "in window": 0, "closer": max(1, stride - 1)}[place]
        windows = np.lib.stride_tricks.sliding_window_view(t.x, (n, n), axis=(1, 2))[:, ::stride, ::stride]
        windows = windows.reshape(*windows.shape[:4], n * n)
        won = windows.argmin(axis=4) if route == "smallest" else t.winners
        if route == "swapped":
            won = won % n * n + won // n
        u, v = won // n, won % n
        if route == "diagonal":
            won = np.where(u == v, won, -1)
        won = {"rows twice": u * n + u, "columns twice": v * n + v}.get(route, won)
        won = {"reversed": n * n - 1 - won, "one on": won + 1, "one back": won - 1}.get(route, won)
        arriving = {"x": t.dy * windows.max(axis=4), "ones": np.ones_like(t.dy), "positive": np.maximum(t.dy, 0)}
        arriving = arriving.get(dy, t.dy).copy()
        if dy in ("no last row", "no border"):
            arriving[:, -1] = 0
        if dy in ("no last column", "no border"):
            arriving[:, :, -1] = 0
        high, wide = max(t.x.shape[1], step * (P - 1) + n), max(t.x.shape[2], step * (Q - 1) + n)
        dx = np.zeros((len(t.x), high, wide, t.x.shape[3]))
        wins = np.zeros_like(dx)
        if route == "stride":
            return {"dx": {"": self._added(t, won, arriving, stride, stride)}}
        if joined == "last window":
            inside = (won >= 0) & (won < n * n)
            image, i, j, c = (one[inside] for one in np.indices(won.shape))
            dx[image, i * step + won[inside] // n, j * step + won[inside] % n, c] = arriving[inside]
            return {"dx": {"": dx[:, : t.x.shape[1], : t.x.shape[2]]}}
        if place == "in window":
            return {"dx": {"": self._added(t, won, arriving, 0, n)}}
        for u, v in product(range(n), repeat=2):
            here = won == u * (stride if route == "stride loops" else n) + v
            here = {
                "average": np.full(won.shape, 1 / n**2),
                "all": np.ones_like(won),
                "first": np.full(won.shape, u == v == 0),
                "last": np.full(won.shape, u == v == n - 1),
                "losers": ~here,
            }.get(route, here)
            at = (slice(None), slice(u, u + step * (P - 1) + 1, step), slice(v, v + step * (Q - 1) + 1, step))
            if joined == "replaced":
                dx[at] = np.where(here, arriving, dx[at])
            elif joined == "largest":
                dx[at] = np.where(here, np.where(wins[at] > 0, np.maximum(dx[at], arriving), arriving), dx[at])
            else:
                dx[at] += arriving * here
            wins[at] += here
        if joined == "averaged":
            dx /= np.maximum(wins, 1)
        return {"dx": {"": dx[:, : t.x.shape[1], : t.x.shape[2]]}}

    def _added(self, t, won, arriving, step, divisor):
        """dx if windows are `step` pixels apart and a winner is u divisor + v."""
        dx = np.zeros_like(t.x)
        image, i, j, c = np.indices(won.shape)
        rows, columns = i * step + won // divisor, j * step + won % divisor
        inside = (won >= 0) & (rows < t.x.shape[1]) & (columns < t.x.shape[2])
        np.add.at(dx, tuple(one[inside] for one in (image, rows, columns, c)), arriving[inside])
        return dx

    def quantities(self, t):
        return {"n^2": t.n**2}

    def layer(self, namespace, t):
        return namespace["MaxPool"](t.n, t.stride)
