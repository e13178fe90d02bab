"""Lower bounds for the cost of a training step or a pass on a device: its operations, and the bytes it must move.

The count of bytes assumes kernels that each read their inputs and write their outputs once: convolution with bias and
ReLU, normalisation with pooling, a fully connected layer with bias and ReLU. gpu_notes.md works it out by hand.
"""

from dataclasses import dataclass

from timing import training_flops

from fernet.layers import Conv, FullyConnected, MaxPool
from fernet.networks.build import Network
from fernet.networks.summary import summarise

_FLOAT = 4  # bytes


@dataclass(frozen=True)
class Cost:
    """The cost of one batch."""

    flops: float
    bytes: float

    def seconds(self, flops_per_second: float, bytes_per_second: float) -> float:
        """The floor: the larger of the times for arithmetic and for memory, as if the other were free."""
        return max(self.flops / flops_per_second, self.bytes / bytes_per_second)


def training_cost(network: Network, batch: int) -> Cost:
    """The cost of the forward pass, the backward pass and SGD.

    A map between two kernels is written and read in the forward pass and read once more in the backward pass; its
    gradient is written once, and read once by each kernel that needs it: two for a layer with weights (for dW and for
    dx), but one for the first layer, whose dx is not needed, and one for normalisation with pooling. A weight is read
    in the forward pass and for dx, its gradient is written, and SGD reads weight, gradient and velocity and writes
    weight and velocity: eight times four bytes.
    """
    values, winners = 2 * _size(network.input_shape), 0
    stages = _stages(network)
    for number, (layer, size) in enumerate(stages):
        gradient_readers = 2 if isinstance(layer, (Conv, FullyConnected)) and number > 0 else 1
        values += (3 + 1 + gradient_readers) * size
        winners += 2 * size if isinstance(layer, MaxPool) else 0  # one byte each, written and read
    return Cost(training_flops(network) * batch, batch * (_FLOAT * values + winners) + 8 * _FLOAT * _weights(network))


def inference_cost(network: Network, batch: int) -> Cost:
    """The cost of the forward pass alone: every map is written and read once, every weight read once."""
    values = _size(network.input_shape) + sum(2 * size for _, size in _stages(network))
    multiply_adds = sum(row.multiply_adds for row in summarise(network))
    return Cost(2 * multiply_adds * batch, _FLOAT * (batch * values + _weights(network)))


def _stages(network: Network) -> list[tuple[object, int]]:
    """The layers whose outputs are stored in memory, with the number of values; layers after them are merged in."""
    shapes = network.shapes(network.input_shape)
    return [
        (layer, _size(shape))
        for (_, layer), shape in zip(network.layers, shapes[1:], strict=True)
        if isinstance(layer, (Conv, MaxPool, FullyConnected))
    ]


def _weights(network: Network) -> int:
    return sum(w.size for w in network.params.values())


def _size(shape: tuple[int, ...]) -> int:
    size = 1
    for length in shape:
        size *= length
    return size
