"""Clips as the single-frame network of Fig. 3 sees them."""

from dataclasses import replace

from fernet.clips.sequence_set import SequenceSet


def single_frames(clips: SequenceSet, peak: str) -> SequenceSet:
    """The same clips with one face each, that at the `peak`: "end" or "middle"."""
    frame = -1 if peak == "end" else clips.faces.shape[1] // 2
    return replace(
        clips,
        faces=clips.faces[:, frame, None],
        preprocessing=replace(clips.preprocessing, appearance_frames=1),
    )
