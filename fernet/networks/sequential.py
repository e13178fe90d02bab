"""A network as a chain of named layers."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

import numpy as np

from fernet import threads
from fernet.backend import Array
from fernet.layers import Flatten, Layer
from fernet.layers.layer import Shape

Caches = list[Any]
_SHARD = 1  # images in one piece of work: the maps of one fit the cache of a core


class Sequential:
    """Layers applied one after the other, and backwards in reverse.

    Parameters are named after their layer: "conv1.W", "fc2.b". The layers up to `Flatten` work on each image by
    itself, so they take a batch one by one, spread over the threads of `threads.worker_threads`; the
    layers after it, and image layers with `whole_batch`, take the whole batch and spread their own work. The shards do
    not depend on the number of threads, nor does the result.
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
    ) -> tuple[Array, list[list[Caches]] | None]:
        """Output for the batch x and, in training, the caches that `backward` needs."""
        caches = []
        for layers, sharded in self._stages():
            pieces = _shards(x) if sharded else [x]
            # One generator for each shard: which thread comes first must not decide who draws which numbers.
            generators = rng.spawn(len(pieces)) if len(pieces) > 1 and rng is not None else [rng] * len(pieces)
            work = list(zip([layers] * len(pieces), pieces, [train] * len(pieces), generators, strict=True))
            results = threads.parallel_map(lambda piece: _forward(*piece), work)
            x = _joined([y for y, _ in results])
            caches.append([cache for _, cache in results])
        return x, caches if train else None

    def backward(
        self, dy: Array, caches: list[list[Caches]], input_gradient: bool = True
    ) -> tuple[Array | None, dict[str, Array]]:
        """dx (None without `input_gradient`, which saves the first layer its work) and the gradients by name."""
        grads: dict[str, Array] = {}
        stages = self._stages()
        for stage in reversed(range(len(stages))):
            layers, sharded = stages[stage]
            wanted = input_gradient or stage > 0
            work = list(zip(_shards(dy) if sharded else [dy], caches[stage], strict=True))
            results = threads.parallel_map(
                lambda piece, stage=(layers, wanted): _backward(stage[0], *piece, stage[1]), work
            )
            for name in results[0][1]:
                grads[name] = sum((shard[name] for _, shard in results[1:]), start=results[0][1][name])
            dy = _joined([dx for dx, _ in results]) if wanted else None
        return dy, grads

    def _stages(self) -> list[tuple[list[tuple[str, Layer]], bool]]:
        """Runs of layers that take shards (True) or the whole batch (False)."""
        flatten = next((i for i, (_, layer) in enumerate(self.layers) if isinstance(layer, Flatten)), -1)
        by_kind = groupby(enumerate(self.layers), lambda item: item[0] <= flatten and not item[1][1].whole_batch)
        return [([layer for _, layer in run], sharded) for sharded, run in by_kind]


def _shards(x: Array) -> list[Array]:
    """x cut along N into shards of fixed size on the processor, in one piece on a GPU, which wants it whole."""
    size = _SHARD if isinstance(x, np.ndarray) else len(x)
    return [x[first : first + size] for first in range(0, len(x), size)]


def _joined(shards: list[np.ndarray]) -> Array:
    """The shards along N in one array; a single one, all there is on a GPU, stays as it is."""
    if len(shards) == 1:
        return shards[0]
    size = len(shards[0])
    joined = np.empty((sum(map(len, shards)), *shards[0].shape[1:]), shards[0].dtype)

    def copy(number: int) -> None:
        joined[number * size : (number + 1) * size] = shards[number]

    threads.parallel_map(copy, range(len(shards)))
    return joined


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
