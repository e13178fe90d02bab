"""The results of a cross-validation, read from its folder and written into it."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np

from fernet.clips.prepared_file import read_prepared
from fernet.errors import UserError
from fernet.evaluation.folds import check_classes, subject_folds
from fernet.evaluation.predictions_file import Predictions, read_predictions
from fernet.experiments.cross_validation import CrossValidation, settings_of, task_name
from fernet.experiments.results import METHODS, Results, summary
from fernet.experiments.tasks import CLIPS, TASKS
from fernet.files import read_text, write_json
from fernet.training.state_file import LOG_COLUMNS


def load_results(folder: Path) -> Results:
    """The results of the cross-validation in `folder`; UserError if it is not complete."""
    settings = settings_of(folder)
    tasks = settings.tasks(folder)
    missing = [task.name for task in tasks if not task.done]
    if missing:
        raise UserError(
            f"{folder} is not complete: {len(missing)} of {len(tasks)} tasks are left ({missing[0]}, ...); "
            f"resume with `crossval --resume {folder}`"
        )
    prepared = read_prepared(folder / CLIPS)
    clips = prepared.clips
    by_fold = subject_folds(clips.subjects, settings.run.folds, settings.run.fold_scheme, clips.labels)
    notes = [*prepared.notes, *check_classes(clips.labels, clips.classes, clips.subjects, by_fold)]
    predictions = tuple(_pooled(folder, settings, seed) for seed in range(settings.seeds))
    expected = sorted(zip(clips.names, clips.subjects, clips.labels, strict=True))
    for p in predictions:
        if p.classes != clips.classes or sorted(zip(p.names, p.subjects, p.labels, strict=True)) != expected:
            raise UserError(f"{folder}: its predictions do not match its clips; run it again in another folder")
    fold_of = {subject: number for number, fold in enumerate(by_fold) for subject in fold}
    folds = np.array([fold_of[subject] for subject in predictions[0].subjects])
    held_out = tuple(map(tuple, by_fold))
    return Results(folder, settings, clips.title, predictions, folds, held_out, tuple(notes), prepared.failures)


def write_results(results: Results) -> Path:
    """Write results.json into the folder of the run and return its path."""
    path = results.folder / "results.json"
    write_json(path, summary(results))
    return path


def training_log(folder: Path, network_set: str, fold: int, seed: int) -> dict[str, list[dict[str, float]]]:
    """The epochs of one task for each network: dictionaries with epoch, loss, accuracy, learning_rate, seconds."""
    log: dict[str, list[dict[str, float]]] = {}
    path = folder / TASKS / task_name(network_set, fold, seed) / "log.csv"
    try:
        for row in csv.DictReader(read_text(path).splitlines(), strict=True):
            epoch = {name: float(row[name]) for name in LOG_COLUMNS[1:]}
            if row["network"] not in METHODS or not np.isfinite(list(epoch.values())).all():
                raise ValueError("a row has no known network, or numbers that are not finite")
            log.setdefault(row["network"], []).append(epoch)
        if not log:
            raise ValueError("it has no rows")
    except (OSError, KeyError, TypeError, ValueError, csv.Error) as error:
        raise UserError(f"{path} cannot be read ({error}): {_repair(folder, path.parent)}") from None
    return log


def _pooled(folder: Path, settings: CrossValidation, seed: int) -> Predictions:
    """The predictions of all folds for one seed, including those of the single-frame network."""
    parts = []
    for fold in range(settings.run.folds):
        wanted = [method for method in METHODS if method != "single_frame"]
        both = _of_task(folder, task_name("dtagn", fold, seed), wanted)
        single = _of_task(folder, task_name("single-frame", fold, seed), ["dtan"])
        if both.names != single.names or both.classes != single.classes:
            raise UserError(f"{folder}: the tasks of fold {fold} tested other clips; run it again in another folder")
        parts.append(replace(both, scores={**both.scores, "single_frame": single.scores["dtan"]}))
    return Predictions(
        tuple(name for part in parts for name in part.names),
        tuple(subject for part in parts for subject in part.subjects),
        np.concatenate([part.labels for part in parts]),
        parts[0].classes,
        {method: np.concatenate([part.scores[method] for part in parts]) for method in METHODS},
    )


def _of_task(folder: Path, name: str, methods: list[str]) -> Predictions:
    """The predictions of one task, which must have these methods."""
    task = folder / TASKS / name
    try:
        found = read_predictions(task / "predictions.csv")
    except UserError as error:
        raise UserError(f"{error}; `crossval --resume {folder}` makes them again") from None
    if missing := [method for method in methods if method not in found.scores]:
        names = ", ".join(missing)
        raise UserError(f"{task / 'predictions.csv'} has no scores of {names}: {_repair(folder, task)}")
    return found


def _repair(folder: Path, task: Path) -> str:
    return f"delete {task} and resume with `crossval --resume {folder}`"
