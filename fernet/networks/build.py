"""From notation to layers."""

from dataclasses import replace

import numpy as np

from fernet.errors import UserError
from fernet.layers import (
    AcrossMapsNorm,
    ContrastNorm,
    Conv,
    Dropout,
    Flatten,
    FullyConnected,
    Layer,
    MaxPool,
    MultiframeConv,
    ReLU,
    ResponseNorm,
)
from fernet.layers.layer import Shape
from fernet.networks.notation import Notation, Part
from fernet.networks.options import NetworkOptions
from fernet.networks.sequential import Sequential

_MOST_PARAMETERS = 2**28  # 1 GB of float32: a larger network is more likely a typing error than intended


class Network(Sequential):
    """A `Sequential` built from notation; its outputs are the logits, one for each class."""

    def __init__(self, notation: Notation, options: NetworkOptions, seed: int = 0, dtype: type = np.float32) -> None:
        """Draw the initial weights on the host from `seed`, so that they are the same on all backends."""
        self.notation, self.options = notation, options
        super().__init__(_Builder(notation, options, np.random.default_rng(seed), dtype).layers())

    @property
    def top(self) -> FullyConnected:
        """The layer whose outputs are the logits."""
        _, top = self.layers[-1]
        return top

    def below_top(self) -> Sequential:
        """All layers below `top`; their outputs are the top hidden activations."""
        return self.part(0, len(self.layers) - 1)

    @property
    def input_shape(self) -> Shape:
        """Shape of one input sample: (size, size, frames) or (values,)."""
        size = self.notation.input_size
        return (size, size, self.options.frames) if self.notation.takes_images else (size,)

    def without_dropout(self) -> "Network":
        """The same notation and options with dropout 0 and fresh weights, for checks that need a smooth loss."""
        return Network(self.notation, replace(self.options, dropout=0.0))


class _Builder:
    """Goes through the notation, keeping track of the shape of the maps and of numbers for the names."""

    def __init__(self, notation: Notation, options: NetworkOptions, rng: np.random.Generator, dtype: type) -> None:
        self.notation, self.options, self.rng, self.dtype = notation, options, rng, dtype
        self.built: list[tuple[str, Layer]] = []
        self.counts: dict[str, int] = {}
        size = notation.input_size
        self.shape: Shape = (size, size, options.frames) if notation.takes_images else (size,)
        self.parameters = 0

    def layers(self) -> list[tuple[str, Layer]]:
        for part in self.notation.parts[1:]:
            try:
                self._add_part(part)
            except UserError as error:
                raise UserError(f"network {self.notation}, part {part}: {error}") from None
        return self.built

    def _add_part(self, part: Part) -> None:
        if part.kind in ("FC", "S") and len(self.shape) == 3:
            self._add("flatten", Flatten(), numbered=False)
        if part.kind == "C":
            size, maps = part.numbers
            self._expect_parameters(size * size * self.shape[2] * maps)
            kind = MultiframeConv if not self.built else Conv
            self._add("conv", kind(size, self.shape[2], maps, self.options.padding, self.rng, self.dtype))
            self._add("relu", ReLU())
        elif part.kind == "L":
            if self.options.normalisation != "none":
                self._add("norm", self._normalisation(part.numbers[0]))
        elif part.kind == "P":
            self._add("pool", MaxPool(part.numbers[0], stride=2, ceil=self.options.ceil_pooling))
        else:
            self._add_fully_connected(part)

    def _add_fully_connected(self, part: Part) -> None:
        inputs, nodes = self.shape[0], part.numbers[0]
        self._expect_parameters(inputs * nodes)
        layer = FullyConnected(inputs, nodes, self.rng, self.dtype)
        if part.kind == "S":
            self._add("softmax", layer, numbered=False)
            return
        self._add("fc", layer)
        self._add("fc_relu", ReLU())
        if self.options.dropout > 0:
            self._add("dropout", Dropout(self.options.dropout))

    def _normalisation(self, window: int) -> Layer:
        kinds = {"contrast": ContrastNorm, "response": ResponseNorm, "across": AcrossMapsNorm}
        return kinds[self.options.normalisation](window, scale=float(self.options.normalisation_scale))

    def _expect_parameters(self, count: int) -> None:
        self.parameters += count
        if self.parameters > _MOST_PARAMETERS:
            raise UserError(
                f"the network would have {self.parameters:,} parameters or more: at most {_MOST_PARAMETERS:,}"
            )

    def _add(self, kind: str, layer: Layer, numbered: bool = True) -> None:
        self.counts[kind] = self.counts.get(kind, 0) + 1
        self.built.append((f"{kind}{self.counts[kind]}" if numbered else kind, layer))
        self.shape = layer.output_shape(self.shape)
