"""Person-independent cross-validation of everything the paper compares, in one folder, resumable."""

import secrets
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fernet import threads
from fernet.clips.prepared_file import PreparedSet, load_prepared, save_prepared
from fernet.clips.sequence_set import SequenceSet
from fernet.errors import UserError
from fernet.evaluation.folds import check_classes, check_person_independent, subject_folds
from fernet.experiments.executors import run_everywhere
from fernet.experiments.paper_datasets import DATASETS
from fernet.experiments.tasks import CLIPS, NETWORK_SETS, OWNER, Task, run_task, task_settings
from fernet.files import read_json, write_json, write_text
from fernet.json_settings import to_json
from fernet.training.settings import RunSettings, run_settings_from_json

SETTINGS, FOLDS = "crossval.json", "folds.json"
_MOST_TASKS = 10_000


@dataclass(frozen=True)
class CrossValidation:
    """What to run: `run` for every fold and for seeds 0 .. seeds-1, once with DTAGN and once with a single frame."""

    run: RunSettings  # fold and seed are filled in for each task
    seeds: int = 1
    dataset: str | None = None  # key of DATASETS: the database whose tables the results belong to
    quick: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.seeds <= 1000:
            raise UserError(f"{self.seeds} seeds: expected 1 to 1000")
        if self.seeds * self.run.folds > _MOST_TASKS:  # a damaged file must not keep loops busy for ever
            raise UserError(f"{self.seeds} seeds of {self.run.folds} folds: expected at most {_MOST_TASKS} in all")
        if self.dataset is not None and self.dataset not in DATASETS:
            raise UserError(f"the dataset is {self.dataset!r}: expected one of {', '.join(DATASETS)}")

    @property
    def peak(self) -> str:
        """Which frame the single-frame network takes."""
        return DATASETS[self.dataset].peak if self.dataset else "end"

    def tasks(self, folder: Path, owner: str = "") -> list[Task]:
        """All tasks, long ones (DTAGN) first, so that at the end no core is idle while a long one is still running."""
        return [
            Task(
                str(folder.resolve()),
                task_name(networks, fold, seed),
                networks,
                task_settings(self.run, networks, fold, seed),
                self.peak,
                owner,
            )
            for networks in NETWORK_SETS
            for seed in range(self.seeds)
            for fold in range(self.run.folds)
        ]


def task_name(network_set: str, fold: int, seed: int) -> str:
    """Name of one task and of its folder."""
    return f"{network_set}-seed{seed}-fold{fold}"


def settings_of(folder: Path) -> CrossValidation:
    """Settings of the cross-validation in `folder`; UserError if there is none."""
    path = folder / SETTINGS
    try:
        values = read_json(path)
        return CrossValidation(**{**values, "run": run_settings_from_json(values["run"])})
    except (FileNotFoundError, NotADirectoryError):
        raise UserError(f"{folder} holds no cross-validation: it has no {SETTINGS}; `crossval` creates one") from None
    except (ValueError, TypeError, KeyError) as error:  # UserError and JSON's errors are ValueErrors
        raise UserError(f"{path} cannot be read: {error}") from None


def start(folder: Path, settings: CrossValidation) -> bool:
    """Create the folder of a cross-validation; True if it exists already with the same settings."""
    if folder.exists() and not folder.is_dir():
        raise UserError(f"{folder} is a file: choose another --out")
    if (folder / SETTINGS).exists():
        if (different := _differences(to_json(settings_of(folder)), to_json(settings))) is not None:
            raise UserError(
                f"{folder} holds a cross-validation with other settings ({different}): choose another --out"
            )
        return True
    if (folder / "settings.json").exists():
        raise UserError(f"{folder} holds a single run: choose another --out")
    write_json(folder / SETTINGS, to_json(settings))
    return False


def prepare(folder: Path, load: Callable[[], PreparedSet], settings: CrossValidation) -> tuple[SequenceSet, list[str]]:
    """Load the clips once and keep them in the folder, with the names of those left out; check and record the folds.

    Returns the clips and any notes.
    """
    path = folder / CLIPS
    if not path.exists():
        save_prepared(path, load())
    try:
        clips, run = load_prepared(path), settings.run
    except UserError as error:
        raise UserError(f"{error}; delete {path} to prepare the clips anew") from None
    folds = subject_folds(clips.subjects, run.folds, run.fold_scheme, clips.labels)
    check_person_independent(folds, clips.subjects)
    notes = check_classes(clips.labels, clips.classes, clips.subjects, folds)
    write_json(
        folder / FOLDS,
        {
            "scheme": run.fold_scheme,
            "person_independent": True,
            "notes": notes,
            "folds": [
                {"held_out_subjects": fold, "held_out_clips": sum(subject in fold for subject in clips.subjects)}
                for fold in folds
            ],
        },
    )
    return clips, notes


def cross_validate(
    folder: Path,
    settings: CrossValidation,
    workers: Callable[[int], AbstractContextManager[Executor]],
    jobs: int | None,
    finished: Callable[[Task, int, int], None],
    task_threads: int | None = None,
) -> None:
    """Run the tasks that are not done yet, calling `finished(task, done, total)` after each.

    workers        makes an executor for a given number of concurrent tasks
    jobs           number of concurrent tasks; None means one for each core
    task_threads   cores for each task; None divides all cores among the tasks
    """
    owner = secrets.token_hex(8)
    write_text(folder / OWNER, owner)  # tasks of an earlier process that are still running stop when they see it
    tasks = settings.tasks(folder, owner)
    left = [task for task in tasks if not task.is_whole]
    count = len(tasks) - len(left)

    def one_more(task: Task) -> None:
        nonlocal count
        count += 1
        finished(task, count, len(tasks))

    try:
        if left:
            cores = threads.available_cores()
            jobs = min(jobs or cores, len(left))
            with workers(jobs) as executor:
                run_everywhere(executor, run_task, left, task_threads or max(1, cores // jobs), one_more)
    finally:
        write_text(folder / OWNER, "nobody")


def _differences(before: dict[str, Any], now: dict[str, Any]) -> str | None:
    """The first setting that differs, in words."""
    for name, value in now.items():
        if isinstance(value, dict):
            if (inner := _differences(before[name], value)) is not None:
                return inner
        elif before[name] != value:
            return f"{name.replace('_', ' ')} {before[name]}, now {value}"
    return None
