"""The layers of a network and their costs."""

from dataclasses import dataclass

from fernet.layers.layer import Shape
from fernet.networks.build import Network


@dataclass(frozen=True)
class LayerSummary:
    """One layer: its output shape and the costs of one sample's forward pass."""

    name: str
    kind: str
    output_shape: Shape
    parameters: int
    multiply_adds: int
    activation_bytes: int  # of the output in float32


def summarise(network: Network) -> list[LayerSummary]:
    """One row for each layer; the sums over the rows are the totals of the network."""
    shapes = network.shapes(network.input_shape)
    rows = []
    for (name, layer), before, after in zip(network.layers, shapes[:-1], shapes[1:], strict=True):
        parameters = sum(value.size for value in layer.params.values())
        values = 1
        for length in after:
            values *= length
        rows.append(
            LayerSummary(name, type(layer).__name__, after, parameters, layer.multiply_adds(before), 4 * values)
        )
    return rows
