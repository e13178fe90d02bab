"""A set without real faces that trains in a second."""

import numpy as np

from fernet.clips.sequence_set import Preprocessing, SequenceSet


def toy_set() -> SequenceSet:
    """24 clips of 8 people in 3 classes, which are visible in both pixels and landmarks."""
    rng = np.random.default_rng(1)
    labels = np.arange(24) % 3
    faces = rng.integers(0, 255, (24, 3, 16, 16)).astype(np.uint8)
    landmarks = rng.normal(0, 0.1, (24, 12, 49, 2)).astype(np.float32) + rng.normal(0, 1, (49, 2)).astype(np.float32)
    for clip, label in enumerate(labels):
        faces[clip, :, 5 * label : 5 * label + 5] //= 4
        landmarks[clip, 6:, 5 * label] += 0.5
    subjects = tuple(f"person {clip // 3}" for clip in range(24))
    names = tuple(f"clip {clip}" for clip in range(24))
    preprocessing = Preprocessing(image_size=16)
    return SequenceSet(faces, landmarks, labels, ("calm", "glad", "sad"), subjects, names, preprocessing, "toy")
