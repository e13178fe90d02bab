"""Wrong answers of learners, written after the diagnosis, which is not to know them: exercise, answer, and words that a
right name contains."""

from exercise_variants import CONTRAST, CONV_W, CONV_X, POOL, RESPONSE

LOOP_W = "    for r in range(R):\n        for s in range(R):\n            "
CUT = "    return dx[:, before : H - after, before : width - after]"
JOINT = "    p1, p2, p3, y, (w1, w2, w3) = cache\n    N = len(y)\n"

HELD_OUT = [
    ("fork", "    dx = (dflat.reshape(cache.shape) + dsquare) * 2 * cache\n    return dx", "2 x"),
    ("fork", "    dx = dflat.reshape(cache.shape) + cache * dsquare**2\n    return dx", None),
    ("fully_connected", "    x, W = cache\n    return dy @ W.T, x.T @ dy, dy.sum(axis=0, keepdims=True)", "length 1"),
    ("fully_connected", "    x, W = cache\n    return W @ dy.T, x.T @ dy, dy.sum(axis=0)", "transposed"),
    ("fully_connected", "    x, W = cache\n    return dy @ W.T, x.T @ dy, dy.sum()", "summed over the outputs"),
    (
        "fully_connected",
        "    x, W = cache\n    return dy @ W.T / len(x), x.T @ dy / len(x), dy.sum(axis=0) / len(x)",
        "N",
    ),
    ("relu", "    return (cache > 0).astype(dy.dtype)", "dy is left out"),
    ("relu", "    return dy * (cache > 0) * np.sign(dy)", "absolute values"),
    ("relu", "    return dy * (np.abs(cache) > 0)", "mask is missing"),
    ("dropout", "    kept, rate = cache\n    return dy * kept * rate", "rate"),
    ("dropout", "    kept, rate = cache\n    return dy * ~kept / (1 - rate)", "wrong way round"),
    ("softmax", "    p, y = cache\n    return p - y / len(p)", "1/N is missing at p"),
    ("softmax", "    p, y = cache\n    return (p - y).mean(axis=0)", "summed over the samples"),
    ("softmax", "    p, y = cache\n    return p * (p - y) / len(p)", "multiplied by p"),
    ("softmax", "    p, y = cache\n    return (y - p)", "sign"),
    (
        "conv_weights",
        CONV_W + "    dW = np.zeros_like(W)\n    for i in range(P - 1):\n        for j in range(Q):\n"
        "            dW += np.einsum('nrsc,nk->rsck', x[:, i : i + R, j : j + R], dy[:, i, j])\n"
        "    return dW, dy.sum(axis=(0, 1, 2))",
        "last row is left out",
    ),
    (
        "conv_weights",
        CONV_W
        + "    dW = np.zeros_like(W)\n"
        + LOOP_W
        + "dW[r, s] = np.tensordot(x[:, r : r + P, s : s + Q], dy.sum(axis=3), axes=([0, 1, 2], [0, 1, 2]))[:, None]\n"
        "    return dW, dy.sum(axis=(0, 1, 2))",
        "every map holds the sum",
    ),
    (
        "conv_weights",
        CONV_W
        + "    dW = np.zeros((R, R, K, C))\n"
        + LOOP_W
        + "dW[r, s] = dy.reshape(-1, K).T @ x[:, r : r + P, s : s + Q].reshape(-1, C)\n"
        "    return dW, dy.sum(axis=(0, 1, 2))",
        "channels and maps are swapped",
    ),
    (
        "conv_weights",
        CONV_W
        + "    dW = np.zeros_like(W)\n"
        + LOOP_W
        + "dW[r, s] = x[0, r : r + P, s : s + Q].reshape(-1, C).T @ dy[0].reshape(-1, K)\n"
        "    return dW, dy.mean(axis=(0, 1, 2))",
        ("first image", "mean"),
    ),
    (
        "conv_pixels",
        CONV_X + "    a = R - 1\n    framed = np.pad(dy, ((0, 0), (a, a), (a, a), (0, 0)))\n"
        "    view = np.lib.stride_tricks.sliding_window_view(framed, (R, R), axis=(1, 2))\n"
        "    dx = np.einsum('nijkrs,rsck->nijc', view, W)\n" + CUT,
        "flipped in rows and columns",
    ),
    (
        "conv_pixels",
        CONV_X
        + "    dx = np.zeros_like(x)\n"
        + LOOP_W
        + "dx[:, r : r + P, s : s + Q] += dy[..., :1] @ W[r, s, :, :1].T\n"
        + CUT,
        "first map",
    ),
    (
        "conv_pixels",
        CONV_X
        + "    dx = np.zeros_like(x)\n"
        + LOOP_W
        + "dx[:, r : r + P, s : s + Q] += dy @ W[r, s].T\n    return dx[:, before:-after, before:-after]",
        "cut off at dx.shape[1] - after",
    ),
    (
        "conv_pixels",
        CONV_X + "    dx = np.zeros_like(x)\n    for r in range(R - 1):\n        for s in range(R):\n"
        "            dx[:, r : r + P, s : s + Q] += dy @ W[r, s].T\n" + CUT,
        "last row of the filter",
    ),
    (
        "multiframe",
        CONV_W + "    dx, dW, db = np.zeros_like(x), np.zeros_like(W), np.zeros(K)\n    for t in range(C):\n"
        "        db += dy.sum(axis=(0, 1, 2))\n        for r in range(R):\n            for s in range(R):\n"
        "                dx[:, r : r + P, s : s + Q, t] += dy @ W[r, s, t]\n"
        "                dW[r, s, t] = x[:, r : r + P, s : s + Q, t].reshape(-1) @ dy.reshape(-1, K)\n"
        "    return dx, dW, db",
        "once for each frame",
    ),
    (
        "multiframe",
        CONV_W + "    dx, dW = np.zeros_like(x), np.zeros_like(W)\n    for t in range(C):\n"
        "        for r in range(R):\n            for s in range(R):\n"
        "                dx[:, r : r + P, s : s + Q, t] += dy @ W[r, s, 0]\n"
        "                dW[r, s, t] = x[:, r : r + P, s : s + Q, t].reshape(-1) @ dy.reshape(-1, K)\n"
        "    return dx, dW, dy.sum(axis=(0, 1, 2))",
        "first frame",
    ),
    (
        "max_pool",
        POOL + "    m, i, j, c = np.indices(dy.shape)\n"
        "    dx[m, i * stride + winners // n, j * stride + winners % n, c] = dy\n    return dx",
        "only the last counts",
    ),
    (
        "max_pool",
        POOL + "    m, i, j, c = np.indices(dy.shape)\n"
        "    np.add.at(dx, (m, i * stride + winners // n, j * stride + winners // n, c), dy)\n    return dx",
        "taken for its column",
    ),
    (
        "response",
        RESPONSE + "    return dy * D**-power - 2 * power * alpha * x * D ** (-power - 1) "
        "* window_sum(dy * x, n, n - 1 - n // 2)",
        "outside the sum",
    ),
    (
        "response",
        RESPONSE
        + "    return dy * D**-power - 2 * power * alpha * x * window_sum(dy * x * D ** (-power - 1), n, n // 2)",
        "not mirrored",
    ),
    (
        "response",
        RESPONSE
        + "    return D**-power - 2 * power * alpha * x * window_sum(x * D ** (-power - 1), n, n - 1 - n // 2)",
        "dy",
    ),
    (
        "across",
        RESPONSE + "    return dy * D**-power - 2 * power * alpha / n * x "
        "* sum_across(dy * x * D ** (-power - 1), n, n - 1 - n // 2)",
        "divided by n",
    ),
    (
        "across",
        RESPONSE
        + "    return dy * D**-power - power * alpha * x * sum_across(x * D ** (-power - 1), n, n - 1 - n // 2)",
        "factor 2",
    ),
    (
        "contrast",
        CONTRAST + "    h = 2 * power * alpha * d * window_sum(dy * x * D ** (-power - 1), n, mirrored)\n"
        "    return dy * D**-power + h - window_sum(h / pixels, n, mirrored)",
        "h has the wrong sign",
    ),
    (
        "contrast",
        CONTRAST + "    h = -2 * power * alpha * d * window_sum(dy * x * D ** (-power - 1), n, n // 2)\n"
        "    return dy * D**-power + h - window_sum(h / pixels, n, n // 2)",
        "not mirrored",
    ),
    (
        "contrast",
        CONTRAST + "    h = -2 * power * alpha * x * window_sum(dy * x * D ** (-power - 1), n, mirrored)\n"
        "    return dy * D**-power + h",
        ("x outside the sum", "through the mean is missing"),
    ),
    (
        "contrast",
        CONTRAST + "    h = -2 * power * alpha * d * window_sum(dy * d * D ** (-power - 1), n, mirrored)\n"
        "    return dy * D**-power + h - window_sum(h / pixels, n, mirrored)",
        "d D^-power",
    ),
    ("joint_loss", JOINT + "    return (p1 - y) / N + (p3 - y) / N, (p2 - y) / N + (p3 - y) / N", "w3"),
    (
        "joint_loss",
        JOINT + "    return w1 * (p1 - y) / N + w3 * (p1 + p2 - y) / N, w2 * (p2 - y) / N + w3 * (p1 + p2 - y) / N",
        "sum of p1 and p2",
    ),
    ("joint_loss", JOINT + "    return w1 * (p1 - y) + w3 * (p3 - y), w2 * (p2 - y) + w3 * (p3 - y)", "1/N is missing"),
    (
        "joint_loss",
        JOINT + "    dl3 = w3 * (p3 - y) / N\n    return dl3, w2 * (p2 - y) / N + dl3",
        "own loss is missing",
    ),
]
