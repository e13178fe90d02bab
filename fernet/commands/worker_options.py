"""Options that say where the tasks of a cross-validation run."""

from collections.abc import Callable

import click


def worker_options(command):
    """Add options that say where tasks run, which affects the time but never the numbers."""
    options = (
        click.option(
            "--jobs", type=click.IntRange(min=1), help="Number of concurrent tasks.  [default: one for each core]"
        ),
        click.option(
            "--concurrent",
            type=click.IntRange(min=1),
            metavar="K",
            help="Number of concurrent tasks on one GPU, with --backend cupy.  [default: 1]",
        ),
        click.option(
            "--executor",
            type=click.Choice(["processes", "dask"]),
            default="processes",
            show_default=True,
            help="Where tasks run: in processes of this machine, or on a Dask cluster.",
        ),
        click.option(
            "--scheduler",
            metavar="ADDRESS",
            help="Address of the Dask scheduler, such as tcp://node1:8786.  [default: none, without --executor dask]",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def workers_for(
    backend: str, jobs: int | None, executor: str, scheduler: str | None, concurrent: int | None
) -> tuple[Callable, int | None, int | None]:
    """The executor, the number of concurrent tasks, and the cores for each; None divides all cores among them."""
    from fernet.errors import UserError
    from fernet.experiments.executors import dask_cluster, gpu_threads, processes

    if (executor == "dask") != (scheduler is not None):
        raise UserError("--executor dask and --scheduler ADDRESS belong together: give both or neither")
    if concurrent is not None:
        if backend != "cupy" or scheduler is not None or jobs is not None:
            raise UserError(
                f"--concurrent {concurrent} runs several tasks on one GPU: expected --backend cupy, and neither --jobs "
                "nor --executor dask"
            )
        return gpu_threads, concurrent, 1
    if backend == "cupy":
        jobs = jobs or 1  # processes take turns on a GPU, so several gain nothing
    return (processes if scheduler is None else lambda _: dask_cluster(scheduler)), jobs, None
