"""The passes of one network on one clip, layer by layer, as the page computes them: outside training, in float64."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from fernet.layers import Dropout, Flatten, FullyConnected
from fernet.networks.build import Network
from fernet.networks.sequential import NamedLayers

_SHIPPED = 200_000  # weights of a fully connected layer; a larger one is folded into the gradients of the logits


@dataclass(frozen=True)
class Folded:
    """The layers whose weights are too many for a page: all that it can show of them for one clip.

    values      output (values,) of each of the fully connected ones, by name
    jacobians   gradients (tops, classes, inputs) of the logits with respect to the input of each of them
    """

    values: dict[str, np.ndarray]
    jacobians: dict[str, np.ndarray]


def visible_layers(network: Network) -> NamedLayers:
    """The layers that change numbers: Flatten reorders nothing, and Dropout is off outside training."""
    return [(name, layer) for name, layer in network.layers if not isinstance(layer, (Dropout, Flatten))]


def folded_from(network: Network) -> int:
    """The place of the first folded layer among `visible_layers`, or that of the top if none is folded.

    Above the last convolution everything is linear in the gradient of the logits once the masks of the clip are known.
    """
    layers = visible_layers(network)
    large = (
        place
        for place, (_, layer) in enumerate(layers[:-1])
        if isinstance(layer, FullyConnected) and layer.params["W"].size > _SHIPPED
    )
    return next(large, len(layers) - 1)


def values_of(layers: NamedLayers, x: np.ndarray) -> tuple[dict[str, np.ndarray], list[Any]]:
    """Output of each of these layers by name, preceded by "input", and their caches; x (N, ...) float64."""
    values, caches = {"input": x}, []
    for name, layer in layers:
        if isinstance(layer, FullyConnected):
            x = x.reshape(len(x), -1)
        x, cache = layer.forward(x, train=True)
        values[name] = x
        caches.append(cache)
    return values, caches


def gradients_of(
    layers: NamedLayers, dy: np.ndarray, values: dict[str, np.ndarray], caches: list[Any]
) -> dict[str, np.ndarray]:
    """Gradient of each of the `values`, under the same names, from dy, that of the output of the last layer."""
    gradients, names = {}, list(values)
    for (name, layer), cache, before in reversed(list(zip(layers, caches, names[:-1], strict=True))):
        gradients[name] = dy
        dy, _ = layer.backward(dy, cache)
        dy = dy.reshape(values[before].shape)
    gradients["input"] = dy
    return gradients


def folded(network: Network, x: np.ndarray, tops: list[np.ndarray]) -> Folded | None:
    """What the page gets of the folded layers; None if none is folded.

    x (1, ...) float64; each of the tops is a weight matrix (hidden, classes) for the output of the last folded layer.
    """
    first, layers = folded_from(network), visible_layers(network)[:-1]
    if first == len(layers):
        return None
    below, _ = values_of(layers[:first], x)
    classes = tops[0].shape[1]
    entering = np.repeat(list(below.values())[-1].reshape(1, -1), classes, axis=0)  # one row for each logit
    values, caches = values_of(layers[first:], entering)
    rows = [gradients_of(layers[first:], W.T, values, caches) for W in tops]
    inputs = dict(zip(list(values)[1:], list(values)[:-1], strict=True))
    large = [name for name, layer in layers[first:] if isinstance(layer, FullyConnected)]
    jacobians = {name: np.stack([of_top[inputs[name]] for of_top in rows]) for name in large}
    return Folded({name: values[name][0] for name in large}, jacobians)
