"""One linear regression for all landmarks: from the leaves that a face falls into to the displacement of its shape."""

import numpy as np

from fernet import threads

LEVELS = 63  # every weight is a whole multiple of one step, and at most this many steps
_BLOCK = 1024  # samples whose indicators are written out at a time


def regress(columns: np.ndarray, width: int, targets: np.ndarray, penalty: float) -> np.ndarray:
    """W (width, K) that minimises |X W - targets|^2 + penalty |W|^2 for `targets` (N, K).

    X (N, width) is zero except for ones in `columns` (N, L T), the columns of the leaves of each sample. The normal
    equations (X^T X + penalty I) W = X^T targets are solved by Cholesky factorisation. X^T X counts how often two
    leaves occur together: whole numbers, which float32 adds without rounding.
    """
    from scipy.linalg import cho_factor, cho_solve

    def block(start: int) -> tuple[np.ndarray, np.ndarray]:
        part = columns[start : start + _BLOCK]
        X = np.zeros((len(part), width), np.float32)
        np.put_along_axis(X, part, 1, axis=1)
        return X.T @ X, X.T @ targets[start : start + _BLOCK].astype(np.float32)

    counts, sums = np.zeros((width, width)), np.zeros((width, targets.shape[1]))
    for gram, moment in threads.parallel_map(block, range(0, len(columns), _BLOCK)):
        counts += gram
        sums += moment
    counts[np.diag_indices(width)] += penalty
    return cho_solve(cho_factor(counts, overwrite_a=True, check_finite=False), sums, check_finite=False)


def rounded(weights: np.ndarray) -> np.ndarray:
    """`weights` in float32, rounded to multiples of the smallest power of two with which LEVELS multiples suffice.

    A file of such weights compresses to a sixth. Having half the levels of a byte costs no measurable accuracy.
    """
    step = 2.0 ** np.ceil(np.log2(np.abs(weights).max() / LEVELS))
    return (np.rint(weights / step) * step).astype(np.float32)


def predicted_moves(columns: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(N, L, 2): for each sample, the sum of the `columns` (N, L T) of `weights` (2L, width)."""
    moves = np.zeros((len(columns), len(weights)))
    rows = np.ascontiguousarray(weights.T, np.float64)
    for column in columns.T:
        moves += rows[column]
    return moves.reshape(len(columns), -1, 2)
