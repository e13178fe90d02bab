"""The order in which an epoch goes through the training samples."""

from collections.abc import Callable

import numpy as np

Order = Callable[[np.ndarray, np.random.Generator], np.ndarray]  # labels (N,), generator -> N sample numbers


def shuffled(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Every sample once."""
    return rng.permutation(len(labels))


def balanced(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """As many samples as there are, the same number of each class (one more or less if they do not divide evenly).

    All samples of a rare class occur equally often, except for what does not divide evenly, which is drawn at random;
    of a frequent class a random part is taken, another one in each epoch.
    """
    classes = np.unique(labels)
    share, extra = divmod(len(labels), len(classes))
    wanted = np.full(len(classes), share)
    wanted[rng.permutation(len(classes))[:extra]] += 1
    chosen = []
    for label, count in zip(classes, wanted, strict=True):
        own = np.flatnonzero(labels == label)
        times, rest = divmod(count, len(own))
        chosen += [np.tile(own, times), rng.permutation(own)[:rest]]
    return rng.permutation(np.concatenate(chosen))
