"""Both trained networks of an inner split, and what the ways of joining them reach on the people who judge."""

from pathlib import Path

import numpy as np
from settings_candidates import Candidate

from fernet import fast
from fernet.clips.sequence_set import SequenceSet
from fernet.inputs.samples import Samples
from fernet.layers import Dropout, FullyConnected
from fernet.losses import softmax, softmax_cross_entropy
from fernet.networks.dtagn import DTAGN, INTEGRATIONS, ConcatenationTop, JointTop, Top, new_top, weighted_sum
from fernet.networks.model_file import load_model
from fernet.training.fit import fit
from fernet.training.new_model import STAGE_SEEDS
from fernet.training.objectives import ConcatenationObjective, FrozenBranch, JointObjective
from fernet.training.random_numbers import step_generator

_BATCH = 64


class Pair:
    """Both trained networks with the frozen features of all training samples, for any number of fine-tunings."""

    def __init__(self, runs: dict[str, Path], train: SequenceSet, judge: SequenceSet, seed: int) -> None:
        self.seed, self.judge = seed, judge
        models = {name: load_model(run) for name, run in runs.items()}
        mean = models["dtgn"].trajectory_mean
        self.model = DTAGN(train.classes, train.preprocessing, mean, dtan=models["dtan"].dtan, dtgn=models["dtgn"].dtgn)
        samples = Samples(train, seed, mean, face_inputs=fast.face_inputs(np))
        self.labels = samples.labels(np.arange(len(samples)))
        inputs = {"dtan": samples.faces, "dtgn": samples.trajectories}
        self.branches = [
            FrozenBranch(network, inputs[name], len(samples), _BATCH, np)
            for name, network in self.model.networks.items()
        ]
        judged = Samples(self.judge, seed, mean, variants=1, face_inputs=fast.face_inputs(np))
        numbers = np.arange(len(judged))
        inputs = {"dtan": judged.faces(numbers), "dtgn": judged.trajectories(numbers)}
        self.hidden = [network.below_top().forward(inputs[name])[0] for name, network in self.model.networks.items()]

    def judged(self, candidate: Candidate) -> dict[str, float]:
        """Accuracy and loss of the candidate's way of joining the networks, on the people who judge it."""
        logits = self.logits(JointTop(self.model.dtan, self.model.dtgn), self.hidden)
        simple = {
            "dtan": lambda: softmax(logits[0]),
            "dtgn": lambda: softmax(logits[1]),
            "weighted sum": lambda: weighted_sum(softmax(logits[0]), softmax(logits[1]), 0.5),
            "sum of logits": lambda: softmax(logits[0] + logits[1]),
        }
        if candidate.method in simple:
            return score(simple[candidate.method](), self.judge.labels)
        top = self.tuned(candidate)
        return score(top.probabilities(*self.hidden), self.judge.labels)

    def tuned(self, candidate: Candidate) -> Top:
        """The top layers after fine-tuning."""
        method, schedule = candidate.method, candidate.settings.joint_schedule
        top = new_top(method, self.model.dtan, self.model.dtgn, self.seed)
        if candidate.fresh and isinstance(top, JointTop):
            for number, (name, layer) in enumerate(top.layers.items()):
                rng = np.random.default_rng([self.seed, number])
                top.layers[name] = FullyConnected(*layer.params["W"].shape, rng)
        for branch in self.branches:
            for _, layer in branch.above.layers:
                if isinstance(layer, Dropout):
                    layer.rate = candidate.dropout
        if isinstance(top, ConcatenationTop):
            objective = ConcatenationObjective(top, *self.branches)
        else:
            objective = JointObjective(top, *self.branches, INTEGRATIONS[method])
        optimiser = fast.optimiser(top.params)(top.params, top.decayed, schedule.momentum, schedule.weight_decay)
        fit(objective, self.labels, schedule, (self.seed, STAGE_SEEDS[method]), optimiser)
        return top

    def logits(self, top: JointTop, hidden: list[np.ndarray]) -> list[np.ndarray]:
        return [layer.forward(h)[0] for layer, h in zip(top.layers.values(), hidden, strict=True)]

    def features(self) -> dict[str, float]:
        """What joint fine-tuning finds at its start, and how large the logits of each network are.

        Without dropout, apart from the losses that are said to be with it.
        """
        top, rng = JointTop(self.model.dtan, self.model.dtgn), step_generator([self.seed])
        known = self.logits(top, [branch.above.forward(branch.features)[0] for branch in self.branches])
        dropped = self.logits(top, [branch.hidden(branch.features, rng) for branch in self.branches])
        new = self.logits(top, self.hidden)
        found = {}
        for name, on_known, on_dropped, on_new in zip(self.model.networks, known, dropped, new, strict=True):
            found[f"{name} training loss"] = self._loss(on_known)
            found[f"{name} training loss with dropout"] = self._loss(on_dropped)
            found[f"{name} training errors"] = int((on_known.argmax(axis=1) != self.labels).sum())
            found[f"{name} margin"] = float(np.median(_margins(on_known, self.labels)))
            found[f"{name} margin, new people"] = float(np.median(_margins(on_new, self.judge.labels)))
            centred = on_new - on_new.mean(axis=1, keepdims=True)
            found[f"{name} norm of logits"] = float(np.linalg.norm(centred, axis=1).mean())
        found["training loss of the sum"] = self._loss(known[0] + known[1])
        found["training loss of the sum with dropout"] = self._loss(dropped[0] + dropped[1])
        found["training samples"] = len(self.labels)
        right = [logits.argmax(axis=1) == self.judge.labels for logits in new]
        found["both wrong"] = int((~right[0] & ~right[1]).sum())
        found["one wrong"] = int((right[0] ^ right[1]).sum())
        for scale in (0.25, 0.5, 1.0, 2.0, 4.0):
            found[f"right with DTGN x {scale:g}"] = score(softmax(new[0] + scale * new[1]), self.judge.labels)["right"]
        return found

    def _loss(self, logits: np.ndarray) -> float:
        return float(softmax_cross_entropy(logits, self.labels)[0])


def _margins(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The logit of the right class minus the largest other one."""
    rows = np.arange(len(labels))
    others = logits.copy()
    others[rows, labels] = -np.inf
    return logits[rows, labels] - others.max(axis=1)


def score(probabilities: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """Number of clips, number of correct ones, mean of -log p."""
    p = np.maximum(probabilities[np.arange(len(labels)), labels], 1e-12)
    right = int((probabilities.argmax(axis=1) == labels).sum())
    return {"clips": len(labels), "right": right, "loss": float(-np.log(p).mean())}
