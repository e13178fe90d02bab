"""A set of clips of one fixed length, ready for training: the form to which every dataset is brought."""

from dataclasses import dataclass, replace

import numpy as np

from fernet.clips.provenance import UNKNOWN, Provenance
from fernet.errors import UserError


@dataclass(frozen=True)
class Preprocessing:
    """How a clip becomes network input; stored in every model, so that prediction repeats it."""

    image_size: int = 64  # side of the square face crop, pixels
    appearance_frames: int = 3  # T_a, frames that DTAN receives
    geometry_frames: int = 12  # T_g, frames that DTGN receives
    nose_point: int = 13  # origin of Eq. 3 among the 49 points: 13 is the tip of the nose
    normalise_first: bool = (
        False  # True is the paper's order: whole frames are interpolated, and faces are found in the result
    )

    def __post_init__(self) -> None:
        limits = {"image_size": 512, "appearance_frames": 64, "geometry_frames": 256, "nose_point": 48}
        for name, largest in limits.items():
            value, smallest = getattr(self, name), 0 if name == "nose_point" else 1
            if not isinstance(value, int) or not smallest <= value <= largest:
                raise UserError(
                    f"preprocessing setting {name} is {value!r}: expected a whole number from {smallest} to {largest}"
                )
        if not isinstance(self.normalise_first, bool):
            raise UserError(
                f"preprocessing setting normalise_first is {self.normalise_first!r}: expected true or false"
            )


@dataclass(frozen=True)
class SequenceSet:
    """N clips of equal length with their labels.

    faces      (N, T_a, S, S) uint8, grey face crops
    landmarks  (N, T_g, 49, 2) float32, x and y of the 49 points in pixels of the crop
    labels     (N,) int64, indices into `classes`
    subjects   name of the person in each clip: folds never split a subject
    names      name of each clip in messages and tables
    """

    faces: np.ndarray
    landmarks: np.ndarray
    labels: np.ndarray
    classes: tuple[str, ...]
    subjects: tuple[str, ...]
    names: tuple[str, ...]
    preprocessing: Preprocessing
    title: str  # printed above results, e.g. "synthetic:demo (procedural faces)"
    provenance: Provenance = UNKNOWN  # how recordings became these arrays

    def __len__(self) -> int:
        return len(self.labels)

    def subset(self, indices: np.ndarray) -> "SequenceSet":
        """The clips at `indices`, in that order."""
        return replace(
            self,
            faces=self.faces[indices],
            landmarks=self.landmarks[indices],
            labels=self.labels[indices],
            subjects=tuple(self.subjects[i] for i in indices),
            names=tuple(self.names[i] for i in indices),
        )
