"""DTAGN: the two networks and the ways of integrating them (section 3.5)."""

from dataclasses import dataclass, field
from types import ModuleType

import numpy as np

from fernet import fast
from fernet.backend import Array, array_library, to_host
from fernet.clips.sequence_set import Preprocessing
from fernet.errors import UserError
from fernet.layers import FullyConnected
from fernet.losses import softmax
from fernet.networks.build import Network

# What integrates the two networks, and the loss weights of Eq. 8 for each joint top.
INTEGRATIONS: dict[str, tuple[float, float, float] | None] = {
    "joint": (1.0, 1.0, 0.1),
    "l3": (0.0, 0.0, 1.0),
    "concatenation": None,
}


class Top:
    """Named layers on the top hidden activations of both networks; parameters are named as in "dtan.W"."""

    layers: dict[str, FullyConnected]

    @property
    def params(self) -> dict[str, Array]:
        return {f"{name}.{key}": value for name, layer in self.layers.items() for key, value in layer.params.items()}

    @property
    def decayed(self) -> set[str]:
        """Names of the parameters to which weight decay applies."""
        return {f"{name}.{key}" for name, layer in self.layers.items() for key in layer.decayed}

    def set_params(self, params: dict[str, Array]) -> None:
        """Replace every parameter by the array of its name in `params`."""
        for name, layer in self.layers.items():
            layer.params = {key: params[f"{name}.{key}"] for key in layer.params}

    def probabilities(self, hidden1: Array, hidden2: Array) -> Array:
        """(N, classes) from the top hidden activations of DTAN and DTGN."""
        raise NotImplementedError


class JointTop(Top):
    """The two top layers, retrained together (Fig. 2); the sum of their logits gives the prediction (Eq. 10)."""

    def __init__(self, dtan: Network, dtgn: Network) -> None:
        self.layers = {"dtan": _copy(dtan.top), "dtgn": _copy(dtgn.top)}

    def probabilities(self, hidden1: Array, hidden2: Array) -> Array:
        return softmax(_logits(self.layers["dtan"], hidden1) + _logits(self.layers["dtgn"], hidden2))


class ConcatenationTop(Top):
    """One new top layer on the top hidden activations of both networks side by side (section 6)."""

    def __init__(self, dtan: Network, dtgn: Network, seed: int = 0) -> None:
        inputs = sum(network.top.params["W"].shape[0] for network in (dtan, dtgn))
        self.layers = {"top": FullyConnected(inputs, dtan.notation.classes, np.random.default_rng(seed))}

    def probabilities(self, hidden1: Array, hidden2: Array) -> Array:
        return softmax(_logits(self.layers["top"], array_library(hidden1).concatenate([hidden1, hidden2], axis=1)))


def new_top(integration: str, dtan: Network, dtgn: Network, seed: int = 0) -> Top:
    """The top that `integration` trains, in its initial state: copies of both top layers, or one with fresh weights."""
    return ConcatenationTop(dtan, dtgn, seed) if INTEGRATIONS[integration] is None else JointTop(dtan, dtgn)


@dataclass
class DTAGN:
    """A trained model, with everything that prediction needs; any of the parts may be missing."""

    classes: tuple[str, ...]
    preprocessing: Preprocessing
    trajectory_mean: np.ndarray  # (98 T_g,) float32, subtracted from the input of DTGN
    dtan: Network | None = None
    dtgn: Network | None = None
    tops: dict[str, Top] = field(default_factory=dict)  # by integration: joint, l3, concatenation
    alpha: float = 0.5
    history: dict = field(default_factory=dict)  # settings of the run that made it
    data: dict = field(default_factory=dict)  # the people and a mark of the data of that run; earlier files have none

    @property
    def networks(self) -> dict[str, Network]:
        """The networks present, by name: dtan, dtgn."""
        return {name: network for name, network in (("dtan", self.dtan), ("dtgn", self.dtgn)) if network is not None}

    @property
    def parts(self) -> dict[str, Network | Top]:
        """Everything that has parameters, by name: networks, then tops."""
        return {**self.networks, **self.tops}

    def to_library(self, library: ModuleType) -> None:
        """Move all parameters to NumPy or CuPy."""
        for part in self.parts.values():
            part.set_params({name: library.asarray(w) for name, w in part.params.items()})

    def scores(self, faces: Array, trajectories: Array) -> dict[str, np.ndarray]:
        """Probabilities (N, classes) by method, for network inputs (N, S, S, T_a) and (N, 98 T_g)."""
        inputs, scores, hidden = {"dtan": faces, "dtgn": trajectories}, {}, {}
        for name, network in self.networks.items():
            hidden[name] = network.below_top().forward(inputs[name])[0]
            scores[name] = to_host(softmax(_logits(network.top, hidden[name])))
        if len(scores) == 2:
            scores["weighted_sum"] = weighted_sum(scores["dtan"], scores["dtgn"], self.alpha)
        for integration, top in self.tops.items():
            scores[integration] = to_host(top.probabilities(hidden["dtan"], hidden["dtgn"]))
        return scores


def weighted_sum(p: np.ndarray, q: np.ndarray, alpha: float) -> np.ndarray:
    """o = alpha p + (1 - alpha) q   (Eq. 7): p from DTAN, q from DTGN."""
    return alpha * p + (1 - alpha) * q


def check_network_fits(name: str, network: Network, preprocessing: Preprocessing, classes: int) -> None:
    """UserError unless the network takes what preprocessing makes and has as many classes as the data."""
    S, T_a, T_g = preprocessing.image_size, preprocessing.appearance_frames, preprocessing.geometry_frames
    expected = (S, S, T_a) if name == "dtan" else (49 * 2 * T_g,)
    if network.input_shape != expected:
        reason = f"crops of {S} x {S}, {T_a} frames" if name == "dtan" else f"49 points x 2 x {T_g} frames"
        raise UserError(f"{name} {network.notation} takes {network.input_shape}, the data have {expected}: {reason}")
    if network.notation.classes != classes:
        raise UserError(f"{name} {network.notation} has {network.notation.classes} classes, the data have {classes}")


def _logits(layer: FullyConnected, hidden: Array) -> Array:
    return fast.version_for(layer, hidden).forward(hidden)[0]


def _copy(layer: FullyConnected) -> FullyConnected:
    copy = FullyConnected(1, 1, np.random.default_rng(0))
    copy.params = {key: value.copy() for key, value in layer.params.items()}
    return copy
