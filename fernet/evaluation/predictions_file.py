"""Every clip's scores in a CSV file, from which tables, figures and reports are made."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fernet.csv_text import csv_rows, csv_text
from fernet.errors import UserError
from fernet.files import read_text, write_text

_FIRST = ("clip", "subject", "label", "method", "prediction")  # columns that precede one for each class


@dataclass(frozen=True)
class Predictions:
    """Scores of several methods on N clips.

    names, subjects   one per clip
    labels            (N,) int64, indices into `classes`
    scores            probabilities (N, classes) for each method
    """

    names: tuple[str, ...]
    subjects: tuple[str, ...]
    labels: np.ndarray
    classes: tuple[str, ...]
    scores: dict[str, np.ndarray]


def write_predictions(path: Path, predictions: Predictions) -> None:
    """One row for each clip and method; probabilities have enough digits for reading to restore float32 exactly."""
    rows = [[*_FIRST, *predictions.classes]]
    clips = list(zip(predictions.names, predictions.subjects, predictions.labels, strict=True))
    for method, scores in predictions.scores.items():
        for (name, subject, label), row in zip(clips, scores, strict=True):
            told = [predictions.classes[label], method, predictions.classes[int(row.argmax())]]
            rows.append([name, subject, *told, *(f"{p:.9g}" for p in row)])
    write_text(path, csv_text(rows))


def read_predictions(path: Path) -> Predictions:
    """The predictions in `path`; UserError if it is not a predictions file or is incomplete."""
    try:
        rows = csv_rows(read_text(path))
        header, rows = rows[0], rows[1:]
        classes = tuple(header[len(_FIRST) :])
        if tuple(header[: len(_FIRST)]) != _FIRST or len(classes) < 2 or not rows:
            raise ValueError("its first line is not the header of a predictions file, or no rows follow")
        return _from_rows(rows, classes)
    except (FileNotFoundError, NotADirectoryError):
        raise UserError(f"{path} does not exist: expected the predictions of a finished run") from None
    except (ValueError, IndexError, csv.Error) as error:
        raise UserError(f"{path} holds no predictions ({error}): expected those of a finished run") from None


def _from_rows(rows: list[list[str]], classes: tuple[str, ...]) -> Predictions:
    by_method: dict[str, list[list[str]]] = {}
    for row in rows:
        if len(row) != len(_FIRST) + len(classes):
            raise ValueError(f"a row has {len(row)} columns, expected {len(_FIRST) + len(classes)}")
        if not row[3]:
            raise ValueError("a row names no method")
        by_method.setdefault(row[3], []).append(row)
    clips = [row[:3] for row in next(iter(by_method.values()))]
    if any([row[:3] for row in part] != clips for part in by_method.values()):
        raise ValueError("its methods do not score the same clips")
    scores = {method: np.array([row[len(_FIRST) :] for row in part], np.float32) for method, part in by_method.items()}
    for method, p in scores.items():
        if not (p >= 0).all() or not np.allclose(p.sum(axis=1), 1, atol=1e-3):  # neither is true of nan
            raise ValueError(f"a row of {method} does not have {len(classes)} probabilities, whose sum is 1")
        if [classes[best] for best in p.argmax(axis=1)] != [row[4] for row in by_method[method]]:
            raise ValueError(f"a row of {method} does not predict its most probable class")
    names, subjects, labels = zip(*clips, strict=True)
    return Predictions(names, subjects, np.array([classes.index(label) for label in labels]), classes, scores)
