"""The results of a finished cross-validation, read from its folder."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fernet.datasets.load import SYNTHETIC
from fernet.evaluation.metrics import accuracy, confusion_matrix, mean_recall, recall
from fernet.evaluation.predictions_file import Predictions
from fernet.experiments.cross_validation import CrossValidation
from fernet.networks.dtagn import weighted_sum

METHODS = {  # in the order of the paper's tables, with the names it uses
    "single_frame": "Single-frame CNN",
    "dtan": "DTAN",
    "dtgn": "DTGN",
    "weighted_sum": "DTAGN (weighted sum)",
    "concatenation": "DTAGN (concatenation)",
    "l3": "DTAGN (joint, L3 only)",
    "joint": "DTAGN (joint)",
}


@dataclass(frozen=True, eq=False)
class Results:
    """Scores of all methods on all clips, each clip scored in the fold that held out its subject.

    predictions   one for each seed, fold after fold
    folds         (N,) the fold of each clip, in the same order
    held_out      the people of each fold
    notes         what a reader must know about the clips and the folds
    left_out      why other clips of the data could not be used, by name
    """

    folder: Path
    settings: CrossValidation
    title: str
    predictions: tuple[Predictions, ...]
    folds: np.ndarray
    held_out: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]
    left_out: dict[str, str]

    @property
    def classes(self) -> tuple[str, ...]:
        return self.predictions[0].classes

    @property
    def procedural(self) -> bool:
        """Whether the faces are rendered."""
        return self.settings.run.data.startswith(SYNTHETIC)

    @property
    def origin(self) -> str:
        """What the numbers were measured on, stated wherever they are shown."""
        short = ", few epochs (quick)" if self.settings.quick else ""
        return f"{self.title}{', no recordings of people' if self.procedural else ''}{short}"

    def accuracy(self, method: str) -> float:
        """Pooled accuracy, the fraction of all clips that are recognised; mean over the seeds."""
        return float(np.mean([accuracy(p.scores[method], p.labels) for p in self.predictions]))

    def fold_accuracies(self, method: str) -> np.ndarray:
        """Accuracy of each fold (folds,); mean over the seeds."""
        right = np.mean([q.scores[method].argmax(axis=1) == q.labels for q in self.predictions], axis=0)
        return np.array([right[self.folds == fold].mean() for fold in range(self.settings.run.folds)])

    def confusion(self, method: str) -> np.ndarray:
        """counts[i, j] over all clips and seeds."""
        return sum(confusion_matrix(p.scores[method], p.labels) for p in self.predictions)

    def recall(self, method: str) -> np.ndarray:
        """Fraction of each class that is recognised (classes,)."""
        return recall(self.confusion(method))


def summary(results: Results) -> dict[str, Any]:
    """All numbers, as they are written to results.json."""
    return {
        "data": results.origin,
        "clips": len(results.folds),
        "left_out": results.left_out,
        "notes": list(results.notes),
        "classes": list(results.classes),
        "folds": results.settings.run.folds,
        "seeds": results.settings.seeds,
        "methods": {method: _summary(results, method) for method in METHODS},
    }


def alpha_sweep(results: Results) -> tuple[np.ndarray, np.ndarray]:
    """alphas (101,) from 0 to 1, and the pooled accuracy of the weighted sum at each; mean over the seeds."""
    alphas = np.arange(101) / 100
    return alphas, np.array([accuracy_at(results, alpha) for alpha in alphas])


def accuracy_at(results: Results, alpha: float) -> float:
    """Pooled accuracy of the weighted sum with weight `alpha` for DTAN."""
    return float(np.mean([accuracy(_weighted(p, alpha), p.labels) for p in results.predictions]))


def confusion_at(results: Results, alpha: float) -> np.ndarray:
    """counts[i, j] of the weighted sum with weight `alpha` for DTAN, over all clips and seeds."""
    return sum(confusion_matrix(_weighted(p, alpha), p.labels) for p in results.predictions)


@dataclass(frozen=True)
class Failure:
    """A clip that is misclassified."""

    name: str
    label: str
    prediction: str
    probability: float  # of the prediction


def failure_cases(results: Results) -> list[Failure]:
    """All clips that joint fine-tuning misclassifies with the first seed; see `failures_of`."""
    return failures_of(results.predictions[0], "joint")


def failures_of(predictions: Predictions, method: str) -> list[Failure]:
    """All clips that `method` misclassifies, ordered by class and by predicted class."""
    p, scores, classes = predictions, predictions.scores[method], predictions.classes
    taken = scores.argmax(axis=1)
    wrong = sorted(np.flatnonzero(taken != p.labels), key=lambda i: (p.labels[i], taken[i], p.names[i]))
    return [Failure(p.names[i], classes[p.labels[i]], classes[taken[i]], float(scores[i, taken[i]])) for i in wrong]


def _weighted(p: Predictions, alpha: float) -> np.ndarray:
    """In float64, as the report's page computes it, so that both break ties in the same way."""
    return weighted_sum(p.scores["dtan"].astype(np.float64), p.scores["dtgn"].astype(np.float64), alpha)


def _summary(results: Results, method: str) -> dict[str, Any]:
    folds, counts = results.fold_accuracies(method), results.confusion(method)
    return {
        "accuracy": results.accuracy(method),
        "accuracy_by_seed": [accuracy(p.scores[method], p.labels) for p in results.predictions],
        "accuracy_by_fold": folds.tolist(),
        "fold_mean": float(folds.mean()),
        "fold_deviation": float(folds.std(ddof=1)),
        "mean_recall": mean_recall(counts),
        "recall": dict(zip(results.classes, recall(counts).tolist(), strict=True)),
        "confusion": counts.tolist(),
    }
