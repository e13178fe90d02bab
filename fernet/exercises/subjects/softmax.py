"""Softmax with cross-entropy."""

import numpy as np

from fernet.exercises.exercise import Exercise, Slip


class Softmax(Exercise):
    name, title, lesson = "softmax", "softmax with cross-entropy", 4
    source, solved_by = "fernet.losses", "softmax_cross_entropy"
    gradients = {"dlogits": ("sample", "class")}
    arriving = ()
    arrays = {"p": ("sample", "class"), "y": ("sample", "class")}
    shapes = (
        {"N": 3, "classes": 5},
        {"N": 5, "classes": 4},
        {"N": 4, "classes": 7},
        {"N": 1, "classes": 3},
        {"N": 6, "classes": 2},
    )
    slips = (
        Slip(
            "p",
            "diagonal",
            "only the right class has a gradient, as if softmax's Jacobian were its diagonal; p pushes the others down",
        ),
        Slip(
            "p", "through p", "(p - y) is multiplied by p (1 - p): that is the derivative of a sigmoid, once too often"
        ),
        Slip("p", "times p", "(p - y) is multiplied by p: p - y is already the whole gradient of the logits"),
        Slip(
            "p",
            "own derivative",
            "p (1 - p) stands where p - y belongs: that is the derivative of p with respect to its own logit, without "
            "the loss",
        ),
        Slip("p", "no Jacobian", "-y / (N p) is the gradient of p: softmax's own Jacobian is missing"),
        Slip("p", "log", "log p stands where p belongs"),
        Slip("p", "exponentials", "the exponentials are not divided by their sum: they are not yet probabilities"),
        Slip("p", "logits", "the logits stand where the probabilities p belong"),
        Slip("p", "squared", "p^2 stands where p belongs"),
        Slip("p", "over batch", "p is normalised over the batch; the classes of one sample must add up to 1"),
        Slip("p", "twice", "softmax is applied twice, to the probabilities p"),
        Slip("p", "uniform", "1 / classes stands where p belongs"),
        Slip("y", "shifted", "the wrong class is taken for the right one: it stands one column too far on"),
        Slip("y", "reversed", "the classes of y are counted from the end"),
        Slip("y", "predicted", "y is 1 at the most probable class, where the label belongs"),
        Slip("y", "others", "1 is subtracted at every class but the right one"),
        Slip("y", "everywhere", "1 is subtracted at every class; it belongs at the right class only"),
        Slip("only", "other classes", "the value at the right class is missing: it is p - 1"),
    )
    advice = {
        "-1": "the sign is wrong: y - p, where p - y belongs",
        "N": "1/N is missing: L is the mean over the batch",
        "N^2": "it is multiplied by N, where it must be divided: L is the mean over the batch",
        "1/N": "1/N is there twice: L is the mean over the batch, so it comes once",
        "N/C": "the sum is divided by the number of classes, where N, the size of the batch, belongs",
        "1/C": "there is a division by the number of classes besides the 1/N",
        "p: 0": "p is missing: this is -y / N alone",
        "-y: 0": "y is missing: p / N alone pushes every class down, the right one too",
        "-y: -1": "y is added, where it must be subtracted",
        "-y: N": "1/N is missing at y: both p and y are divided by N",
        "p: N": "1/N is missing at p: both p and y are divided by N",
    }
    hints = (
        "dlogits has the shape of the logits, (N, classes), as have p and y. N is len(p).",
        "Every class has a gradient: p pushes all logits down, y lifts the right one. The mean over the batch "
        "gives 1/N, once.",
        "for n, i:\n    dlogits[n, i] = (p[n, i] - (1 if i == labels[n] else 0)) / N",
        "dlogits = (p - y) / len(p)",
    )

    def draw(self, rng, N, classes):
        return {"logits": rng.standard_normal((N, classes)) * 2, "labels": rng.integers(0, classes, N)}

    def prepare(self, t):
        exponentials = np.exp(t.logits - t.logits.max(axis=1, keepdims=True))
        t.p = exponentials / exponentials.sum(axis=1, keepdims=True)
        t.y = (t.labels[:, None] == np.arange(t.logits.shape[1])).astype(float)

    def terms(self, t, p="right", y="right", only="all"):
        N, C = t.logits.shape
        onehot, prob = t.y, t.p
        exponentials = np.exp(t.logits - t.logits.max(axis=1, keepdims=True))
        if p == "diagonal":
            return {"dlogits": {"": -onehot * (1 - prob) / N}}
        if p == "own derivative":
            return {"dlogits": {"": prob * (1 - prob) / N}}
        if p == "no Jacobian":
            return {"dlogits": {"": -onehot / prob / N}}
        if p in ("through p", "times p"):
            return {"dlogits": {"": (prob - onehot) * prob * (1 - prob if p == "through p" else 1) / N}}
        whole = np.exp(t.logits)
        first = {
            "right": prob,
            "log": np.log(prob),
            "exponentials": exponentials,
            "logits": t.logits,
            "squared": prob**2,
            "over batch": whole / whole.sum(axis=0),
            "twice": np.exp(prob) / np.exp(prob).sum(axis=1, keepdims=True),
            "uniform": np.full_like(prob, 1 / C),
        }[p]
        target = {
            "right": onehot,
            "shifted": np.roll(onehot, 1, axis=1),
            "reversed": onehot[:, ::-1],
            "predicted": (prob == prob.max(axis=1, keepdims=True)).astype(float),
            "others": 1 - onehot,
            "everywhere": np.ones_like(onehot),
        }[y]
        mask = {"all": 1.0, "other classes": 1 - onehot}[only]
        return {"dlogits": {"p": mask * first / N, "-y": -mask * target / N}}

    def quantities(self, t):
        N, C = t.logits.shape
        loss = -(t.y * np.log(t.p)).sum() / N
        return {"N": N, "N^2": N**2, "C": C, "N/C": N / C, "L": loss}

    def by_layer(self, namespace, t):
        return {"dlogits": namespace["softmax_cross_entropy"](t.logits, t.labels)[1]}
