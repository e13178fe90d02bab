"""Right answers to the exercises, written in many ways: none of them may raise an alarm."""

CONV_W = """
    x, W = cache
    R, (N, P, Q, K), C = len(W), dy.shape, W.shape[2]
"""
CONV_X = """
    x, W, before, after = cache
    R, (N, P, Q, K), (_, H, width, C) = len(W), dy.shape, x.shape
"""
RESPONSE = """
    x, D, n, alpha, power = cache
"""
CONTRAST = """
    x, d, D, pixels, n, alpha, power = cache
    mirrored = n - 1 - n // 2
"""
POOL = """
    winners, x, n, stride = cache
    _, P, Q, _ = dy.shape
    dx = np.zeros_like(x)
"""

VARIANTS = [
    ("fork", "reshape and add", "    return dflat.reshape(cache.shape) + 2 * cache * dsquare"),
    (
        "fork",
        "accumulated",
        "    dx = (2 * cache * dsquare).reshape(len(cache), -1)\n    dx += dflat\n    return dx.reshape(cache.shape)",
    ),
    ("fully_connected", "matrices", "    x, W = cache\n    return dy @ W.T, x.T @ dy, dy.sum(axis=0)"),
    (
        "fully_connected",
        "einsum",
        "    x, W = cache\n    dx = np.einsum('no,io->ni', dy, W)\n"
        "    return dx, np.einsum('ni,no->io', x, dy), np.einsum('no->o', dy)",
    ),
    (
        "fully_connected",
        "loops",
        "    x, W = cache\n    dx, dW, db = np.zeros_like(x), np.zeros_like(W), np.zeros_like(W[0])\n"
        "    for n in range(len(x)):\n        dx[n] = W @ dy[n]\n        dW += np.outer(x[n], dy[n])\n        "
        "db += dy[n]\n"
        "    return [dx, dW, db]",
    ),
    ("softmax", "difference", "    p, y = cache\n    return (p - y) / len(p)"),
    (
        "softmax",
        "whole Jacobian",
        "    p, y = cache\n    dp = -y / p / len(p)\n    return p * (dp - (dp * p).sum(axis=1, keepdims=True))",
    ),
    ("relu", "where", "    return np.where(cache > 0, dy, np.zeros_like(dy))"),
    ("relu", "copy and zero", "    dx = dy.copy()\n    dx[cache <= 0] = 0\n    return dx"),
    ("dropout", "product", "    kept, rate = cache\n    return dy * kept / (1 - rate)"),
    ("dropout", "where", "    kept, rate = cache\n    m = kept.astype(dy.dtype) / (1 - rate)\n    return m * dy"),
    (
        "conv_weights",
        "windows",
        CONV_W + "    dW = np.empty_like(W)\n    for r in range(R):\n        for s in range(R):\n"
        "            seen = x[:, r : r + P, s : s + Q]\n            dW[r, s] = seen.reshape(-1, C).T @ "
        "dy.reshape(-1, K)\n"
        "    return dW, dy.sum(axis=(0, 1, 2))",
    ),
    (
        "conv_weights",
        "pixel by pixel",
        CONV_W + "    dW = np.zeros_like(W)\n    for i in range(P):\n"
        "        for j in range(Q):\n            patch = x[:, i : i + R, j : j + R]\n"
        "            dW += np.einsum('nrsc,nk->rsck', patch, dy[:, i, j])\n    return dW, dy.sum(0).sum(0).sum(0)",
    ),
    (
        "conv_weights",
        "im2col",
        CONV_W + "    view = np.lib.stride_tricks.sliding_window_view(x, (R, R), axis=(1, 2))\n"
        "    columns = view.transpose(0, 1, 2, 4, 5, 3).reshape(N * P * Q, R * R * C)\n"
        "    return (columns.T @ dy.reshape(-1, K)).reshape(W.shape), dy.reshape(-1, K).sum(axis=0)",
    ),
    (
        "conv_pixels",
        "scatter",
        CONV_X + "    dx = np.zeros_like(x)\n    for r in range(R):\n        for s in range(R):\n"
        "            dx[:, r : r + P, s : s + Q] += dy @ W[r, s].T\n"
        "    return dx[:, before : H - after, before : width - after]",
    ),
    (
        "conv_pixels",
        "gather with flipped filters",
        CONV_X + "    a = R - 1\n"
        "    framed = np.pad(dy, ((0, 0), (a, a), (a, a), (0, 0)))\n"
        "    view = np.lib.stride_tricks.sliding_window_view(framed, (R, R), axis=(1, 2))\n"
        "    dx = np.einsum('nijkrs,rsck->nijc', view, W[::-1, ::-1])\n"
        "    return dx[:, before : H - after, before : width - after]",
    ),
    (
        "conv_pixels",
        "output by output",
        CONV_X + "    dx = np.zeros_like(x)\n    for i in range(P):\n"
        "        for j in range(Q):\n            dx[:, i : i + R, j : j + R] += np.einsum('nk,rsck->nrsc', "
        "dy[:, i, j], W)\n"
        "    return dx[:, before : H - after, before : width - after]",
    ),
    (
        "multiframe",
        "as a convolution",
        CONV_W + "    dx, dW = np.zeros_like(x), np.empty_like(W)\n"
        "    for r in range(R):\n        for s in range(R):\n            window = x[:, r : r + P, s : s + Q]\n"
        "            dx[:, r : r + P, s : s + Q] += dy @ W[r, s].T\n"
        "            dW[r, s] = np.tensordot(window, dy, axes=([0, 1, 2], [0, 1, 2]))\n    return dx, dW, "
        "dy.sum(axis=(0, 1, 2))",
    ),
    (
        "max_pool",
        "places of the window",
        POOL + "    for u in range(n):\n        for v in range(n):\n"
        "            rows = slice(u, u + stride * (P - 1) + 1, stride)\n"
        "            columns = slice(v, v + stride * (Q - 1) + 1, stride)\n"
        "            dx[:, rows, columns] += dy * (winners == u * n + v)\n    return dx",
    ),
    (
        "max_pool",
        "add.at",
        POOL + "    m, i, j, c = np.indices(dy.shape)\n"
        "    np.add.at(dx, (m, i * stride + winners // n, j * stride + winners % n, c), dy)\n    return dx",
    ),
    (
        "response",
        "one line",
        RESPONSE + "    y = x * D**-power\n    inner = window_sum(dy * y / D, n, n - 1 - n // 2)\n"
        "    return dy * D**-power - 2 * power * alpha * x * inner",
    ),
    (
        "response",
        "window by window",
        RESPONSE + "    N, H, width, C = x.shape\n    g = dy * x * D ** (-power - 1)\n"
        "    dD = np.zeros_like(x)\n    for i in range(H):\n        for j in range(width):\n"
        "            top, left = max(0, i - n // 2), max(0, j - n // 2)\n"
        "            dD[:, top : i + n - n // 2, left : j + n - n // 2] += g[:, i : i + 1, j : j + 1]\n"
        "    return dy / D**power - 2 * power * alpha * x * dD",
    ),
    (
        "across",
        "mirrored sum",
        RESPONSE + "    inner = sum_across(dy * x / D ** (power + 1), n, n - 1 - n // 2)\n"
        "    return dy * D**-power - alpha * power * x * 2 * inner",
    ),
    (
        "across",
        "a matrix of neighbours",
        RESPONSE + "    c = np.arange(x.shape[3])\n    offset = c[None, :] - c[:, None]\n"
        "    near = ((offset >= -(n // 2)) & (offset < n - n // 2)).astype(x.dtype)  # near[m, c]: c is in win(m)\n"
        "    return dy * D**-power - 2 * power * alpha * x * ((dy * x * D ** (-power - 1)) @ near)",
    ),
    (
        "contrast",
        "three terms",
        CONTRAST + "    h = -2 * power * alpha * d * window_sum(dy * x * D ** (-power - 1), n, mirrored)\n"
        "    return dy * D**-power + h - window_sum(h / pixels, n, mirrored)",
    ),
    (
        "contrast",
        "by way of D",
        CONTRAST + "    dD = -power * dy * x * D ** (-power - 1)\n"
        "    dsquares = alpha * window_sum(dD, n, mirrored)\n    dd = 2 * d * dsquares\n    dm = -dd\n"
        "    dx = dy * D**-power + dd\n    dx += window_sum(dm / pixels, n, mirrored)\n    return dx",
    ),
    (
        "joint_loss",
        "two paths",
        "    p1, p2, p3, y, (w1, w2, w3) = cache\n    dl3 = w3 * (p3 - y) / len(y)\n"
        "    return w1 * (p1 - y) / len(y) + dl3, w2 * (p2 - y) / len(y) + dl3",
    ),
    (
        "joint_loss",
        "collected",
        "    p1, p2, p3, y, (w1, w2, w3) = cache\n    N = y.shape[0]\n"
        "    return (w1 * p1 + w3 * p3 - (w1 + w3) * y) / N, (w2 * p2 + w3 * p3 - (w2 + w3) * y) / N",
    ),
]


def write_answer(folder, exercise, body):
    """The exercise's file in `folder`, with `body` in place of what is to be written."""
    from fernet.exercises.answers import page_text

    text = page_text(exercise)
    start = text.index('"""', text.index("def backward")) + 3
    end = text.index('"""', start) + 3
    path = folder / f"{exercise}.py"
    path.write_text(text[:end] + "\n" + body.strip("\n") + "\n", encoding="utf-8")
    return path


def solution(name):
    """A right answer to an exercise."""
    return next(body for exercise, _, body in VARIANTS if exercise == name)
