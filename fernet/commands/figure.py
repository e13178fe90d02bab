"""`figure`: one figure of the paper from a finished cross-validation."""

from pathlib import Path

import click

NAMES = ("3", "4", "5", "6", "7", "8", "9", "10", "11", "12")


@click.command()
@click.argument("name", type=click.Choice(NAMES))
@click.argument("run", type=click.Path())
@click.option("--out", type=click.Path(dir_okay=False), help="A .png, .svg or .pdf.  [default: figures/ in RUN]")
@click.option("--class", "label", help="For figure 12: whose failures.  [default: the class recognised worst]")
@click.option("--dark", is_flag=True, help="On dark paper.")
def figure(name: str, run: str, out: str | None, label: str | None, dark: bool) -> None:
    """Draw figure NAME of the paper from the cross-validation in the folder RUN.

    \b
    3, 5    filters of the first layer: single-frame CNN, DTAN
    4, 6    their feature maps
    7       important landmarks, t-SNE of DTGN
    8 9 10  accuracy per emotion (the paper: CK+, Oulu-CASIA, MMI)
    11      accuracy against alpha
    12      failure cases of one class
    """
    from fernet.errors import UserError
    from fernet.experiments.results import load_results
    from fernet.reporting.figures import draw, save_figure

    if label is not None and name != "12":
        raise UserError(f"--class chooses the failures of figure 12; figure {name} shows all classes")
    path = Path(out) if out else Path(run) / "figures" / f"figure-{name}.png"
    options = {"label": label} if label else {}
    save_figure(draw(name, load_results(Path(run)), dark, **options), path)
    click.echo(f"figure {name} is in {path}")
