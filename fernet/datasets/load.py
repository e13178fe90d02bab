"""From a name or path to a set of clips as arrays."""

from dataclasses import replace
from pathlib import Path

from fernet.clips.all_clips import all_clips
from fernet.clips.clip_list import ClipList
from fernet.clips.prepared_file import PreparedSet, read_prepared
from fernet.clips.sequence_set import Preprocessing, SequenceSet
from fernet.clips.workers import Recipe
from fernet.datasets.find import find_clips
from fernet.datasets.reading import DEFAULT, Reading
from fernet.errors import UserError
from fernet.faces.landmarks import find_model
from fernet.progress import SILENT, Progress
from fernet.synthetic import load_set

SYNTHETIC = "synthetic:"


def holds_arrays(data: str) -> bool:
    """Whether `data` names a procedural set or a prepared file: their landmarks are there, and no frames are read."""
    return data.startswith(SYNTHETIC) or data.endswith(".npz")


def refuse_landmark_model(data: str) -> None:
    """UserError if `data` holds arrays, for commands to which --landmark-model was given: it would change nothing."""
    if holds_arrays(data):
        raise UserError(f"{data} holds arrays, not recordings: leave out --landmark-model")


def load(
    data: str,
    preprocessing: Preprocessing,
    landmark_model: str | None = None,
    progress: Progress = SILENT,
    reading: Reading = DEFAULT,
) -> SequenceSet:
    """The set called `data`: a name such as "synthetic:demo", a folder or CSV of clips, or a file made by `prepare`.

    `progress` notes what the user should know: clips that were left out, and a landmark model not made for real faces.
    """
    return load_with_failures(data, preprocessing, landmark_model, progress, reading).clips


def load_with_failures(
    data: str,
    preprocessing: Preprocessing,
    landmark_model: str | None = None,
    progress: Progress = SILENT,
    reading: Reading = DEFAULT,
) -> PreparedSet:
    """As `load`; the failures of the set are everything that was left out and why, by clip or by file."""
    path = Path(data)
    if holds_arrays(data) and reading != DEFAULT:
        raise UserError(
            f"{data} holds arrays, not recordings: leave out the options that say how recordings are found and read"
        )
    if data.startswith(SYNTHETIC):
        return PreparedSet(load_set(data.removeprefix(SYNTHETIC), preprocessing=preprocessing, progress=progress))
    if path.suffix == ".npz":
        return read_prepared(path, preprocessing)
    return _from_recordings(path, preprocessing, landmark_model, progress, reading)


def _from_recordings(
    path: Path, preprocessing: Preprocessing, landmark_model: str | None, progress: Progress, reading: Reading
) -> PreparedSet:
    """All clips of a folder or CSV."""
    clip_list = find_clips(path, **reading.finding)
    if clip_list.skipped:
        first = clip_list.skipped[0]
        progress.note(f"{len(clip_list.skipped)} entries of {path} are left out, e.g. {first.path}: {first.reason}")
    model = find_model(landmark_model, progress if reading.landmarks == "lbf" else SILENT)
    recipe = Recipe(preprocessing, model, reading.landmarks, reading.on_missing_face)
    prepared = all_clips(clip_list, recipe, progress=progress)
    for name, message in prepared.failures.items():
        progress.note(f"{name} is left out: {message}")
    return replace(prepared, failures=skipped_by_name(clip_list, path) | prepared.failures)


def skipped_by_name(clip_list: ClipList, path: Path) -> dict[str, str]:
    """What a list of the dataset at `path` leaves out, named relative to its folder, and why."""
    root = path if path.is_dir() else path.parent
    return {
        str(one.path.relative_to(root) if one.path.is_relative_to(root) else one.path): one.reason
        for one in clip_list.skipped
    }
