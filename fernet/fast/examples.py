"""Every fast version of a layer, the loss and SGD, with arguments to try it on.

This is the one table behind the parity tests and the benchmark.

Rows with `paper` have the shapes of the paper's networks, for timing; the others are small and awkward, for tests.
"""

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

import numpy as np

from fernet import layers, losses
from fernet.backend import Array
from fernet.fast import layer_versions
from fernet.fast.version import FastVersion
from fernet.layers.layer import Layer, Shape
from fernet.sgd import SGD


@dataclass(frozen=True)
class Example:
    """One fast version beside the layer or function that it replaces.

    run(fast, library) gives the arrays that one of the two computes on arrays of `library`, from the same numbers.
    """

    name: str
    place: str  # "cpu" or "cuda"
    run: Callable[[bool, ModuleType], list[Array]]
    layer: Layer | None = None  # None for a function
    shape: Shape = ()  # of the layer's input, N included

    def outputs(self, fast: bool, library: ModuleType = np) -> list[Array]:
        """The arrays computed by the fast version or, without `fast`, by the layer or function itself."""
        return self.run(fast, library)


def examples(place: str, paper: bool = False, batch: int = 32) -> list[Example]:
    """The rows for "cpu" or "cuda"; those of the paper's shapes have `batch` samples."""
    rows = [(make(), shape) for make, shape in (_paper_layers(batch) if paper else _small_layers())]
    built = [
        Example(f"{kind.__name__} {_described(layer, shape)}", place, _layer_run(kind, layer, shape), layer, shape)
        for layer, shape in rows
        for kind in layer_versions(place).get(type(layer), ())
        if (kind.applies if paper else kind.can)(layer, shape)
    ]
    return built + [Example(name, place, run) for name, run in _function_runs(place, paper, batch)]


def _small_layers() -> list[tuple[Callable[[], Layer], Shape]]:
    rng = np.random.default_rng(1)
    convolutions = [  # few and many channels, odd and unequal sizes, a last piece of the batch that is not full
        ((3, 9, 8, 3), 5, 7, "valid"),
        ((2, 9, 11, 40), 4, 6, "valid"),
        ((5, 6, 7, 64), 3, 5, "same"),
        ((1, 5, 5, 200), 1, 3, "valid"),
        ((2, 5, 6, 1), 5, 2, "same"),
        ((9, 8, 8, 2), 8, 2, "valid"),
    ]
    windows = [(3, 0.75), (5, 0.75), (4, 0.6), (1, 0.75), (9, 0.75)]
    rows: list[tuple[Callable[[], Layer], Shape]] = []
    for shape, size, maps, padding in convolutions:
        for kind in (layers.Conv, layers.MultiframeConv):
            rows.append((lambda k=kind, s=shape, n=size, m=maps, p=padding: k(n, s[3], m, p, rng), shape))
    for n, power in windows:
        for kind in (layers.ContrastNorm, layers.ResponseNorm):
            rows.append((lambda k=kind, n=n, power=power: k(n, scale=5.0, power=power, k=0.7), (2, 9, 7, 3)))
    rows.append((lambda: layers.ContrastNorm(5, scale=5.0), (1, 6, 5, 130)))  # more channels than OpenCV takes at once
    for size, stride, ceil in ((2, 2, False), (2, 2, True), (3, 2, True), (3, 1, False), (2, 3, True)):
        rows.append((lambda n=size, s=stride, c=ceil: layers.MaxPool(n, s, c), (2, 8, 6, 5)))
    rows.append((lambda: layers.MaxPool(2, 2, ceil=True), (2, 7, 5, 3)))
    for inputs, outputs, batch in ((1100, 300, 64), (64, 60, 5000), (3000, 301, 1), (6, 7, 5)):
        rows.append((lambda i=inputs, o=outputs: layers.FullyConnected(i, o, rng), (batch, inputs)))
    rows += [(layers.ReLU, (2, 5, 6, 64)), (layers.ReLU, (3, 7))]
    return rows


