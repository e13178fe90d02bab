"""One name or path to one prepared set."""

from collections.abc import Callable
from pathlib import Path

from fernet.sequences.sequence_set import Preprocessing, SequenceSet

SYNTHETIC = "synthetic:"


def load(
    data: str,
    preprocessing: Preprocessing,
    landmark_model: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> SequenceSet:
    """The set called `data`: "synthetic:demo" and its like, or the path of a folder or CSV of real clips."""
    if data.startswith(SYNTHETIC):
        from fernet.datasets.synthetic import load_set

        return load_set(data.removeprefix(SYNTHETIC), preprocessing=preprocessing, progress=progress)
    from fernet.datasets.folder import load_folder

    return load_folder(Path(data), preprocessing, Path(landmark_model) if landmark_model else None, progress)
