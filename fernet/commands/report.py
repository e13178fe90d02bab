"""`report`: one page about a finished cross-validation."""

from pathlib import Path

import click


@click.command()
@click.argument("run", type=click.Path())
@click.option("--out", type=click.Path(dir_okay=False), help="The file.  [default: report.html in RUN]")
def report(run: str, out: str | None) -> None:
    """Write one HTML file about the cross-validation in the folder RUN, for colleagues to open anywhere."""
    from fernet.experiments.results import load_results
    from fernet.files import write_text
    from fernet.reporting.report import report as page

    path = Path(out) if out else Path(run) / "report.html"
    write_text(path, page(load_results(Path(run))))
    click.echo(f"the report is in {path}")
