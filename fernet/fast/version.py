"""What all fast versions of layers have in common."""

from typing import Any

from fernet.backend import Array
from fernet.layers.layer import Grads, Layer, Shape


class FastVersion(Layer):
    """Computes what `layer` computes, by the same contract and with the same parameters, up to rounding."""

    whole_batch = False  # on the processor: True where a batch in one piece is faster than image by image

    def __init__(self, layer: Layer) -> None:
        self.layer = layer

    @property
    def params(self) -> dict[str, Array]:
        return self.layer.params

    @classmethod
    def applies(cls, layer: Layer, shape: Shape) -> bool:
        """Whether this version can compute `layer` for input of `shape`, N included, and is expected to be faster."""
        return True

    def weight_gradients(self, dy: Array, cache: Any) -> Grads:
        return self.backward(dy, cache)[1]
