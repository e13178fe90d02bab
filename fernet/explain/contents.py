"""The numbers of the page: weights in half precision, the clips, and what stands for the layers that are too large."""

from typing import Any

import numpy as np

from fernet.errors import UserError
from fernet.explain.blob import Blob
from fernet.explain.clips import ShownClip
from fernet.explain.half import change_by_rounding, face_input, in_half_precision, trajectory_input
from fernet.explain.walk import Folded, folded, folded_from, visible_layers
from fernet.faces.landmark_layout import CLOSED, REGIONS
from fernet.layers import (
    AcrossMapsNorm,
    ContrastNorm,
    Conv,
    FullyConnected,
    Layer,
    MaxPool,
    MultiframeConv,
    ReLU,
    ResponseNorm,
)
from fernet.networks.build import Network
from fernet.networks.dtagn import DTAGN, INTEGRATIONS, JointTop

_MOST_MULTIPLY_ADDS = 2_000_000_000  # a browser computes about this many in some seconds
_MOST_CLASSES = 40
_KINDS: dict[type[Layer], str] = {
    MultiframeConv: "conv",
    Conv: "conv",
    ReLU: "relu",
    ContrastNorm: "contrast",
    ResponseNorm: "response",
    AcrossMapsNorm: "across",
    MaxPool: "pool",
    FullyConnected: "fc",
}
_SETTINGS = {  # what the page needs of a layer beside its weights
    "contrast": ("size", "alpha", "power", "k"),
    "response": ("size", "alpha", "power", "k"),
    "across": ("size", "alpha", "power", "k"),
    "pool": ("size", "stride", "ceil"),
}


def contents(model: DTAGN, clips: list[ShownClip]) -> tuple[dict[str, Any], str]:
    """The description of the page's numbers, as JSON can hold it, and the block of bytes with all arrays."""
    _check(model)
    rounded, blob = in_half_precision(model), Blob()
    tops = _tops(rounded)
    description = {
        "classes": list(model.classes),
        "alpha": model.alpha,
        "crop": model.preprocessing.image_size,
        "regions": [[part.start, part.stop, name in CLOSED] for name, part in REGIONS.items()],
        "networks": {name: _network(network, blob) for name, network in rounded.networks.items()},
        "tops": [
            {
                "name": name,
                "loss": list(_loss_weights(name, rounded)),
                **{key: _pack(W, b, blob) for key, W, b in parts},
            }
            for name, parts in tops
        ],
        "clips": [_clip(model, rounded, clip, tops, blob) for clip in clips],
    }
    return description, blob.base64()


def _check(model: DTAGN) -> None:
    """UserError if a browser could not compute the model in reasonable time, or if the page could not show it."""
    if len(model.classes) > _MOST_CLASSES:
        raise UserError(f"the model has {len(model.classes)} classes: a page shows at most {_MOST_CLASSES}")
    for name, network in model.networks.items():
        shapes = dict(zip((n for n, _ in network.layers), network.shapes(network.input_shape), strict=False))
        work = sum(layer.multiply_adds(shapes[n]) for n, layer in visible_layers(network)[: folded_from(network)])
        if work > _MOST_MULTIPLY_ADDS:
            raise UserError(
                f"{name} {network.notation} needs {work:,} multiply-adds for a clip: a page computes at most "
                f"{_MOST_MULTIPLY_ADDS:,}; train a smaller network"
            )


Parts = list[tuple[str, np.ndarray, np.ndarray]]  # name of a network, W and b of its top


def _tops(model: DTAGN) -> list[tuple[str, Parts]]:
    """The tops as they were trained separately and, if there is one, the integrated top, joint before others."""
    own = [(name, network.top.params["W"], network.top.params["b"]) for name, network in model.networks.items()]
    tops = [("separate", own)]
    for name in [name for name in INTEGRATIONS if name in model.tops][:1]:
        top = model.tops[name]
        if isinstance(top, JointTop):
            parts = [(key, layer.params["W"], layer.params["b"]) for key, layer in top.layers.items()]
        else:  # one matrix on both hidden layers side by side is the sum of two
            W, b = top.layers["top"].params["W"], top.layers["top"].params["b"]
            hidden = model.dtan.top.params["W"].shape[0]
            parts = [("dtan", W[:hidden], b), ("dtgn", W[hidden:], np.zeros_like(b))]
        tops.append((name, parts))
    return tops


def _loss_weights(name: str, model: DTAGN) -> tuple[float, float, float]:
    """The weights of Eq. 8 with which the page begins: those of the training for an integrated top."""
    if len(model.networks) == 1:
        return (1.0, 0.0, 0.0) if model.dtan else (0.0, 1.0, 0.0)
    return INTEGRATIONS.get("joint" if name == "separate" else name) or (0.0, 0.0, 1.0)


def _pack(W: np.ndarray, b: np.ndarray, blob: Blob) -> dict[str, Any]:
    return {"W": blob.add(W, "f2"), "b": blob.add(b, "f2")}


def _network(network: Network, blob: Blob) -> dict[str, Any]:
    """Layers in order, without the top; the shapes are those of one sample."""
    first, layers = folded_from(network), []
    shapes = dict(zip((name for name, _ in network.layers), network.shapes(network.input_shape)[1:], strict=True))
    for place, (name, layer) in enumerate(visible_layers(network)[:-1]):
        kind = _KINDS[type(layer)]
        row: dict[str, Any] = {"name": name, "kind": kind, "shape": list(shapes[name])}
        row.update({key: getattr(layer, key) for key in _SETTINGS.get(kind, ())})
        if kind == "conv":
            same = layer.padding == "same"
            row.update(size=layer.size, before=(layer.size - 1) // 2 if same else 0, multiframe=place == 0)
        if place >= first:
            row.update(folded=True, weights=sum(w.size for w in layer.params.values()))
        elif layer.params:
            row.update(_pack(layer.params["W"], layer.params["b"], blob))
        layers.append(row)
    return {"notation": str(network.notation), "shape": list(network.input_shape), "layers": layers}


def _clip(model: DTAGN, rounded: DTAGN, clip: ShownClip, tops: list[tuple[str, Parts]], blob: Blob) -> dict[str, Any]:
    x, mean, factor = face_input(clip.faces)
    trajectory = trajectory_input(model, clip.landmarks)
    rounding = change_by_rounding(model, rounded, clip.faces, clip.landmarks)
    if not np.isfinite(rounding):
        raise UserError(
            f"the model gives probabilities for {clip.name} that are not numbers: its weights are too large, as after "
            "a training that diverged; expected another model"
        )
    row: dict[str, Any] = {
        "name": clip.name,
        "label": clip.label,
        "heldOut": clip.held_out,
        "rounding": rounding,
        "faces": blob.add(clip.faces, "u1"),
        "mean": mean,
        "factor": factor,
        "landmarks": blob.add(clip.landmarks, "f4"),
        "trajectory": blob.add(trajectory[0], "f4"),
    }
    inputs = {"dtan": x, "dtgn": trajectory}
    for name, network in rounded.networks.items():
        weights = [W for _, parts in tops for key, W, _ in parts if key == name]
        if (large := folded(network, inputs[name], weights)) is not None:
            row[name] = _folded(large, blob)
    return row


def _folded(large: Folded, blob: Blob) -> dict[str, Any]:
    return {
        "values": {name: blob.add(values, "f4") for name, values in large.values.items()},
        "jacobians": {name: blob.add(rows, "i3") for name, rows in large.jacobians.items()},
    }
