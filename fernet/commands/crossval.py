"""`crossval`: person-independent cross-validation with all baselines of the paper."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click

from fernet.commands.fold_scheme import FOLD_SCHEME
from fernet.commands.options import BACKEND, PRECISION
from fernet.commands.reading_options import reading_options
from fernet.commands.settings_options import CONFIG, crossval_settings, given_options
from fernet.commands.worker_options import worker_options, workers_for


@click.command()
@click.argument("dataset", required=False)
@CONFIG
@click.option("--folds", type=int, default=10, show_default=True, help="Number of person-independent folds.")
@FOLD_SCHEME
@click.option(
    "--seeds", type=int, default=1, show_default=True, help="Number of seeds with which everything is repeated."
)
@click.option("--out", type=click.Path(file_okay=False), help="Folder of the results.  [default: a new one in runs/]")
@click.option(
    "--resume",
    type=click.Path(),
    metavar="RUN",
    help="Resume the cross-validation in this folder.  [default: start a new one]",
)
@worker_options
@BACKEND
@PRECISION
@reading_options
@click.pass_context
def crossval(
    context: click.Context,
    dataset: str | None,
    seeds: int,
    out: str | None,
    resume: str | None,
    jobs: int | None,
    concurrent: int | None,
    executor: str,
    scheduler: str | None,
    **values: object,
) -> None:
    """Cross-validate the paper's networks on DATASET.

    DATASET is a set such as synthetic:ck+, a folder of clips, a CSV, or a file made by `prepare`.  Of the settings in
    the FILE of --config, networks, integrations, fold and seed do not count: everything that the paper compares is
    trained, on every fold and with every seed.
    """
    from fernet.commands.train import refuse_other_options
    from fernet.experiments.cross_validation import CrossValidation, settings_of
    from fernet.reporting.table import write_tables
    from fernet.reporting.tables import all_tables
    from fernet.training.run_folder import free_folder

    if resume is not None:
        refuse_other_options(
            context,
            "--resume takes the settings from the run",
            allowed=("resume", "jobs", "concurrent", "executor", "scheduler"),
        )
        folder, settings = Path(resume), settings_of(Path(resume))
    else:
        run, known = crossval_settings(given_options(context, {"dataset": dataset, **values}))
        settings = CrossValidation(run, seeds, known)
        folder = Path(out) if out else free_folder(run.data)
    results = carry_out(folder, settings, jobs, executor, scheduler, concurrent)
    write_tables(all_tables(results), folder / "tables")
    print_summary(results)
    click.echo(f"\nscores, models, logs and tables are in {folder}; `report {folder}` makes a page from them")


def carry_out(
    folder: Path,
    settings: "CrossValidation",  # noqa: F821 - imported inside, to keep --help quick
    jobs: int | None,
    executor: str,
    scheduler: str | None,
    concurrent: int | None = None,
) -> "Results":  # noqa: F821
    """Run what remains of a cross-validation, write results.json and return the results."""
    from fernet.commands.progress import TerminalProgress, visible
    from fernet.datasets.load import load_with_failures
    from fernet.experiments.cross_validation import cross_validate, prepare, start
    from fernet.experiments.saved_results import load_results, write_results
    from fernet.experiments.tasks import CLIPS
    from fernet.training.fold_check import check_all_folds_early
    from fernet.training.run_folder import alone_in

    run = settings.run
    progress = TerminalProgress()
    with alone_in(folder):
        with _leave_nothing_if_refused(folder):
            workers, jobs, task_threads = workers_for(run.backend, jobs, executor, scheduler, concurrent)
            if not (folder / CLIPS).exists():
                check_all_folds_early(run)
            if start(folder, settings):
                click.echo(f"resuming {folder}")
            clips, notes = prepare(
                folder,
                lambda: load_with_failures(run.data, run.preprocessing, run.landmark_model, progress, run.reading),
                settings,
            )
            people = len(set(clips.subjects))
            click.echo(f"{visible(clips.title)}: {len(clips)} clips, {people} people, {run.folds} folds")
            for note in notes:
                click.echo(f"note: {visible(note)}")
        try:
            cross_validate(folder, settings, workers, jobs, _Teller(), task_threads)
        except KeyboardInterrupt:
            raise KeyboardInterrupt(_resume_with(folder)) from None
        results = load_results(folder)
        write_results(results)
        return results


@contextmanager
def _leave_nothing_if_refused(folder: Path) -> Iterator[None]:
    """Remove what the block put into `folder` if it ends in an error, so that the next attempt can use the folder."""
    from fernet.experiments.cross_validation import FOLDS, SETTINGS
    from fernet.experiments.tasks import CLIPS

    new = [path for name in (SETTINGS, CLIPS, FOLDS) if not (path := folder / name).exists()]
    try:
        yield
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt) and (folder / SETTINGS).exists():
            raise KeyboardInterrupt(_resume_with(folder)) from None
        with suppress(OSError):
            if folder / SETTINGS in new:
                for path in new:
                    path.unlink(missing_ok=True)
        raise


def _resume_with(folder: Path) -> str:
    from fernet.experiments.tasks import TASKS

    names = ("state.npz", "model.npz")  # of a task that has finished an epoch, or all of them
    if any(any(folder.glob(f"{TASKS}/*/{name}")) for name in names):
        return f"finished epochs are saved; resume with: crossval --resume {folder}"
    return f"resume with: crossval --resume {folder}"


class _Teller:
    """Prints a line for each task that ends, with an estimate of the time left."""

    def __init__(self) -> None:
        self.started, self.before = time.monotonic(), None

    def __call__(self, task: "Task", done: int, total: int) -> None:  # noqa: F821
        metrics = json.loads((task.folder / "metrics.json").read_text(encoding="utf-8"))
        if self.before is None:
            self.before = done - 1
        seconds = (time.monotonic() - self.started) / (done - self.before) * (total - done)
        best = metrics["accuracy"].get("joint", metrics["accuracy"]["dtan"])
        left = f", about {seconds / 60:.0f} min left" if done < total else ""
        click.echo(f"{done:>3} of {total}  {task.name:24} {best:6.1%} of {metrics['clips']} clips{left}")


def print_summary(results: "Results") -> None:  # noqa: F821
    """Print pooled accuracy, as the paper does, then the mean and deviation of the folds, and mean recall."""
    from fernet.commands.progress import visible
    from fernet.experiments.results import METHODS, summary

    click.echo(f"\n{visible(results.origin)}\n{'':26}pooled   folds         mean recall")
    for method, values in summary(results)["methods"].items():
        folds = f"{values['fold_mean']:6.1%} ± {values['fold_deviation']:.1%}"
        click.echo(f"  {METHODS[method]:23}{values['accuracy']:7.2%}  {folds:15}{values['mean_recall']:7.2%}")
