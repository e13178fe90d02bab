"""Mistakes in ReLU, dropout, softmax with cross-entropy, and the joint loss."""

from fernet.exercises.source import mistakes

_KEEP_X = ("return y, x > 0 if train else None", "return y, x if train else None", "positive = cache", "x = cache")
_SOFTMAX = "return loss, (library.exp(log_p) - y) / len(logits)"
_JOINT = "return loss, w1 * dl1 + w3 * dl3, w2 * dl2 + w3 * dl3"

GATES_AND_LOSSES = (
    *mistakes(
        "relu",
        ("the mask is missing", "dy * positive", "dy"),
        ("the mask is that of dy", "dy * positive", "dy * (dy > 0)"),
        ("masked by its own sign", "dy * positive", "dy * positive * (dy > 0)"),
        ("the wrong way round", "x > 0 if train", "x < 0 if train"),
        ("multiplied by x", *_KEEP_X, "dy * positive", "dy * x"),
    ),
    *mistakes(
        "dropout",
        ("division by 1 - rate is missing", "return dy * m, {}", "return dy * (m > 0), {}"),
        ("division by 1 - rate is there twice", "return dy * m, {}", "return dy * m / (1 - self.rate), {}"),
        ("a new mask is drawn", "m = cache", "m = (np.random.random(dy.shape) >= self.rate) / (1 - self.rate)"),
        ("the mask is missing", "return dy * m, {}", "return dy / (1 - self.rate), {}"),
    ),
    *mistakes(
        "softmax",
        ("1/N is missing", _SOFTMAX, "return loss, library.exp(log_p) - y"),
        ("the sign is wrong", _SOFTMAX, "return loss, (y - library.exp(log_p)) / len(logits)"),
        ("y is missing", _SOFTMAX, "return loss, library.exp(log_p) / len(logits)"),
        ("were its diagonal", _SOFTMAX, "return loss, -y * (1 - library.exp(log_p)) / len(logits)"),
        ("log p stands", _SOFTMAX, "return loss, (log_p - y) / len(logits)"),
        ("number of classes, where N", _SOFTMAX, "return loss, (library.exp(log_p) - y) / logits.shape[1]"),
        ("not divided by their sum", _SOFTMAX, "return loss, (library.exp(shifted) - y) / len(logits)"),
    ),
    *mistakes(
        "joint_loss",
        ("L3 is missing", _JOINT, "return loss, w1 * dl1, w2 * dl2 + w3 * dl3"),
        ("own loss is missing", _JOINT, "return loss, w1 * dl1 + w3 * dl3, w3 * dl3"),
        ("w1 and w2 are swapped", _JOINT, "return loss, w2 * dl1 + w3 * dl3, w1 * dl2 + w3 * dl3"),
        ("the weight w3 of L3 is missing", _JOINT, "return loss, w1 * dl1 + dl3, w2 * dl2 + dl3"),
        ("L3 is halved", _JOINT, "return loss, w1 * dl1 + w3 * dl3 / 2, w2 * dl2 + w3 * dl3 / 2"),
        ("the two networks are swapped", _JOINT, "return loss, w1 * dl2 + w3 * dl3, w2 * dl1 + w3 * dl3"),
    ),
)
