"""`synth`: procedural clips on disk."""

from pathlib import Path

import click

from fernet.datasets.layouts import WRITABLE


@click.command()
@click.argument("out", type=click.Path(file_okay=False))
@click.option(
    "--set",
    "name",
    type=click.Choice(["demo", "ck+", "oulu", "mmi"]),
    help="Set of clips.  [default: the one of the layout]",
)
@click.option(
    "--layout",
    type=click.Choice(WRITABLE),
    default="folder",
    show_default=True,
    help="Layout in which the clips are written.",
)
@click.option(
    "--format",
    "file_format",
    type=click.Choice(["mp4", "png"]),
    help="Videos or folders of images, for the layout folder.  [default: mp4]",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of all random numbers.")
@click.option("--clips", type=int, help="Number of clips, with classes and people balanced.  [default: all]")
@click.option("--size", type=int, default=192, show_default=True, help="Side of the square frames in pixels.")
def synth(
    out: str, name: str | None, layout: str, file_format: str | None, seed: int, clips: int | None, size: int
) -> None:
    """Write a set of procedural faces to the new folder OUT.

    The clips serve to try out datasets and videos. The layout folder is OUT/<class>/<subject>__<clip>.mp4; ck+, oulu
    and mmi are the layouts of those databases.
    """
    from fernet.commands.progress import TerminalProgress
    from fernet.datasets.layouts.synthetic_writer import write_set
    from fernet.errors import UserError

    if file_format and layout != "folder":
        raise UserError(f"--format {file_format} is for the layout folder: the layout {layout} has its own files")
    name = name or ("demo" if layout == "folder" else layout)
    count = write_set(
        name,
        Path(out),
        layout,
        video=file_format != "png",
        seed=seed,
        clips=clips,
        size=size,
        progress=TerminalProgress(),
    )
    click.echo(f"{count} clips of procedural faces are in {out}")
