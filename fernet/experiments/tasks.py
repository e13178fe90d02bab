"""The independent tasks of a cross-validation: one fold, one seed, one set of networks."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from fernet.clips.prepared_file import load_prepared
from fernet.errors import UserError
from fernet.experiments.single_frames import single_frames
from fernet.gpu_faults import gpu_faults_as_user_errors
from fernet.progress import Bar, Progress
from fernet.training.finished import fault_in_results, has_results, repair
from fernet.training.run import Run
from fernet.training.run_folder import read_settings, remove_unfinished
from fernet.training.settings import RunSettings

CLIPS, TASKS, OWNER = "clips.npz", "tasks", "owner"
NETWORK_SETS = ("dtagn", "single-frame")
_CHECK_SECONDS = 1.0  # between two checks of who owns the run
_one_at_a_time = threading.Lock()  # a Dask worker may run several threads, but one run at a time uses the pool of cores


@dataclass(frozen=True)
class Task:
    """A self-contained run in the folder `run`/tasks/`name`; small enough to be sent to another machine."""

    run: str  # folder of the cross-validation, visible to every worker
    name: str
    network_set: str
    settings: RunSettings
    peak: str
    owner: str  # identifies the process that submitted the task

    @property
    def folder(self) -> Path:
        return Path(self.run) / TASKS / self.name

    @property
    def done(self) -> bool:
        """Whether all results are there; `is_whole` also reads them."""
        return has_results(self.folder)

    @property
    def is_whole(self) -> bool:
        return fault_in_results(self.folder) is None


def task_settings(settings: RunSettings, network_set: str, fold: int, seed: int) -> RunSettings:
    """`settings` for one fold, seed and set of networks."""
    settings = replace(settings, fold=fold, seed=seed)
    if network_set == "dtagn":
        return settings
    return replace(
        settings,
        networks="dtan",
        integrations=(),
        options=replace(settings.options, frames=1),
        preprocessing=replace(settings.preprocessing, appearance_frames=1),
    )


def run_task(task: Task, threads: int) -> str:
    """Run what remains of the task on `threads` cores and return its name."""
    # Tasks that share a GPU have one thread each, and so no pool to compete for.
    shared = nullcontext() if task.settings.backend == "cupy" and threads == 1 else _one_at_a_time
    with shared, gpu_faults_as_user_errors():
        if task.is_whole:
            return task.name
        clips = load_prepared(_visible(Path(task.run) / CLIPS))
        if task.network_set == "single-frame":
            clips = single_frames(clips, task.peak)
        started = (task.folder / "settings.json").exists()
        if started and read_settings(task.folder) != task.settings:
            raise UserError(f"{task.folder} holds a run with other settings: delete that folder to train it anew")
        task.folder.mkdir(parents=True, exist_ok=True)
        remove_unfinished(task.folder)  # left by a worker that was killed while writing
        run = Run(task.settings, clips, task.folder, _OwnedProgress(task), resume=started)
        repair(run)
        run.train_all(threads)
    return task.name


class _OwnedBar(Bar):
    """Stops the task once its run has another owner: no one waits for it, and another task may write the same files."""

    def __init__(self, task: Task) -> None:
        self.owner, self.path = task.owner, Path(task.run) / OWNER
        self.next_look = 0.0

    def advance(self, count: int, note: str = "") -> None:
        if time.monotonic() < self.next_look:
            return
        self.next_look = time.monotonic() + _CHECK_SECONDS
        if self.path.read_text() != self.owner:
            raise UserError(f"another `crossval --resume` continues {self.path.parent}, so this one has stopped")


class _OwnedProgress(Progress):
    def __init__(self, owner: Task) -> None:
        self.owner = owner

    @contextmanager
    def task(self, title: str, total: int) -> Iterator[Bar]:
        yield _OwnedBar(self.owner)

    def note(self, text: str) -> None:
        print(f"note: {self.owner.name}: {text}", file=sys.stderr)


def _visible(path: Path) -> Path:
    if not path.exists():
        import platform

        raise UserError(
            f"the worker on {platform.node()} does not see {path}: the folder of the run must be visible to all "
            "workers under the same path"
        )
    return path
