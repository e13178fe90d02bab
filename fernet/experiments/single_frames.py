"""Clips as the single-frame network of Fig. 3 sees them: by the frame in which the expression is strongest."""

from dataclasses import replace

from fernet.clips.sequence_set import Preprocessing, SequenceSet
from fernet.datasets.load import load
from fernet.experiments.paper_datasets import DATASETS
from fernet.experiments.paper_settings import recognise_dataset
from fernet.progress import Progress


def single_frames(clips: SequenceSet, peak: str) -> SequenceSet:
    """The same clips with one face each, that at the `peak`: "end" or "middle"."""
    frame = -1 if peak == "end" else clips.faces.shape[1] // 2
    return replace(
        clips,
        faces=clips.faces[:, frame, None],
        preprocessing=replace(clips.preprocessing, appearance_frames=1),
    )


def load_as_trained(
    data: str, preprocessing: Preprocessing, landmark_model: str | None, progress: Progress
) -> SequenceSet:
    """As `load`, but for T_a = 1 with the face at the peak of each clip, which in MMI is not the end.

    A prepared file has its number of frames already, and is taken as it is.
    """
    if preprocessing.appearance_frames > 1 or data.endswith(".npz"):
        return load(data, preprocessing, landmark_model, progress)
    usual = replace(preprocessing, appearance_frames=Preprocessing().appearance_frames)
    clips = load(data, usual, landmark_model, progress)
    known = recognise_dataset(data)
    return single_frames(clips, DATASETS[known].peak if known else "end")
