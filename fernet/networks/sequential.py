"""A network as a chain of named layers."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np

from fernet import fast, threads
from fernet.backend import Array, array_library
from fernet.layers import Flatten, Layer
from fernet.layers.layer import Shape

NamedLayers = list[tuple[str, Layer]]
_SHARD = 1  # images in one piece of work: the maps of one image fit into the cache of a core


@dataclass(frozen=True)
class _Stage:
    """Consecutive layers that process the batch in the same way: image by image, or as a whole."""

    layers: NamedLayers  # fast versions where they exist
    sharded: bool


Caches = list[tuple[_Stage, list[list[Any]]]]  # for each stage, and each shard of it, the caches of its layers


class Sequential:
    """Layers applied one after the other, and their backward passes in reverse order.

    Parameters are named after their layer: "conv1.W", "fc2.b". On the processor, the layers up to `Flatten` process a
    batch image by image, divided among the threads of `threads.worker_threads`. The layers after it, and fast versions
    with `whole_batch`, take the whole batch and divide the work themselves. How a batch is divided does not depend on
    the number of threads, and neither does the result.
    """

    def __init__(self, layers: Iterable[tuple[str, Layer]]) -> None:
        self.layers = list(layers)

    @property
    def params(self) -> dict[str, Array]:
        return {f"{name}.{key}": value for name, layer in self.layers for key, value in layer.params.items()}

    @property
    def decayed(self) -> set[str]:
        """Names of the parameters to which weight decay applies."""
        return {f"{name}.{key}" for name, layer in self.layers for key in layer.decayed}

    def set_params(self, params: dict[str, Array]) -> None:
        """Replace every parameter by the array of that name in `params`."""
        for name, layer in self.layers:
            layer.params = {key: params[f"{name}.{key}"] for key in layer.params}

    def part(self, first: int, last: int) -> "Sequential":
        """The layers first .. last-1 as a separate network with shared parameters."""
        return Sequential(self.layers[first:last])

    def before(self, kind: type[Layer]) -> tuple["Sequential", "Sequential"]:
        """The layers before the first one of `kind`, and the rest; the rest is empty if there is none."""
        number = next((i for i, (_, layer) in enumerate(self.layers) if isinstance(layer, kind)), len(self.layers))
        return self.part(0, number), self.part(number, len(self.layers))

    def shapes(self, shape: Shape) -> list[Shape]:
        """Shape of one sample before the first layer and after each."""
        shapes = [shape]
        for _, layer in self.layers:
            shapes.append(layer.output_shape(shapes[-1]))
        return shapes

    def versions(self, x: Array) -> NamedLayers:
        """The layers, each replaced by its fast version for a batch such as x if it has one."""
        N, *shape = x.shape
        shape, chosen = tuple(shape), []
        for name, layer in self.layers:
            chosen.append((name, fast.version(layer, (N, *shape), x.dtype, array_library(x))))
            shape = layer.output_shape(shape)
        return chosen

    def forward(
        self, x: Array, train: bool = False, rng: np.random.Generator | None = None
    ) -> tuple[Array, Caches | None]:
        """Output for the batch x and, in training, the caches that `backward` needs."""
        caches = []
        for stage in self._stages(x):
            pieces = _shards(x) if stage.sharded else [x]
            # One generator for each shard: the order of the threads must not affect which numbers a shard draws.
            generators = rng.spawn(len(pieces)) if len(pieces) > 1 and rng is not None else [rng] * len(pieces)
            work = list(zip([stage.layers] * len(pieces), pieces, [train] * len(pieces), generators, strict=True))
            results = threads.parallel_map(lambda piece: _forward(*piece), work)
            x = _joined([y for y, _ in results])
            caches.append((stage, [cache for _, cache in results]))
        return x, caches if train else None

    def backward(self, dy: Array, caches: Caches, input_gradient: bool = True) -> tuple[Array | None, dict[str, Array]]:
        """dx (None without `input_gradient`, which saves work in the first layer) and the gradients by name."""
        grads: dict[str, Array] = {}
        for number, (stage, shards) in reversed(list(enumerate(caches))):
            wanted = input_gradient or number > 0
            work = list(zip(_shards(dy) if stage.sharded else [dy], shards, strict=True))
            results = threads.parallel_map(
                lambda piece, layers=stage.layers, wanted=wanted: _backward(layers, *piece, wanted), work
            )
            for name in results[0][1]:
                grads[name] = sum((shard[name] for _, shard in results[1:]), start=results[0][1][name])
            dy = _joined([dx for dx, _ in results]) if wanted else None
        return dy, grads

    def _stages(self, x: Array) -> list[_Stage]:
        below, rest = self.before(Flatten)
        image_layers = len(below.layers) + 1 if rest.layers else 0

        def sharded(item: tuple[int, tuple[str, Layer]]) -> bool:
            number, (_, layer) = item
            return number < image_layers and not fast.whole_batch(layer)

        by_kind = groupby(enumerate(self.versions(x)), sharded)
        return [_Stage([layer for _, layer in run], sharded) for sharded, run in by_kind]


def _shards(x: Array) -> list[Array]:
    """x divided along N: into shards of fixed size on the processor, in one piece on a GPU, which needs large ones."""
    size = _SHARD if isinstance(x, np.ndarray) else len(x)
    return [x[first : first + size] for first in range(0, len(x), size)]


def _joined(shards: list[np.ndarray]) -> Array:
    """The shards joined along N in one array; a single shard, as on a GPU, is returned unchanged."""
    if len(shards) == 1:
        return shards[0]
    size = len(shards[0])
    joined = np.empty((sum(map(len, shards)), *shards[0].shape[1:]), shards[0].dtype)

    def copy(number: int) -> None:
        joined[number * size : (number + 1) * size] = shards[number]

    threads.parallel_map(copy, range(len(shards)))
    return joined


def _forward(layers: NamedLayers, x: Array, train: bool, rng: np.random.Generator | None) -> tuple[Array, list[Any]]:
    caches = []
    for _, layer in layers:
        x, cache = layer.forward(x, train, rng)
        caches.append(cache)
    return x, caches


def _backward(
    layers: NamedLayers, dy: Array, caches: list[Any], input_gradient: bool
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
