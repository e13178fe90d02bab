"""`prepare`: the preprocessing of a whole dataset, done once and stored in a file."""

from pathlib import Path

import click

from fernet.commands.options import NORMALISE_FIRST
from fernet.commands.reading_options import chosen_reading, reading_options

_SHOWN = 10  # failures printed one by one


@click.command()
@click.argument("dataset", type=click.Path())
@click.option("--out", required=True, type=click.Path(dir_okay=False), help="File of the prepared set (.npz).")
@reading_options
@NORMALISE_FIRST
@click.option("--frames", default=3, show_default=True, help="T_a, number of frames that DTAN receives.")
@click.option("--jobs", type=click.IntRange(1), help="Number of processes.  [default: one for each core]")
def prepare(
    dataset: str,
    out: str,
    normalise_first: bool,
    frames: int,
    jobs: int | None,
    landmark_model: str | None,
    **values: object,
) -> None:
    """Preprocess a dataset once and store the result in a file.

    The faces and landmarks of all clips of DATASET, a folder or a CSV, are written to a file for `train --data FILE`.
    After an interruption the same command resumes. Clips that cannot be used are listed and left out.
    """
    from fernet.clips.all_clips import all_clips_into_file
    from fernet.clips.sequence_set import Preprocessing
    from fernet.clips.workers import Recipe
    from fernet.commands.progress import TerminalProgress, visible
    from fernet.datasets.find import find_clips
    from fernet.faces.landmarks import find_model
    from fernet.progress import SILENT

    reading = chosen_reading(values)
    clip_list = find_clips(Path(dataset), **reading.finding)
    progress = TerminalProgress()
    model = find_model(landmark_model, progress if reading.landmarks == "lbf" else SILENT)
    preprocessing = Preprocessing(appearance_frames=frames, normalise_first=normalise_first)
    recipe = Recipe(preprocessing, model, reading.landmarks, reading.on_missing_face)
    try:
        prepared = all_clips_into_file(Path(out), clip_list, recipe, jobs=jobs, progress=progress)
    except KeyboardInterrupt:
        raise KeyboardInterrupt("finished clips are kept, and the same command resumes with the others") from None
    click.echo(f"{visible(clip_list.title)}: {len(prepared.clips)} of {len(clip_list)} clips prepared in {out}")
    _print_tracking(prepared.reports)
    _print_failures(prepared.failures)


def _print_tracking(reports: tuple) -> None:
    total = {name: sum(getattr(one, name) for one in reports) for name in ("frames", "found", "filled", "missing")}
    click.echo("  frames {frames}, face found in {found}, filled in {filled}, left out {missing}".format(**total))
    cuts, others = sum(one.cuts > 0 for one in reports), sum(one.other_faces > 0 for one in reports)
    if cuts or others:
        click.echo(f"  clips with a cut: {cuts}, with more than one face: {others} (the largest was tracked)")


def _print_failures(failures: dict[str, str]) -> None:
    from fernet.commands.progress import visible

    if not failures:
        return
    click.echo(f"  {len(failures)} clips could not be used:", err=True)
    for name, message in list(failures.items())[:_SHOWN]:
        click.echo(visible(f"    {name}: {message}"), err=True)
    if len(failures) > _SHOWN:
        click.echo(f"    and {len(failures) - _SHOWN} more, named in the file", err=True)
