"""What all fast versions of layers have in common."""

from fernet.backend import Array
from fernet.layers.layer import Layer, Shape


class FastVersion(Layer):
    """Computes what `layer` computes, by the same contract and with the same parameters, up to rounding."""

    whole_batch = False  # on the processor: True where a batch in one piece is faster than image by image

    def __init__(self, layer: Layer) -> None:
        self.layer = layer

    @property
    def params(self) -> dict[str, Array]:
        return self.layer.params

    @property
    def decayed(self) -> tuple[str, ...]:
        return self.layer.decayed

    @classmethod
    def can(cls, layer: Layer, shape: Shape) -> bool:
        """Whether this version can compute `layer` for input of `shape`, N included."""
        return True

    @classmethod
    def applies(cls, layer: Layer, shape: Shape) -> bool:
        """Whether it can, and is expected to be faster."""
        return cls.can(layer, shape)

    def output_shape(self, shape: Shape) -> Shape:
        return self.layer.output_shape(shape)

    def multiply_adds(self, shape: Shape) -> int:
        return self.layer.multiply_adds(shape)
