"""Mistakes in forks, the fully connected layer, convolution, Eq. 1 and pooling."""

from fernet.exercises.source import mistakes

_PRODUCT = "seen.reshape(-1, W.shape[2]).T @ dy.reshape(-1, K)"
_ROUTE = "dx[:, rows, columns] += dy * (winners == u * n + v)"

WEIGHTS = (
    *mistakes(
        "fork",
        ("only the gradient of the square", "dx = dx + 2 * x * dsquare", "dx = 2 * x * dsquare"),
        ("only the gradient of flat", "dx = dx + 2 * x * dsquare", "dx = dx * 1"),
        ("the factor 2 is missing", "dx = dx + 2 * x * dsquare", "dx = dx + x * dsquare"),
        ("must be added", "dx = dx + 2 * x * dsquare", "dx = dx * 2 * x * dsquare"),
        ("fills the columns first", "dflat.reshape(x.shape)", 'dflat.reshape(x.shape, order="F")'),
    ),
    *mistakes(
        "fully_connected",
        ("W must be transposed", '["W"].T', '["W"]'),
        ("swapped", "x.T @ dy", "dy.T @ x"),
        ("divided by N", "x.T @ dy", "x.T @ dy / len(x)"),
        ("sum over the samples is missing", "dy.sum(axis=0)", "dy"),
        ("divided by N", "dy.sum(axis=0)", "dy.mean(axis=0)"),
        ("over the outputs", "dy.sum(axis=0)", "dy.sum(axis=1)"),
        ("where x, the input, belongs", "x.T @ dy", '(x @ self.params["W"] + self.params["b"]).T @ dy'),
    ),
    *mistakes(
        "conv_weights",
        ("dW is flipped in rows and columns", "dW[r, s] =", "dW[self.size - 1 - r, self.size - 1 - s] ="),
        ("flipped in rows and columns", "dy.reshape(-1, K)", "dy[:, ::-1, ::-1].reshape(-1, K)"),
        ("r and s are swapped", "dW[r, s] =", "dW[s, r] ="),
        ("divided by N", _PRODUCT, f"{_PRODUCT} / len(x)"),
        ("divided by their number", _PRODUCT, f"{_PRODUCT} / (P * Q)"),
        ("only the last image", _PRODUCT, "seen[-1].reshape(-1, W.shape[2]).T @ dy[-1].reshape(-1, K)"),
        ("sum over the images is missing", "dy.sum(axis=(0, 1, 2))", "dy.sum(axis=(1, 2))"),
    ),
    *mistakes(
        "conv_pixels",
        ("turned the wrong way", "W[r, s].T", "W[-1 - r, -1 - s].T"),
        ("r and s are swapped", "W[r, s].T", "W[s, r].T"),
        ("W[r, s] is not transposed", "W[r, s].T", "W[r, s]"),
        ("+= belongs", "s : s + Q] += dy", "s : s + Q] = dy"),
        ("frame is still there", "return self.unframed(dx), self", "return dx, self"),
        ("one row too early", "self.unframed(dx), self", "np.roll(self.unframed(dx), -1, axis=1), self"),
    ),
    *mistakes(
        "multiframe",
        ("averaged over the frames", "dy @ W[r, s, t]\n", "dy @ W[r, s].mean(axis=0)\n"),
        (
            "x is averaged over the frames",
            "x[:, r : r + P, s : s + Q, t].reshape",
            "x[:, r : r + P, s : s + Q].mean(3).reshape",
        ),
        ("filters of the next one", "dy @ W[r, s, t]\n", "dy @ W[r, s, (t + 1) % T]\n"),
        ("frames are in reverse order", "dW[r, s, t] = x", "dW[r, s, T - 1 - t] = x"),
    ),
    *mistakes(
        "max_pool",
        ("average pooling", "dy * (winners == u * n + v)", "dy / n**2"),
        ("several adds up", _ROUTE, "dx[:, rows, columns] = np.where(winners == u * n + v, dy, dx[:, rows, columns])"),
        ("u and v are swapped", "winners == u * n + v", "winners == v * n + u"),
        ("the stride is missing", "self.size, self.stride, dy.shape", "self.size, 1, dy.shape"),
        ("every pixel of the window", "dy * (winners == u * n + v)", "dy"),
    ),
)
