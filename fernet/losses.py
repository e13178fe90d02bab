"""Softmax cross-entropy, and the joint loss of DTAGN (Eq. 8 to 10)."""

import numpy as np

from fernet.backend import Array, array_library
from fernet.errors import UserError
from fernet.fast.cuda import softmax_cross_entropy as softmax_cross_entropy_cuda
from fernet.fast.twins import cuda_twin_applies


def softmax(logits: Array) -> Array:
    """p[n, j] = exp(l[n, j]) / sum over i of exp(l[n, i]); logits (N, classes), p alike.

    The largest logit of a row is subtracted first, which changes nothing and cannot overflow.
    """
    exponentials = array_library(logits).exp(logits - logits.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def softmax_cross_entropy(logits: Array, labels: Array) -> tuple[Array, Array]:
    """L = mean over n of -log p[n, label_n]   (Eq. 9 with a one-hot y)

        dl[n, j] = (p[n, j] - y[n, j]) / N

    logits (N, classes); labels (N,) integers, on the host or beside the logits. Returns L, a scalar of the library of
    `logits`, and dl.
    """
    library = array_library(logits)
    _check(labels, logits.shape)
    labels = library.asarray(labels)
    if cuda_twin_applies(logits):
        return softmax_cross_entropy_cuda.softmax_cross_entropy(logits, labels)
    one_hot = (labels[:, None] == library.arange(logits.shape[1])).astype(logits.dtype)
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - library.log(library.exp(shifted).sum(axis=1, keepdims=True))
    loss = -(one_hot * log_p).sum() / len(logits)
    return loss, (library.exp(log_p) - one_hot) / len(logits)


def joint_loss(
    logits1: Array, logits2: Array, labels: Array, weights: tuple[float, float, float] = (1.0, 1.0, 0.1)
) -> tuple[Array, Array, Array]:
    """L = w1 L1 + w2 L2 + w3 L3   (Eq. 8): L1 on DTAN's logits, L2 on DTGN's, L3 on their sum (Eq. 10)

        dl1 = w1 (p1 - y) / N  +  w3 (p3 - y) / N
        dl2 = w2 (p2 - y) / N  +  w3 (p3 - y) / N

    Returns L, dl1, dl2. The default weights are the paper's; (0, 0, 1) trains with L3 only.
    """
    w1, w2, w3 = (float(w) for w in weights)
    loss1, dl1 = softmax_cross_entropy(logits1, labels)
    loss2, dl2 = softmax_cross_entropy(logits2, labels)
    loss3, dl3 = softmax_cross_entropy(logits1 + logits2, labels)
    loss = w1 * loss1 + w2 * loss2 + w3 * loss3
    return loss, w1 * dl1 + w3 * dl3, w2 * dl2 + w3 * dl3


def _check(labels: Array, shape: tuple[int, int]) -> None:
    """Refuse labels that do not fit logits of `shape`."""
    count, classes = shape
    # Labels on a device were checked before they went there: to look at them would be to wait for it.
    if isinstance(labels, np.ndarray) and (len(labels) != count or labels.min() < 0 or labels.max() >= classes):
        raise UserError(
            f"{len(labels)} labels from {labels.min()} to {labels.max()} do not fit logits of shape {shape}: "
            f"expected {count} labels from 0 to {classes - 1}"
        )
