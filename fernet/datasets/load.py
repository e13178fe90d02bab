"""One name or path to one prepared set."""

from collections.abc import Callable
from pathlib import Path

from fernet.clips.sequence_set import Preprocessing, SequenceSet

SYNTHETIC = "synthetic:"


def load(
    data: str,
    preprocessing: Preprocessing,
    landmark_model: str | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
    note: Callable[[str], None] = lambda text: None,
) -> SequenceSet:
    """The set called `data`: "synthetic:demo" and its like, a folder or CSV of clips, or a file of `prepare`.

    `progress` is called with (done, total), `note` with what the person who trains on the set should know: clips that
    were left out, and a landmark model that was not made for real faces.
    """
    if data.startswith(SYNTHETIC):
        from fernet.synthetic import load_set

        return load_set(data.removeprefix(SYNTHETIC), preprocessing=preprocessing, progress=progress)
    path = Path(data)
    if path.suffix == ".npz":
        from fernet.clips.prepared_file import load_prepared

        return load_prepared(path, preprocessing)
    return _prepare(path, preprocessing, landmark_model, progress, note)


def _prepare(
    path: Path,
    preprocessing: Preprocessing,
    landmark_model: str | None,
    progress: Callable[[int, int], None],
    note: Callable[[str], None],
) -> SequenceSet:
    """All clips of a folder or CSV, through the whole of preprocessing."""
    from fernet.clips.all_clips import prepare_set
    from fernet.datasets.find import find_clips
    from fernet.faces.landmarks import built_in_note, find_model

    clip_list = find_clips(path)
    if clip_list.skipped:
        first = clip_list.skipped[0]
        note(f"{len(clip_list.skipped)} entries of {path} are left out, e.g. {first.path}: {first.reason}")
    model = find_model(landmark_model)
    if text := built_in_note(model):
        note(text)
    return prepare_set(
        clip_list,
        preprocessing,
        model,
        progress=progress,
        failed=lambda name, message: note(f"{name} is left out: {message}"),
    )
