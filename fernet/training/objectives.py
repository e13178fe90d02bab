"""What the training loop minimises: the loss of one network, or that of the integrated top layers."""

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

import numpy as np

from fernet import fast
from fernet.backend import Array, array_library, beside
from fernet.layers import Dropout
from fernet.losses import joint_loss
from fernet.networks.build import Network
from fernet.networks.dtagn import ConcatenationTop, JointTop
from fernet.training.random_numbers import Generator

Inputs = Callable[[np.ndarray], Array]  # sample numbers -> network input


@dataclass(frozen=True)
class Outcome:
    """The result for one batch: mean loss, number of correct samples, and the gradients by name."""

    loss: Array  # a scalar, possibly still on the device
    correct: Array
    grads: dict[str, Array]


class NetworkObjective:
    """Cross-entropy of one network."""

    def __init__(self, network: Network, inputs: Inputs, library: ModuleType) -> None:
        self.network, self.network_input, self.library = network, inputs, library
        self.params, self.decayed = network.params, network.decayed

    def inputs(self, samples: np.ndarray) -> tuple[Array]:
        """The network's input for these samples, in the library in which the network computes."""
        return (self.library.asarray(self.network_input(samples)),)

    def outcome(self, inputs: tuple[Array], labels: Array, rng: Generator) -> Outcome:
        """Forward and backward for one batch."""
        (x,) = inputs
        logits, caches = self.network.forward(x, train=True, rng=rng)
        loss, dlogits = fast.softmax_cross_entropy(logits)(logits, labels)
        _, grads = self.network.backward(dlogits, caches, input_gradient=False)
        return Outcome(loss, _correct(logits, labels), grads)


class FrozenBranch:
    """A trained network below its top layer: the weights are fixed, dropout stays on (section 3.5.2).

    Below the first dropout layer the activations of a sample never change, so they are computed once for all samples.
    """

    def __init__(self, network: Network, inputs: Inputs, samples: int, batch: int, library: ModuleType) -> None:
        below, self.above = network.below_top().before(Dropout)
        numbers = [np.arange(first, min(first + batch, samples)) for first in range(0, samples, batch)]
        self.features = library.concatenate([below.forward(library.asarray(inputs(part)))[0] for part in numbers])

    def inputs(self, samples: np.ndarray) -> Array:
        """The activations below the first dropout layer."""
        return self.features[beside(samples, self.features)]

    def hidden(self, x: Array, rng: Generator) -> Array:
        """Top hidden activations from those of `inputs`, with new dropout masks."""
        return self.above.forward(x, train=True, rng=rng)[0]


class TopObjective:
    """Cross-entropy of one network of which only the top layer is trained, on the frozen branch below it."""

    def __init__(self, network: Network, branch: FrozenBranch) -> None:
        self.branch, (self.name, self.layer) = branch, network.layers[-1]
        self.params = {f"{self.name}.{key}": w for key, w in self.layer.params.items()}
        self.decayed = {f"{self.name}.{key}" for key in self.layer.decayed}

    def inputs(self, samples: np.ndarray) -> tuple[Array]:
        """The frozen features of the samples."""
        return (self.branch.inputs(samples),)

    def outcome(self, inputs: tuple[Array], labels: Array, rng: Generator) -> Outcome:
        """Forward and backward for one batch."""
        hidden = self.branch.hidden(inputs[0], rng)
        layer = fast.version_for(self.layer, hidden)
        logits, cache = layer.forward(hidden, train=True)
        loss, dlogits = fast.softmax_cross_entropy(logits)(logits, labels)
        grads = {f"{self.name}.{key}": value for key, value in layer.weight_gradients(dlogits, cache).items()}
        return Outcome(loss, _correct(logits, labels), grads)


class JointObjective:
    """Eq. 8 over the two top layers, on the frozen branches."""

    def __init__(
        self, top: JointTop, dtan: FrozenBranch, dtgn: FrozenBranch, weights: tuple[float, float, float]
    ) -> None:
        self.top, self.dtan, self.dtgn, self.weights = top, dtan, dtgn, weights
        self.params, self.decayed = top.params, top.decayed

    def inputs(self, samples: np.ndarray) -> tuple[Array, Array]:
        """The frozen features of the samples, from both branches."""
        return self.dtan.inputs(samples), self.dtgn.inputs(samples)

    def outcome(self, inputs: tuple[Array, Array], labels: Array, rng: Generator) -> Outcome:
        """Forward and backward for one batch."""
        hidden1, hidden2 = self.dtan.hidden(inputs[0], rng), self.dtgn.hidden(inputs[1], rng)
        layer1 = fast.version_for(self.top.layers["dtan"], hidden1)
        layer2 = fast.version_for(self.top.layers["dtgn"], hidden2)
        logits1, cache1 = layer1.forward(hidden1, train=True)
        logits2, cache2 = layer2.forward(hidden2, train=True)
        cross_entropy = fast.softmax_cross_entropy(logits1)
        loss, dlogits1, dlogits2 = joint_loss(logits1, logits2, labels, self.weights, cross_entropy)
        grads = {f"dtan.{key}": value for key, value in layer1.weight_gradients(dlogits1, cache1).items()}
        grads |= {f"dtgn.{key}": value for key, value in layer2.weight_gradients(dlogits2, cache2).items()}
        return Outcome(loss, _correct(logits1 + logits2, labels), grads)


class ConcatenationObjective:
    """Cross-entropy of one top layer on the hidden activations of both frozen branches."""

    def __init__(self, top: ConcatenationTop, dtan: FrozenBranch, dtgn: FrozenBranch) -> None:
        self.top, self.dtan, self.dtgn = top, dtan, dtgn
        self.params, self.decayed = top.params, top.decayed

    def inputs(self, samples: np.ndarray) -> tuple[Array, Array]:
        """The frozen features of the samples, from both branches."""
        return self.dtan.inputs(samples), self.dtgn.inputs(samples)

    def outcome(self, inputs: tuple[Array, Array], labels: Array, rng: Generator) -> Outcome:
        """Forward and backward for one batch."""
        hidden = [branch.hidden(x, rng) for branch, x in zip((self.dtan, self.dtgn), inputs, strict=True)]
        both = array_library(hidden[0]).concatenate(hidden, axis=1)
        layer = fast.version_for(self.top.layers["top"], both)
        logits, cache = layer.forward(both, train=True)
        loss, dlogits = fast.softmax_cross_entropy(logits)(logits, labels)
        grads = {f"top.{key}": value for key, value in layer.weight_gradients(dlogits, cache).items()}
        return Outcome(loss, _correct(logits, labels), grads)


def _correct(logits: Array, labels: Array) -> Array:
    return (logits.argmax(axis=1) == array_library(logits).asarray(labels)).sum()
