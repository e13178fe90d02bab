"""`tensorboard`: the curves of a run for TensorBoard."""

from pathlib import Path

import click


@click.command()
@click.argument("run", type=click.Path())
def tensorboard(run: str) -> None:
    """Write the curves and layer statistics in RUN for TensorBoard.

    RUN is the folder of a run, finished or in progress. The event files are written into RUN/tensorboard, in place of
    those of an earlier call. They need the extra `tensorboard`.
    """
    from fernet.reporting.tensorboard import write_events

    folder = write_events(Path(run))
    click.echo(f"event files are in {folder}: show them with `tensorboard --logdir {folder}`")
