"""`report`: one page on a run or a cross-validation."""

from pathlib import Path

import click


@click.command()
@click.argument("run", type=click.Path())
@click.option("--out", type=click.Path(dir_okay=False), help="File to write.  [default: RUN/report.html]")
def report(run: str, out: str | None) -> None:
    """Write a one-page HTML report on the results in RUN.

    RUN is the folder of a run, which need not be finished, of a cross-validation, or of one of its tasks. The page is
    self-contained and can be opened anywhere.
    """
    from fernet.commands.progress import TerminalProgress
    from fernet.experiments.saved_results import load_results
    from fernet.files import write_text
    from fernet.reporting.report import report as page_on_folds
    from fernet.reporting.run_report import run_report
    from fernet.reporting.saved_run import load_run

    folder = Path(run)
    if (folder / "settings.json").exists():
        page = run_report(load_run(folder, TerminalProgress()))
    else:
        page = page_on_folds(load_results(folder))
    path = Path(out) if out else folder / "report.html"
    write_text(path, page)
    click.echo(f"the report is in {path}")
