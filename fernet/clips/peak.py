"""The one frame that stands for a clip: the frame in which the expression is strongest."""

PEAKS = ("end", "middle")  # where it is: at the end, or in the middle if the expression fades again


def frame_at(peak: str, frames: int) -> int:
    """The index of the frame at the `peak`, one of `PEAKS`, among the interpolated `frames` of a clip."""
    return frames - 1 if peak == "end" else frames // 2
