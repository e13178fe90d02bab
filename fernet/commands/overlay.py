"""`overlay`: draw the results of preprocessing."""

from pathlib import Path

import click

from fernet.commands.options import LANDMARK_MODEL, ON_MISSING_FACE, ROTATION


@click.command()
@click.argument("clip", type=click.Path())
@click.option("--out", required=True, type=click.Path(dir_okay=False), help="File to write, .mp4 or .png.")
@click.option(
    "--frames",
    type=click.IntRange(1, 64),
    default=3,
    show_default=True,
    help="T_a, number of frames that DTAN receives.",
)
@ROTATION
@ON_MISSING_FACE
@LANDMARK_MODEL
def overlay(
    clip: str, out: str, frames: int, rotation: int | None, on_missing_face: str | None, landmark_model: str | None
) -> None:
    """Draw the results of preprocessing on the frames of a clip.

    These are the face box, the 49 points and the nose as origin. CLIP is a video, an image or a folder of frames. The
    frames nearest to those that DTAN receives have a coloured border; a .png shows only these, side by side.
    """
    from fernet.clips.overlay import write_overlay
    from fernet.clips.sequence_set import Preprocessing
    from fernet.commands.progress import TerminalProgress
    from fernet.faces.landmarks import LandmarkModel, find_model

    progress = TerminalProgress()
    model = LandmarkModel(find_model(landmark_model, progress))
    settings = Preprocessing(appearance_frames=frames)
    policy = on_missing_face or "interpolate"
    report = write_overlay(Path(clip), Path(out), model, settings, policy, progress, rotation=rotation or 0)
    click.echo(f"{out}: face found in {report.found} of {report.frames} frames, {report.filled} filled in")
