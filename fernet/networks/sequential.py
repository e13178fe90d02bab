"""A network as a chain of named layers."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from fernet import threads
from fernet.backend import Array, array_library
from fernet.layers import Flatten, Layer
from fernet.layers.layer import Shape

Caches = list[Any]
_SHARD = 4  # images in one piece of work: the maps of four fit the cache of a core


class Sequential:
    """Layers applied one after the other, and backwards in reverse.

    Parameters are named after their layer: "conv1.W", "fc2.b". The layers up to `Flatten` work on each image by
    itself, so they take a batch in shards of four images, spread over the threads of `threads.deterministic`; the
    layers after it take the whole batch. The shards do not depend on the number of threads, nor does the result.
    """

    def __init__(self, layers: Iterable[tuple[str, Layer]]) -> None:
        self.layers = list(layers)

    @property
    def params(self) -> dict[str, Array]:
        return {f"{name}.{key}": value for name, layer in self.layers for key, value in layer.params.items()}

    @property
    def decayed(self) -> set[str]:
        """Names of the parameters that weight decay shrinks."""
        return {f"{name}.{key}" for name, layer in self.layers for key in layer.decayed}

    def set_params(self, params: dict[str, Array]) -> None:
        """Replace every parameter by the array of its name in `params`."""
        for name, layer in self.layers:
            layer.params = {key: params[f"{name}.{key}"] for key in layer.params}

    def part(self, first: int, last: int) -> "Sequential":
        """The layers first .. last-1 as a network of their own, sharing the parameters."""
        return Sequential(self.layers[first:last])

    def shapes(self, shape: Shape) -> list[Shape]:
        """Shape of one sample before the first layer and after each."""
        shapes = [shape]
        for _, layer in self.layers:
            shapes.append(layer.output_shape(shapes[-1]))
        return shapes

    def forward(
        self, x: Array, train: bool = False, rng: np.random.Generator | None = None
    ) -> tuple[Array, list[Caches] | None]:
        """Output for the batch x and, in training, the caches that `backward` needs."""
        images, vectors = self._stages()
        if images:
            pieces = _shards(x)
            # One generator for each shard: which thread comes first must not decide who draws which numbers.
            generators = rng.spawn(len(pieces)) if rng is not None else [None] * len(pieces)
            work = list(zip(pieces, generators, strict=True))
            results = threads.in_order(lambda piece: _forward(images, piece[0], train, piece[1]), work)
            image_caches = [cache for _, cache in results]
            x = array_library(x).concatenate([y for y, _ in results])
        else:
            image_caches = []
        y, vector_caches = _forward(vectors, x, train, rng)
        return y, [vector_caches, *image_caches] if train else None

    def backward(
        self, dy: Array, caches: list[Caches], input_gradient: bool = True
    ) -> tuple[Array | None, dict[str, Array]]:
        """dx (None without `input_gradient`, which saves the first layer its work) and the gradients by name."""
        images, vectors = self._stages()
        vector_caches, *image_caches = caches
        dy, grads = _backward(vectors, dy, vector_caches, input_gradient or bool(images))
        if not images:
            return dy, grads
        work = list(zip(_shards(dy), image_caches, strict=True))
        results = threads.in_order(lambda piece: _backward(images, piece[0], piece[1], input_gradient), work)
        for name in results[0][1]:
            grads[name] = sum((shard[name] for _, shard in results[1:]), start=results[0][1][name])
        dx = array_library(dy).concatenate([dx for dx, _ in results]) if input_gradient else None
        return dx, grads

    def _stages(self) -> tuple[list[tuple[str, Layer]], list[tuple[str, Layer]]]:
        """The layers up to and with the first `Flatten`, and those after it."""
        split = next((i + 1 for i, (_, layer) in enumerate(self.layers) if isinstance(layer, Flatten)), 0)
        return self.layers[:split], self.layers[split:]


def _shards(x: Array) -> list[Array]:
    """x cut along N into shards of fixed size on the processor, in one piece on a GPU, which wants it whole."""
    size = _SHARD if isinstance(x, np.ndarray) else len(x)
    return [x[first : first + size] for first in range(0, len(x), size)]


def _forward(
    layers: list[tuple[str, Layer]], x: Array, train: bool, rng: np.random.Generator | None
) -> tuple[Array, Caches]:
    caches = []
    for _, layer in layers:
        x, cache = layer.forward(x, train, rng)
        caches.append(cache)
    return x, caches


def _backward(
    layers: list[tuple[str, Layer]], dy: Array, caches: Caches, input_gradient: bool
) -> tuple[Array | None, dict[str, Array]]:
    grads = {}
    for position in reversed(range(len(layers))):
        name, layer = layers[position]
        if position == 0 and not input_gradient:
            own, dy = layer.weight_gradients(dy, caches[position]), None
        else:
            dy, own = layer.backward(dy, caches[position])
        grads.update({f"{name}.{key}": value for key, value in own.items()})
    return dy, grads
