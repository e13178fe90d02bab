"""`explain`: one page on the forward and backward passes of a model on a clip."""

from pathlib import Path

import click

from fernet.commands.options import LANDMARK_MODEL


@click.command()
@click.argument("run", type=click.Path())
@click.option(
    "--clip",
    "clips",
    multiple=True,
    help="Name of a clip of the run's data, or a video or a folder of frames; can be repeated.  [default: the first "
    "held-out clip that the model gets wrong]",
)
@click.option("--out", required=True, type=click.Path(dir_okay=False), help="File to write, .html.")
@LANDMARK_MODEL
def explain(run: str, clips: tuple[str, ...], out: str, landmark_model: str | None) -> None:
    """Write a page that computes the model in RUN on a clip, forward and backward.

    RUN is a run folder, a task of a cross-validation, or a model file. The page shows every value and every gradient,
    and the products that make each of them. It is self-contained and can be opened anywhere.
    """
    from fernet import threads
    from fernet.commands.progress import TerminalProgress, visible
    from fernet.explain.clips import is_procedural, shown_clips
    from fernet.explain.page import explain_page
    from fernet.files import write_text
    from fernet.networks.model_file import load_model

    model = load_model(Path(run))
    with threads.worker_threads():
        shown = shown_clips(Path(run), model, clips, landmark_model, TerminalProgress())
        text = explain_page(model, shown, f"Inside {' and '.join(name.upper() for name in model.networks)}")
    write_text(Path(out), text)
    names = visible(", ".join(clip.name for clip in shown))
    click.echo(f"{out} shows {names} ({len(text.encode()) / 1e6:.2f} MB)")
    if not is_procedural(model, shown):
        click.echo("the page holds the faces of these clips: pass it on only to those who may have the clips")
