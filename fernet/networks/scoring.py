"""What a trained model says about clips."""

from types import ModuleType

import numpy as np

from fernet.clips.sequence_set import SequenceSet
from fernet.inputs.samples import Samples
from fernet.networks.dtagn import DTAGN

_BATCH = 64


def score_clips(model: DTAGN, clips: SequenceSet, library: ModuleType) -> dict[str, np.ndarray]:
    """Probabilities (N, classes) by method (dtan, dtgn, weighted_sum, joint, ...) for clips as they are."""
    by_method: dict[str, list[np.ndarray]] = {}
    samples = Samples(clips, 0, model.trajectory_mean, variants=1, library=library)
    for first in range(0, len(clips), _BATCH):
        batch = np.arange(first, min(first + _BATCH, len(clips)))
        faces = library.asarray(samples.faces(batch)) if model.dtan is not None else None
        trajectories = library.asarray(samples.trajectories(batch)) if model.dtgn is not None else None
        for method, scores in model.scores(faces, trajectories).items():
            by_method.setdefault(method, []).append(scores)
    return {method: np.concatenate(parts) for method, parts in by_method.items()}
