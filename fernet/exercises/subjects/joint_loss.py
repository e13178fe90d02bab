"""The joint loss of DTAGN."""

import numpy as np

from fernet.exercises.exercise import Exercise, Slip


def _softmax(logits):
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


class JointLoss(Exercise):
    name, title, lesson = "joint_loss", "two networks, three losses, Eq. 8", 11
    source, solved_by = "fernet.losses", "joint_loss"
    gradients = {"dlogits1": ("sample", "class"), "dlogits2": ("sample", "class")}
    arriving = ()
    arrays = dict.fromkeys(("p1", "p2", "p3", "y"), ("sample", "class"))
    shapes = (
        {"N": 3, "classes": 5, "weights": (0.7, 1.3, 0.9)},
        {"N": 5, "classes": 4, "weights": (1.6, 0.6, 0.45)},
        {"N": 4, "classes": 7, "weights": (0.55, 0.85, 1.7)},
        {"N": 1, "classes": 3, "weights": (1.2, 0.8, 0.3)},
        {"N": 6, "classes": 2, "weights": (0.4, 1.1, 0.6)},
    )
    slips = (
        Slip("weights", "swapped", "w1 and w2 are swapped: w1 belongs to L1, w2 to L2"),
        Slip("weights", "own is w3", "w3 stands at the network's own loss; it belongs to L3"),
        Slip("weights", "joint is own", "the network's own weight stands at L3, where w3 belongs"),
        Slip("weights", "joint is other", "the other network's weight stands at L3, where w3 belongs"),
        Slip("weights", "own and w3", "the weights of the network's own loss and of L3 are swapped"),
        Slip("weights", "missing", "the weights w1, w2 and w3 are missing"),
        Slip("own", "other", "the two networks are swapped: p1 belongs to dlogits1, p2 to dlogits2"),
        Slip("own", "joint", "p3 stands at the network's own loss, where its own p belongs"),
        Slip("joint", "mean", "p3 is taken as the mean of p1 and p2; it is the softmax of l1 + l2"),
        Slip("joint", "sum", "p3 is taken as the sum of p1 and p2; it is the softmax of l1 + l2"),
        Slip(
            "joint",
            "product",
            "p3 is taken as the product of p1 and p2; it must add up to 1: it is the softmax of l1 + l2",
        ),
        Slip("joint", "own", "the network's own p stands at L3, where p3 belongs"),
        Slip("joint", "other", "the other network's p stands at L3, where p3 belongs"),
        Slip("joint", "both", "w3 times the sum of both networks' gradients stands where that of L3 belongs"),
        Slip(
            "joint", "difference", "p3 is the softmax of a difference of the logits; it is that of their sum, l1 + l2"
        ),
        Slip("joint", "own twice", "p3 is the softmax of twice the network's own logits; it is that of l1 + l2"),
        Slip("joint", "other twice", "p3 is the softmax of twice the other network's logits; it is that of l1 + l2"),
        Slip("joint", "mean logits", "p3 is the softmax of the mean of the logits; it is that of their sum, l1 + l2"),
        Slip("y", "missing at own", "y is missing at the network's own loss"),
        Slip("y", "missing at joint", "y is missing at L3"),
        Slip("y", "once", "y is subtracted once, without a weight; each loss subtracts it, times its own weight"),
        Slip("y", "own unweighted", "y is subtracted without the weight of the network's own loss"),
        Slip("y", "joint unweighted", "y is subtracted without the weight w3 of L3"),
        Slip("all", "exchanged", "this is the gradient of the other network's logits"),
        Slip("all", "three", "all three losses are added; L2 does not depend on l1, nor L1 on l2"),
    )
    advice = {
        "N": "1/N is missing: each loss is the mean over the batch",
        "1/N": "1/N is there twice: each loss is the mean over the batch",
        "N/C": "the sum is divided by the number of classes, where N, the size of the batch, belongs",
        "1/C": "there is a division by the number of classes besides the 1/N",
        "-1": "the sign is wrong: y - p, where p - y belongs",
        "of its own loss: 0": "the network's own loss is missing",
        "of L3: 0": "L3 is missing: it reaches both networks, so both receive its gradient",
        "of L3: 2": "L3 is counted twice",
        "of L3: 1/2": "L3 is halved: the derivative of l1 + l2 with respect to each of them is 1, so each "
        "receives it whole",
        "of L3: 1/w3": "the weight w3 of L3 is missing",
        "of L3: w3": "the weight w3 of L3 is there twice",
        "of its own loss: 1/w1": "the weight w1 of L1 is missing",
        "of its own loss: 1/w2": "the weight w2 of L2 is missing",
        "of L3: N": "1/N is missing at L3",
        "of its own loss: N": "1/N is missing at the network's own loss",
    }
    hints = (
        "dlogits1 and dlogits2 have the shape (N, classes), as p1, p2, p3 and y. N is len(y).",
        "l3 = l1 + l2 is a sum, so the gradient of L3 goes whole to both networks, and is added to their own. "
        "Each loss has its own weight, probabilities and y.",
        "for n, i:\n"
        "    joint = w3 * (p3[n, i] - y[n, i]) / N\n"
        "    dlogits1[n, i] = w1 * (p1[n, i] - y[n, i]) / N + joint\n"
        "    dlogits2[n, i] = w2 * (p2[n, i] - y[n, i]) / N + joint",
        "joint = w3 * (p3 - y) / len(y)\n"
        "dlogits1 = w1 * (p1 - y) / len(y) + joint\n"
        "dlogits2 = w2 * (p2 - y) / len(y) + joint",
    )

    def draw(self, rng, N, classes, weights):
        logits1, logits2 = rng.standard_normal((2, N, classes)) * 1.5
        return {"logits1": logits1, "logits2": logits2, "labels": rng.integers(0, classes, N), "weights": weights}

    def prepare(self, t):
        t.p1, t.p2, t.p3 = _softmax(t.logits1), _softmax(t.logits2), _softmax(t.logits1 + t.logits2)
        t.y = (t.labels[:, None] == np.arange(t.logits1.shape[1])).astype(float)

    def terms(self, t, weights="right", own="right", joint="right", y="right", **more):
        N = len(t.logits1)
        p, p3, target, found = (t.p1, t.p2), t.p3, t.y, {}
        w3 = t.weights[2]
        for me, other in ((0, 1), (1, 0)):
            mine, shared = {
                "right": (t.weights[me], w3),
                "swapped": (t.weights[other], w3),
                "own is w3": (w3, w3),
                "joint is own": (t.weights[me], t.weights[me]),
                "joint is other": (t.weights[me], t.weights[other]),
                "missing": (1.0, 1.0),
                "own and w3": (w3, t.weights[me]),
            }[weights]
            first = {"right": p[me], "other": p[other], "joint": p3}[own]
            third = {
                "right": p3,
                "mean": (p[0] + p[1]) / 2,
                "sum": p[0] + p[1],
                "product": p[0] * p[1],
                "own": p[me],
                "other": p[other],
                "both": p[0] + p[1] - target,
                "difference": _softmax(t.logits1 - t.logits2),
                "own twice": _softmax(2 * (t.logits1, t.logits2)[me]),
                "other twice": _softmax(2 * (t.logits1, t.logits2)[other]),
                "mean logits": _softmax((t.logits1 + t.logits2) / 2),
            }[joint]
            at_own = {"missing at own": 0, "own unweighted": 1, "once": 1}.get(y, mine)
            at_joint = {"missing at joint": 0, "joint unweighted": 1, "once": 0}.get(y, shared)
            terms = {
                "of its own loss": (mine * first - at_own * target) / N,
                "of L3": (shared * third - at_joint * target) / N,
            }
            if more.get("all") == "exchanged":
                terms = {
                    "of its own loss": t.weights[other] * (p[other] - target) / N,
                    "of L3": w3 * (p3 - target) / N,
                }
            if more.get("all") == "three":
                terms["of the other loss"] = t.weights[other] * (p[other] - target) / N
            found[f"dlogits{me + 1}"] = terms
        return found

    def quantities(self, t):
        w1, w2, w3 = t.weights
        N, C = t.logits1.shape
        return {"N": N, "C": C, "N/C": N / C, "w1": w1, "w2": w2, "w3": w3}

    def by_layer(self, namespace, t):
        _, dlogits1, dlogits2 = namespace["joint_loss"](t.logits1, t.logits2, t.labels, t.weights)
        return {"dlogits1": dlogits1, "dlogits2": dlogits2}
