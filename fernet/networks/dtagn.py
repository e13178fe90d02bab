"""DTAGN: the two networks and the ways of joining them (section 3.5)."""

from dataclasses import dataclass, field
from types import ModuleType

import numpy as np

from fernet.backend import Array, array_library, to_host
from fernet.clips.sequence_set import Preprocessing
from fernet.layers import FullyConnected
from fernet.losses import softmax
from fernet.networks.build import Network


class JointTop:
    """The two top layers, retrained together (Fig. 2); the prediction is softmax of the sum of their logits."""

    def __init__(self, dtan: Network, dtgn: Network) -> None:
        self.layers = {"dtan": _copy(dtan.layers[-1][1]), "dtgn": _copy(dtgn.layers[-1][1])}

    def probabilities(self, hidden1: Array, hidden2: Array) -> Array:
        """(N, classes) from the top hidden activations of DTAN and DTGN (Eq. 10)."""
        return softmax(self.layers["dtan"].forward(hidden1)[0] + self.layers["dtgn"].forward(hidden2)[0])


class ConcatenationTop:
    """One top layer on the top hidden activations of both networks side by side (section 6)."""

    def __init__(self, dtan: Network, dtgn: Network, seed: int = 0) -> None:
        inputs = sum(network.layers[-1][1].params["W"].shape[0] for network in (dtan, dtgn))
        self.layers = {"top": FullyConnected(inputs, dtan.notation.classes, np.random.default_rng(seed))}

    def probabilities(self, hidden1: Array, hidden2: Array) -> Array:
        """(N, classes) from the top hidden activations of DTAN and DTGN."""
        return softmax(self.layers["top"].forward(array_library(hidden1).concatenate([hidden1, hidden2], axis=1))[0])


Top = JointTop | ConcatenationTop


@dataclass
class DTAGN:
    """What was trained, with all that prediction needs; any of the parts may be missing."""

    classes: tuple[str, ...]
    preprocessing: Preprocessing
    trajectory_mean: np.ndarray  # (98 T_g,) float32, subtracted from the input of DTGN
    dtan: Network | None = None
    dtgn: Network | None = None
    tops: dict[str, Top] = field(default_factory=dict)  # by integration: joint, l3, concatenation
    alpha: float = 0.5
    history: dict = field(default_factory=dict)  # settings of the run that made it

    def to_library(self, library: ModuleType) -> None:
        """Move all parameters to NumPy or CuPy."""
        for network in (self.dtan, self.dtgn):
            if network is not None:
                network.set_params({name: library.asarray(w) for name, w in network.params.items()})
        for top in self.tops.values():
            set_top_params(top, {name: library.asarray(w) for name, w in top_params(top).items()})

    def scores(self, faces: Array, trajectories: Array) -> dict[str, np.ndarray]:
        """Probabilities (N, classes) by method, for network inputs (N, S, S, T_a) and (N, 98 T_g)."""
        scores, hidden = {}, {}
        for name, network, x in (("dtan", self.dtan, faces), ("dtgn", self.dtgn, trajectories)):
            if network is not None:
                hidden[name] = network.part(0, len(network.layers) - 1).forward(x)[0]
                scores[name] = to_host(softmax(network.layers[-1][1].forward(hidden[name])[0]))
        if len(scores) == 2:
            scores["weighted_sum"] = weighted_sum(scores["dtan"], scores["dtgn"], self.alpha)
        for integration, top in self.tops.items():
            scores[integration] = to_host(top.probabilities(hidden["dtan"], hidden["dtgn"]))
        return scores


def weighted_sum(p: np.ndarray, q: np.ndarray, alpha: float) -> np.ndarray:
    """o = alpha p + (1 - alpha) q   (Eq. 7): p from DTAN, q from DTGN."""
    return alpha * p + (1 - alpha) * q


def top_params(top: Top) -> dict[str, Array]:
    """Parameters by name, e.g. "dtan.W"."""
    return {f"{name}.{key}": value for name, layer in top.layers.items() for key, value in layer.params.items()}


def set_top_params(top: Top, params: dict[str, Array]) -> None:
    """Replace every parameter by the array of its name in `params`."""
    for name, layer in top.layers.items():
        layer.params = {key: params[f"{name}.{key}"] for key in layer.params}


def _copy(layer: FullyConnected) -> FullyConnected:
    copy = FullyConnected(1, 1, np.random.default_rng(0))
    copy.params = {key: value.copy() for key, value in layer.params.items()}
    return copy
