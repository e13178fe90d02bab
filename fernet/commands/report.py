"""`report`: one page on a finished cross-validation."""

from pathlib import Path

import click


@click.command()
@click.argument("run", type=click.Path())
@click.option("--out", type=click.Path(dir_okay=False), help="File to write.  [default: RUN/report.html]")
def report(run: str, out: str | None) -> None:
    """Write a one-page HTML report on the results in RUN.

    RUN is the folder of a cross-validation. The page is self-contained and can be opened anywhere.
    """
    from fernet.experiments.results import load_results
    from fernet.files import write_text
    from fernet.reporting.report import report as page

    path = Path(out) if out else Path(run) / "report.html"
    write_text(path, page(load_results(Path(run))))
    click.echo(f"the report is in {path}")
