"""Clips as the single-frame network of Fig. 3 sees them: by the frame in which the expression is strongest."""

from dataclasses import replace
from pathlib import Path

from fernet.clips.peak import frame_at
from fernet.clips.prepared_file import PreparedSet, preprocessing_of
from fernet.clips.sequence_set import Preprocessing, SequenceSet
from fernet.datasets.load import load_with_failures
from fernet.datasets.reading import DEFAULT, Reading
from fernet.experiments.paper_datasets import DATASETS
from fernet.experiments.paper_settings import recognise_dataset
from fernet.progress import Progress


def single_frames(clips: SequenceSet, peak: str) -> SequenceSet:
    """The same clips with one face each, that at the `peak`: "end" or "middle"."""
    frame = frame_at(peak, clips.faces.shape[1])
    return replace(
        clips,
        faces=clips.faces[:, frame, None],
        preprocessing=replace(clips.preprocessing, appearance_frames=1),
        provenance=replace(clips.provenance, peak=peak),
    )


def load_as_trained(
    data: str,
    preprocessing: Preprocessing,
    landmark_model: str | None,
    progress: Progress,
    reading: Reading = DEFAULT,
) -> SequenceSet:
    """The clips of `load_all_as_trained`."""
    return load_all_as_trained(data, preprocessing, landmark_model, progress, reading).clips


def load_all_as_trained(
    data: str,
    preprocessing: Preprocessing,
    landmark_model: str | None,
    progress: Progress,
    reading: Reading = DEFAULT,
) -> PreparedSet:
    """As `load_with_failures`, but for T_a = 1 with the face at the peak of each clip, which in MMI is not the end.

    A prepared file gives this face if it has the usual number of frames; one with T_a = 1 has the end of each clip.
    """
    if preprocessing.appearance_frames > 1:
        return load_with_failures(data, preprocessing, landmark_model, progress, reading)
    known = recognise_dataset(data, reading.layout, reading.follow_links)
    peak = DATASETS[known].peak if known else "end"
    usual = replace(preprocessing, appearance_frames=Preprocessing().appearance_frames)
    if data.endswith(".npz") and preprocessing_of(Path(data)) != usual:
        if peak != "end":
            progress.note(
                f"{data} holds the last frame of each clip, but expressions of {DATASETS[known].title} are strongest "
                f"in the middle: prepare it with --frames {usual.appearance_frames} to train on the middle frame"
            )
        return load_with_failures(data, preprocessing, landmark_model, progress, reading)
    prepared = load_with_failures(data, usual, landmark_model, progress, reading)
    return replace(prepared, clips=single_frames(prepared.clips, peak))
