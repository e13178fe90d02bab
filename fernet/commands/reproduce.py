"""`reproduce`: the paper's experiment on one of its databases, from the data to the report."""

from pathlib import Path

import click

from fernet.commands.fold_scheme import FOLD_SCHEME
from fernet.commands.options import BACKEND, PRECISION
from fernet.commands.reading_options import chosen_reading, reading_options
from fernet.commands.worker_options import worker_options
from fernet.experiments.paper_datasets import DATASETS


@click.command()
@click.argument("name", type=click.Choice(list(DATASETS)))
@click.option(
    "--data",
    help="Folder of the database, or a file that `prepare` made of it.  [default: its procedural counterpart, which "
    "shows no real people]",
)
@click.option(
    "--quick",
    is_flag=True,
    help="Two folds and few epochs: tries the whole path in minutes, without meaningful results.",
)
@FOLD_SCHEME
@click.option(
    "--out",
    type=click.Path(file_okay=False),
    help="Folder of the results; an existing one is resumed.  [default: a new one in runs/]",
)
@worker_options
@BACKEND
@PRECISION
@reading_options
def reproduce(
    name: str,
    data: str | None,
    quick: bool,
    fold_scheme: str,
    out: str | None,
    jobs: int | None,
    concurrent: int | None,
    executor: str,
    scheduler: str | None,
    backend: str,
    precision: str,
    landmark_model: str | None,
    **values: object,
) -> None:
    """Repeat the paper's experiment on one of its databases.

    Cross-validates the paper's networks, writes tables, figures and a report, and prints the paper's numbers beside
    those of this run.
    """
    from dataclasses import replace

    from fernet.backend import choose
    from fernet.commands.crossval import carry_out
    from fernet.datasets.load import refuse_landmark_model
    from fernet.experiments.cross_validation import CrossValidation
    from fernet.experiments.paper_settings import check_data, run_settings
    from fernet.training.run_folder import free_folder

    source = data or f"synthetic:{name}"
    if landmark_model is not None:
        refuse_landmark_model(source)
    reading = chosen_reading(values)
    check_data(source, name, reading.layout, reading.follow_links)
    run = replace(
        run_settings(source, name, quick),
        reading=reading,
        fold_scheme=fold_scheme,
        backend=choose(backend).__name__,
        precision=precision,
        landmark_model=landmark_model,
    )
    folder = Path(out) if out else free_folder(source)
    results = carry_out(folder, CrossValidation(run, 1, name, quick), jobs, executor, scheduler, concurrent)
    _write_up(results)


def _write_up(results: "Results") -> None:  # noqa: F821 - imported inside, to keep --help quick
    """Write tables, figures and the report beside the results, then print the comparison."""
    from fernet.errors import UserError
    from fernet.files import write_text
    from fernet.reporting.figures import draw, numbers_of, save_figure
    from fernet.reporting.report import report
    from fernet.reporting.table import write_tables
    from fernet.reporting.tables import all_tables

    folder, tables = results.folder, all_tables(results)
    write_tables(tables, folder / "tables")
    try:
        for number in numbers_of(results.settings.dataset):
            save_figure(draw(number, results), folder / "figures" / f"figure-{number}.png")
    except UserError as error:
        click.echo(f"no figures: {error}")
    write_text(folder / "report.html", report(results))
    click.echo(f"\n{tables[-1].markdown()}")
    click.echo(f"tables, figures and report.html are in {folder}")