def _paper_layers(batch: int) -> list[tuple[Callable[[], Layer], Shape]]:
    """The layers of DTAN for CK+."""
    rng = np.random.default_rng(1)
    return [
        (lambda: layers.MultiframeConv(5, 3, 64, "valid", rng), (batch, 64, 64, 3)),
        (layers.ReLU, (batch, 60, 60, 64)),
        (lambda: layers.ContrastNorm(5, scale=0.125), (batch, 60, 60, 64)),
        (lambda: layers.ResponseNorm(5, scale=0.125), (batch, 60, 60, 64)),
        (lambda: layers.MaxPool(2), (batch, 60, 60, 64)),
        (lambda: layers.Conv(5, 64, 64, "valid", rng), (batch, 30, 30, 64)),
        (lambda: layers.FullyConnected(10816, 500, rng), (batch, 10816)),
    ]


def _layer_run(kind: type[FastVersion], layer: Layer, shape: Shape) -> Callable[[bool, ModuleType], list[Array]]:
    rng = np.random.default_rng(2)
    x = rng.standard_normal(shape).astype(np.float32)
    if isinstance(layer, layers.MaxPool):
        x = np.maximum(x, 0).round(1)  # many equal values: the first maximum must be the same
    dy = rng.standard_normal((shape[0], *layer.output_shape(shape[1:]))).astype(np.float32)
    if "b" in layer.params:
        layer.params["b"] = rng.standard_normal(layer.params["b"].shape).astype(np.float32)

    def run(fast: bool, library: ModuleType) -> list[Array]:
        layer.params = {name: library.asarray(w) for name, w in layer.params.items()}
        chosen = kind(layer) if fast else layer
        y, cache = chosen.forward(library.asarray(x), train=True)
        gradient = library.asarray(dy)
        dx, grads = chosen.backward(gradient, cache)
        alone = chosen.weight_gradients(gradient, cache)
        return [y, dx, *(grads[name] for name in sorted(grads)), *(alone[name] for name in sorted(alone))]

    return run


def _function_runs(place: str, paper: bool, batch: int) -> list[tuple[str, Callable[[bool, ModuleType], list[Array]]]]:
    if place == "cpu":
        from fernet.fast.cpu.sgd import ThreadedSGD

        return [("ThreadedSGD", _sgd_run(ThreadedSGD, 5_769_835 if paper else 300_000))]
    from fernet.fast.cuda.sgd import CudaSGD
    from fernet.fast.cuda.softmax_cross_entropy import softmax_cross_entropy

    rng = np.random.default_rng(3)
    logits = rng.standard_normal((batch if paper else 37, 7)).astype(np.float32)
    labels = rng.integers(0, 7, len(logits))

    def loss(fast: bool, library: ModuleType) -> list[Array]:
        function = softmax_cross_entropy if fast else losses.softmax_cross_entropy
        loss, dlogits = function(library.asarray(logits), library.asarray(labels))
        return [library.asarray(loss, np.float32), dlogits]  # NumPy 1 divides a float32 scalar in float64

    return [("softmax_cross_entropy", loss), ("CudaSGD", _sgd_run(CudaSGD, 5_769_835 if paper else 3000))]


def _sgd_run(kind: type[SGD], size: int) -> Callable[[bool, ModuleType], list[Array]]:
    rng = np.random.default_rng(4)
    w, b, gw, gb = (rng.standard_normal(n).astype(np.float32) for n in (size, 70, size, 70))

    def run(fast: bool, library: ModuleType) -> list[Array]:
        params = {"W": library.array(w), "b": library.array(b)}
        optimiser = (kind if fast else SGD)(params, {"W"}, 0.9, 5e-3)
        for _ in range(2):
            optimiser.step({"W": library.asarray(gw), "b": library.asarray(gb)}, 0.01)
        return [params["W"], params["b"], *optimiser.velocity.values()]

    return run


def _described(layer: Layer, shape: Shape) -> str:
    sizes = [str(getattr(layer, name)) for name in ("size", "stride", "power", "padding") if hasattr(layer, name)]
    return f"{' '.join(sizes)} on {' x '.join(map(str, shape))}".strip()
