"""What the layers of a network do while it is trained: their activations on a fixed probe, and the size of its steps.

The probe is a sample of the training clips, not augmented, on which the network is run without dropout before training
and after every epoch. Nothing here draws from the generators of the training or changes a weight, so a model has the
same bits whether it is watched or not. On a GPU this only submits work until the end of an epoch.
"""

from itertools import zip_longest
from typing import Any, NamedTuple

import numpy as np

from fernet.backend import Array, array_library, to_host
from fernet.layers import Dropout, Flatten, Layer, ReLU
from fernet.networks.sequential import Sequential
from fernet.sgd import SGD
from fernet.training.step import Step

_LARGEST_PROBE = 256  # clips; a third of the clips, one sample of 14 each, costs 1.5 % of the time of training
_BATCH = 64
_Activations = dict[str, dict[str, Any]]  # statistics by layer and by the names of their fields


class LayerRow(NamedTuple):
    """One layer after one epoch; 0 is the state before training. None: not known, or not defined for the layer.

    Activations are the layer's output after its ReLU if one follows, over all samples of the probe. `gradient` and
    `update` belong to the last step of the epoch, in epoch 0 to the first step of all.
    """

    network: str
    epoch: int
    layer: str
    units: int | None = None  # maps of a convolution, units of a fully connected layer
    dead: int | None = None  # units whose activation is zero everywhere on the probe
    zeros: float | None = None  # share of activations that are zero
    mean: float | None = None
    deviation: float | None = None
    gradient: float | None = None  # norm of the loss gradient with respect to the weights, without decay
    update: float | None = None  # norm of the velocity over that of the weights, after the step
    loss: float | None = None  # of the first batch, before any update: in epoch 0, for the last layer


def probe_samples(clips: int, variants: int) -> np.ndarray:
    """Numbers of the samples of the probe: variant 0 of a third of the clips, the same in every epoch."""
    count = min(_LARGEST_PROBE, -(-clips // 3))
    return variants * np.sort(np.random.default_rng(0).permutation(clips)[:count])


class LayerWatch:
    """Adds rows on one stage of training to `rows`; `fit` calls it at the first step and after every epoch."""

    def __init__(self, stage: str, rows: list[LayerRow], network: Sequential | None = None, probe: Any = None) -> None:
        """`probe`: input (N, ..) of the `network` that is trained; without them only steps are watched."""
        self.stage, self.rows, self.probe, self.taps = stage, rows, probe, {}
        if network is not None:
            self.tapped, self.taps = _tapped(network)
        self._before: _Activations = {}
        self._first: tuple[list[str], Array, Array] | None = None

    def before_training(self) -> None:
        """Run the probe with the initial weights."""
        self._before = self._activations()

    def first_step(self, step: Step) -> None:
        """Keep what the first step shows, on the device."""
        # A copy, for the sums of the tally go on growing.
        self._first = *_norms(step.gradients, step.optimiser), step.tally.sums.copy()

    def epoch_ended(self, epoch: int, step: Step) -> None:
        """Add the rows of `epoch`, and before them those of epoch 0 if it is the first."""
        layers, norms = _norms(step.gradients, step.optimiser)  # first: the probe may use the memory of the gradients
        if self._first is not None:
            first_layers, first_norms, sums = self._first
            loss, _, samples = to_host(sums).tolist()
            self._add(0, self._before, first_layers, first_norms, loss / samples)
            self._first = None
        self._add(epoch, self._activations(), layers, norms)

    def _activations(self) -> _Activations:
        if not self.taps:
            return {}
        for tap in self.taps.values():
            tap.sums = []
        for first in range(0, len(self.probe), _BATCH):
            self.tapped.forward(self.probe[first : first + _BATCH])
        sums = [piece for tap in self.taps.values() for piece in tap.sums]
        flat, found, first = to_host(array_library(sums[0]).concatenate(sums)), {}, 0  # one wait for the device
        for name, tap in self.taps.items():
            length = len(tap.sums) * len(tap.sums[0])
            found[name] = tap.statistics(flat[first : first + length].reshape(len(tap.sums), -1))
            first += length
        return found

    def _add(
        self, epoch: int, activations: _Activations, layers: list[str], norms: Array, loss: float | None = None
    ) -> None:
        steps = {
            name: {"gradient": float(gradient), "update": float(velocity / weight) if weight > 0 else None}
            for name, (gradient, velocity, weight) in zip(layers, to_host(norms).reshape(-1, 3), strict=True)
        }
        names = list(activations) or layers
        for name in names:
            last = {"loss": loss} if name == names[-1] else {}
            self.rows.append(
                LayerRow(self.stage, epoch, name, **activations.get(name, {}), **steps.get(name, {}), **last)
            )


class _Tap(Layer):
    """Passes x on unchanged and keeps sums over it; image by image on the processor, by several threads."""

    def __init__(self, rectified: bool) -> None:
        super().__init__()
        self.rectified = rectified
        self.sums: list[Array] = []  # (units + 3,) float64 for each piece of the probe

    def forward(self, x: Array, train: bool = False, rng: np.random.Generator | None = None) -> tuple[Array, None]:
        library, flat, units = array_library(x), x.reshape(-1), x.shape[-1]
        sums = library.empty(units + 3, np.float64)
        with np.errstate(all="ignore"):  # `fit` refuses a training that diverges
            sums[:units] = flat.reshape(-1, units).sum(axis=0)
            sums[units] = library.count_nonzero(flat != 0)
            sums[units + 1] = library.vdot(flat, flat)
        sums[units + 2] = x.size
        self.sums.append(sums)
        return x, None

    def statistics(self, pieces: np.ndarray) -> dict[str, Any]:
        """The statistics of the layer, by the names of their fields, from the sums (pieces, units + 3)."""
        # Sorted, because the threads finish in any order, and the order of additions shows in the last digits.
        sums = np.sort(pieces, axis=0).sum(axis=0)
        of_units, (nonzero, squares, values) = sums[:-3], sums[-3:]
        mean = of_units.sum() / values
        return {
            "units": len(of_units),
            "dead": int((of_units == 0).sum()) if self.rectified else None,
            "zeros": float(1 - nonzero / values),
            "mean": float(mean),
            "deviation": float(np.sqrt(np.maximum(squares / values - mean**2, 0))),
        }


def _tapped(network: Sequential) -> tuple[Sequential, dict[str, _Tap]]:
    """The network with a tap after every layer that changes values, after the ReLU of a layer that has one."""
    layers, taps, rectified = [], {}, ""
    for (name, layer), following in zip_longest(network.layers, network.layers[1:]):
        layers.append((name, layer))
        if following is not None and isinstance(following[1], ReLU):
            rectified = name
        elif not isinstance(layer, Flatten | Dropout):
            own = rectified if isinstance(layer, ReLU) else name
            taps[own] = _Tap(isinstance(layer, ReLU))
            layers.append((f"{own} tap", taps[own]))
    return Sequential(layers), taps


def _norms(gradients: dict[str, Array], optimiser: SGD) -> tuple[list[str], Array]:
    """Layers with weights, and (3 layers,) the norms of gradient, velocity and weights of each; biases are left out."""
    names = [name for name in optimiser.params if name in optimiser.decayed]
    arrays = [part[name] for name in names for part in (gradients, optimiser.velocity, optimiser.params)]
    library = array_library(arrays[0])
    squares = library.stack([library.vdot(flat, flat) for flat in (array.reshape(-1) for array in arrays)])
    return [name.rpartition(".")[0] for name in names], library.sqrt(squares)
