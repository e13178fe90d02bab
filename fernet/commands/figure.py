"""`figure`: one figure of the paper from a finished cross-validation."""

from pathlib import Path

import click

from fernet.reporting.figures import FIGURES


def _shown() -> str:
    """A line for each kind of figure: its numbers and its title."""
    numbers: dict[str, list[str]] = {}
    for number, kind in FIGURES.items():
        numbers.setdefault(kind.title, []).append(number)
    return "\n".join(f"{' '.join(own):<8}{title}" for title, own in numbers.items())


@click.command(help=f"Draw a figure of the paper from the results in RUN.\n\n\b\n{_shown()}")
@click.argument("name", type=click.Choice(list(FIGURES)))
@click.argument("run", type=click.Path())
@click.option("--out", type=click.Path(dir_okay=False), help="A .png, .svg or .pdf file.  [default: in RUN/figures]")
@click.option("--class", "label", help="For figure 12: class of the failures.  [default: the class recognised worst]")
@click.option("--dark", is_flag=True, help="Draw on a dark background.")
def figure(name: str, run: str, out: str | None, label: str | None, dark: bool) -> None:
    """Draw a figure; the help of the command lists them."""
    from fernet.errors import UserError
    from fernet.experiments.saved_results import load_results
    from fernet.reporting.figures import draw, save_figure

    if label is not None and name != "12":
        raise UserError(f"--class selects the failures shown in figure 12; figure {name} shows all classes")
    path = Path(out) if out else Path(run) / "figures" / f"figure-{name}.png"
    options = {"label": label} if label else {}
    save_figure(draw(name, load_results(Path(run)), dark, **options), path)
    click.echo(f"figure {name} is in {path}")
