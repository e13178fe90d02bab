"""Accuracy, recall and the confusion matrix."""

from typing import Any

import numpy as np


def accuracy(scores: np.ndarray, labels: np.ndarray) -> float:
    """Fraction of clips whose highest score (N, classes) is that of their label (N,)."""
    return float((scores.argmax(axis=1) == labels).mean())


def confusion_matrix(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """counts[i, j]: number of clips of class i predicted as class j."""
    classes = scores.shape[1]
    counts = np.zeros((classes, classes), np.int64)
    np.add.at(counts, (labels, scores.argmax(axis=1)), 1)
    return counts


def recall(counts: np.ndarray) -> np.ndarray:
    """Fraction of each class that was recognised (classes,); nan for a class without clips."""
    clips = counts.sum(axis=1)
    return np.where(clips > 0, counts.diagonal() / np.maximum(clips, 1), np.nan)


def mean_recall(counts: np.ndarray) -> float:
    """Unweighted average recall: the mean recall of the classes that occur."""
    return float(np.nanmean(recall(counts)))


def all_metrics(scores: dict[str, np.ndarray], labels: np.ndarray, classes: tuple[str, ...]) -> dict[str, Any]:
    """Accuracy, mean recall and confusion matrix of every method, ready for JSON."""
    confusion = {method: confusion_matrix(s, labels) for method, s in scores.items()}
    return {
        "accuracy": {method: accuracy(s, labels) for method, s in scores.items()},
        "mean_recall": {method: mean_recall(counts) for method, counts in confusion.items()},
        "clips": len(labels),
        "classes": list(classes),
        "confusion": {method: counts.tolist() for method, counts in confusion.items()},
    }
