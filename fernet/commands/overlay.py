"""`overlay`: see what preprocessing sees."""

from pathlib import Path

import click

from fernet.commands.options import LANDMARK_MODEL, ON_MISSING_FACE


@click.command()
@click.argument("clip", type=click.Path())
@click.option("--out", required=True, type=click.Path(dir_okay=False), help="overlay.mp4, or overlay.png.")
@click.option("--frames", type=click.IntRange(1, 64), default=3, show_default=True, help="T_a, frames that DTAN sees.")
@ON_MISSING_FACE
@LANDMARK_MODEL
def overlay(clip: str, out: str, frames: int, on_missing_face: str, landmark_model: str | None) -> None:
    """Draw the face's box, the 49 points and the origin of the nose on CLIP, a video, an image or a folder of frames.

    The frames nearest to those that DTAN sees have a coloured border; a .png shows these alone, side by side.
    """
    from fernet.clips.overlay import write_overlay
    from fernet.clips.sequence_set import Preprocessing
    from fernet.commands.progress import TerminalProgress
    from fernet.faces.landmarks import LandmarkModel, find_model

    progress = TerminalProgress()
    model = LandmarkModel(find_model(landmark_model, progress))
    settings = Preprocessing(appearance_frames=frames)
    report = write_overlay(Path(clip), Path(out), model, settings, on_missing_face, progress)
    click.echo(f"{out}: face found in {report.found} of {report.frames} frames, {report.filled} filled in")
