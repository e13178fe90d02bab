"""Random clips of the size of CK+ (327 clips, 7 classes), for benchmarks that need its size but no faces."""

import numpy as np

from fernet.clips.sequence_set import Preprocessing, SequenceSet


def stand_in_set(clips: int = 327) -> SequenceSet:
    rng, settings = np.random.default_rng(0), Preprocessing()
    size, T_a, T_g = settings.image_size, settings.appearance_frames, settings.geometry_frames
    names = tuple(f"clip {i}" for i in range(clips))
    return SequenceSet(
        faces=rng.integers(0, 256, (clips, T_a, size, size), dtype=np.uint8),
        landmarks=rng.uniform(0, size, (clips, T_g, 49, 2)).astype(np.float32),
        labels=np.arange(clips) % 7,
        classes=("anger", "contempt", "disgust", "fear", "happiness", "sadness", "surprise"),
        subjects=tuple(f"subject {i % 118}" for i in range(clips)),
        names=names,
        preprocessing=settings,
        title="random stand-in",
    )
