"""Clips reduced to one frame, for the single-frame network of Fig. 3."""

from dataclasses import replace

from fernet.clips.sequence_set import SequenceSet


def single_frames(clips: SequenceSet, peak: str) -> SequenceSet:
    """The same clips with one face each: the one at the `peak`, "end" or "middle"."""
    frame = -1 if peak == "end" else clips.faces.shape[1] // 2
    return replace(
        clips,
        faces=clips.faces[:, frame, None],
        preprocessing=replace(clips.preprocessing, appearance_frames=1),
    )
