"""Batches of augmented samples, made on demand."""

from collections.abc import Callable
from functools import cached_property
from types import ModuleType

import numpy as np

from fernet.backend import Array
from fernet.clips.sequence_set import SequenceSet
from fernet.inputs.augmentation import VARIANTS, augment_landmarks, face_inputs
from fernet.inputs.trajectories import flip_landmarks, normalise_landmarks

FaceInputs = Callable[[Array, np.ndarray, int], Array]  # faces, sample numbers, variants -> input of DTAN


def mean_trajectory(clips: SequenceSet) -> np.ndarray:
    """Mean (98 T_g,) float32 of the normalised trajectories of `clips` and their mirror images.

    What faces have in common far outweighs the differences between expressions, so unless the mean is subtracted all
    inputs point in the same direction and DTGN does not learn at all. The paper does not mention this; its toolchain,
    cuda-convnet, always subtracts the mean of the training data.
    """
    trajectories = normalise_landmarks(clips.landmarks, clips.preprocessing.nose_point).astype(np.float64)
    return ((trajectories + flip_landmarks(trajectories)) / 2).mean(axis=0).ravel().astype(np.float32)


class Samples:
    """The variants of every clip of a set, numbered: sample i is variant i % 14 of clip i // 14.

    A sample is the same each time it is made: its noise depends only on (seed, sample).
    """

    def __init__(
        self,
        clips: SequenceSet,
        seed: int,
        trajectory_mean: np.ndarray,
        variants: int = VARIANTS,
        library: ModuleType = np,
        face_inputs: FaceInputs = face_inputs,
    ) -> None:
        """`trajectory_mean` (98 T_g,) is subtracted from every trajectory, see `mean_trajectory`.

        Inputs are arrays of `library`. `face_inputs` computes those of DTAN, by default the function of that name in
        `inputs.augmentation`.
        """
        self.clips, self.seed, self.variants, self.library = clips, seed, variants, library
        self.trajectory_mean, self._face_inputs = trajectory_mean, face_inputs
        self._trajectories = normalise_landmarks(clips.landmarks, clips.preprocessing.nose_point)

    def __len__(self) -> int:
        return len(self.clips) * self.variants

    def labels(self, samples: np.ndarray) -> np.ndarray:
        return self.clips.labels[samples // self.variants]

    def faces(self, samples: np.ndarray) -> Array:
        """Input of DTAN, (N, S, S, T_a) float32."""
        return self._face_inputs(self._faces, samples, self.variants)

    def trajectories(self, samples: np.ndarray) -> Array:
        """Input of DTGN, (N, 98 T_g) float32 in the order x1 y1 .. x49 y49, frame by frame (Eq. 4)."""
        return self._all_trajectories[self.library.asarray(samples)]

    @cached_property
    def _faces(self) -> Array:
        """Every clip's faces, one byte per pixel: 4 MB for CK+."""
        return self.library.asarray(self.clips.faces)

    @cached_property
    def _all_trajectories(self) -> Array:
        """Every sample's trajectory, made once: 22 MB for CK+; making them for each batch costs more than a step."""
        rows = np.empty((len(self), self._trajectories[0].size), np.float32)
        for i, row in enumerate(rows):
            clip, variant = divmod(i, self.variants)
            rng = np.random.default_rng([self.seed, clip, variant])
            row[:] = augment_landmarks(self._trajectories[clip], variant, rng).ravel()
        rows -= self.trajectory_mean
        return self.library.asarray(rows)
