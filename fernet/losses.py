"""Softmax cross-entropy, and the joint loss of DTAGN (Eq. 8 to 10)."""

from collections.abc import Callable

from fernet.backend import Array, array_library
from fernet.errors import UserError


def softmax(logits: Array) -> Array:
    """Probabilities of the classes from their logits l:

        p[n, j] = exp(l[n, j]) / (sum over i of exp(l[n, i]))

    The largest logit of each row is subtracted first: the factor cancels in the fraction, and nothing can overflow.
    Shapes: logits (N, classes), p alike.
    """
    exponentials = array_library(logits).exp(logits - logits.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def softmax_cross_entropy(logits: Array, labels: Array) -> tuple[Array, Array]:
    """The mean of -log p over the batch, p being the probability that softmax gives the right class (Eq. 9):

        L = -(1/N) sum over n, j of y[n, j] log p[n, j],    y[n, j] = 1 for j = labels[n], else 0

    Derivation. log p[n, j] = l[n, j] - log(sum over i of exp(l[n, i])). The derivative of the second term with respect
    to l[n, i] is exp(l[n, i]) / (sum over i' of exp(l[n, i'])) = p[n, i], so that of log p[n, j] is (1 if i = j else 0)
    - p[n, i]. Summed over j with the weights y[n, j], which add up to 1, and multiplied by -1/N:

        dl[n, i] = (p[n, i] - y[n, i]) / N

    Shapes: logits (N, classes), labels (N,) integers. Returns L, a scalar of the library of `logits`, and dl. Labels
    that do not fit the logits are a UserError.
    """
    library = array_library(logits)
    labels = library.asarray(labels)
    check_labels(labels, logits.shape)
    y = (labels[:, None] == library.arange(logits.shape[1])).astype(logits.dtype)
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - library.log(library.exp(shifted).sum(axis=1, keepdims=True))
    loss = -(y * log_p).sum() / len(logits)
    return loss, (library.exp(log_p) - y) / len(logits)


def joint_loss(
    logits1: Array,
    logits2: Array,
    labels: Array,
    weights: tuple[float, float, float] = (1.0, 1.0, 0.1),
    cross_entropy: Callable[[Array, Array], tuple[Array, Array]] = softmax_cross_entropy,
) -> tuple[Array, Array, Array]:
    """The loss of joint fine-tuning: DTAN's, DTGN's, and that of the sum of their logits, l3 = l1 + l2 (Eq. 8, 10):

        L = w1 L1 + w2 L2 + w3 L3,    Li the cross-entropy of li, pi its softmax

    Derivation. l1 enters L1 directly, and L3 through l3 = l1 + l2, whose derivative with respect to l1 is 1; likewise
    l2. The gradients of the two paths add up:

        dl1 = w1 (p1 - y) / N  +  w3 (p3 - y) / N
        dl2 = w2 (p2 - y) / N  +  w3 (p3 - y) / N

    Shapes: logits (N, classes), labels (N,). Returns L, dl1, dl2. The default weights are the paper's; (0, 0, 1) trains
    on L3 alone. `cross_entropy` computes each of the three terms.
    """
    w1, w2, w3 = (float(w) for w in weights)
    loss1, dl1 = cross_entropy(logits1, labels)
    loss2, dl2 = cross_entropy(logits2, labels)
    loss3, dl3 = cross_entropy(logits1 + logits2, labels)
    loss = w1 * loss1 + w2 * loss2 + w3 * loss3
    return loss, w1 * dl1 + w3 * dl3, w2 * dl2 + w3 * dl3


def check_labels(labels: Array, shape: tuple[int, int]) -> None:
    """UserError unless `labels` fit logits of `shape`, (N, classes)."""
    count, classes = shape
    if len(labels) != count or labels.min() < 0 or labels.max() >= classes:
        raise UserError(
            f"{len(labels)} labels from {labels.min()} to {labels.max()} do not fit logits of shape {shape}: "
            f"expected {count} labels from 0 to {classes - 1}"
        )
