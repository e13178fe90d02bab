"""What `gradcheck` checks: each layer, with constants large enough to matter, and the paper's networks scaled down.

Heights and widths differ, so that swapped axes are noticed. Normalisation constants are of order 1, because with
cuda-convnet's 5e-5 most mistakes of a backward pass are too small for a check to notice.
"""

from collections.abc import Callable
from difflib import get_close_matches
from types import ModuleType

import numpy as np

from fernet.backend import Array
from fernet.errors import UserError
from fernet.gradcheck import Problem, Result, check_arrays, check_layer, decisions, layer_problem
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
from fernet.losses import joint_loss, softmax_cross_entropy
from fernet.networks.build import Network
from fernet.networks.notation import parse
from fernet.networks.options import NetworkOptions

_F64 = np.float64
_IMAGES = (2, 7, 6, 3)


def _layers() -> dict[str, tuple[Layer, tuple[int, ...]]]:
    """Layer and input shape for each name that `--layer` takes."""
    rng = np.random.default_rng(7)
    return {
        "multiframe_conv": (MultiframeConv(3, 3, 4, "valid", rng, _F64), _IMAGES),
        "conv": (Conv(3, 3, 4, "valid", rng, _F64), _IMAGES),
        "conv_same": (Conv(4, 3, 2, "same", rng, _F64), _IMAGES),
        "conv_same_odd": (Conv(3, 3, 2, "same", np.random.default_rng(9), _F64), _IMAGES),
        "response_norm": (ResponseNorm(3, scale=9.0, power=0.75, k=1.0), _IMAGES),
        "response_norm_even": (ResponseNorm(4, scale=9.0, power=0.6, k=0.7), _IMAGES),
        "across_maps_norm": (AcrossMapsNorm(4, scale=4.0, power=0.75, k=1.0), (2, 3, 4, 7)),
        "contrast_norm": (ContrastNorm(3, scale=9.0, power=0.75, k=1.0), _IMAGES),
        "contrast_norm_even": (ContrastNorm(4, scale=9.0, power=0.6, k=0.7), _IMAGES),
        "max_pool": (MaxPool(2), (2, 7, 6, 3)),
        "max_pool_overlapping": (MaxPool(3, stride=2, ceil=True), (2, 8, 7, 3)),
        # Last windows that end at the border, before it, and (ceil) beyond it by different numbers of rows and columns.
        "max_pool_stride_1": (MaxPool(3, stride=1), (2, 5, 6, 2)),
        "max_pool_stride_1_ceil": (MaxPool(2, stride=1, ceil=True), (2, 5, 6, 2)),
        "max_pool_stride_2": (MaxPool(3, stride=2), (2, 8, 7, 2)),
        "max_pool_stride_2_ceil": (MaxPool(2, stride=2, ceil=True), (2, 6, 7, 2)),
        "max_pool_stride_3": (MaxPool(2, stride=3), (2, 8, 7, 2)),
        "max_pool_stride_3_ceil": (MaxPool(4, stride=3, ceil=True), (2, 8, 9, 2)),
        "relu": (ReLU(), (4, 9)),
        "fully_connected": (FullyConnected(7, 5, rng, _F64), (4, 7)),
        "dropout": (Dropout(0.4), (5, 8)),
        "flatten": (Flatten(), (2, 3, 4, 5)),
    }


def case_names() -> list[str]:
    """The names that `run_case` accepts."""
    return [*_layers(), *_NETWORKS, *_LOSSES]


def check_case(name: str, dy: str = "random", scale: float | None = None) -> None:
    """UserError unless there is a case `name`, with a dy other than random, or a scale of its own, if one is given."""
    if name not in case_names():
        names = ", ".join(case_names())
        if close := get_close_matches(name, case_names(), n=1):
            raise UserError(f"no layer is called {name!r} (did you mean {close[0]}?): choose one of {names}")
        raise UserError(f"no layer is called {name!r}: choose one of {names}")
    if dy != "random" and name in _LOSSES:
        raise UserError(f"{name} is a loss and has no dy: leave out --dy, or name a layer or network")
    if scale is None:
        return
    if not 0 < scale <= _LARGEST_SCALE:
        raise UserError(f"the scale is {scale:g}: expected a number above 0, up to {_LARGEST_SCALE:g}")
    if name not in (scaled := [key for key, (layer, _) in _layers().items() if hasattr(layer, "scale")]):
        raise UserError(f"{name} has no scale: leave out --scale, or choose one of {', '.join(scaled)}")


def run_case(name: str, library: ModuleType = np, dy: str = "random", scale: float | None = None) -> list[Result]:
    """Check the layer, loss or network called `name` on `library`'s arrays; see `case_problem`."""
    if name in _LOSSES:
        problem = _LOSSES[name](library, _F64)
        return check_arrays(name, problem.scalar, problem.arrays, problem.claimed)
    return check_layer(name, *case_layer(name, library, scale=scale), dy=dy)


def case_problem(
    name: str, library: ModuleType = np, dtype: type = _F64, dy: str = "random", scale: float | None = None
) -> Problem:
    """What is checked in the case `name`, in any dtype; `dy` and `scale` must suit the case, see `check_case`."""
    if name in _LOSSES:
        return _LOSSES[name](library, dtype)
    return layer_problem(*case_layer(name, library, dtype, scale), dy=dy)


def case_layer(
    name: str, library: ModuleType = np, dtype: type = _F64, scale: float | None = None
) -> tuple[Layer | Network, Array]:
    """The layer or network of a case, and its input; `scale` replaces that of a normalisation."""
    if name in _NETWORKS:
        return _network(_NETWORKS[name], library, dtype, seed=3)
    layer, shape = _layers()[name]
    layer.params = {key: library.asarray(value.astype(dtype)) for key, value in layer.params.items()}
    if scale is not None:
        layer = type(layer)(layer.size, scale, layer.power, layer.k)
    x = np.random.default_rng(8).standard_normal(shape)
    return layer, library.asarray(x.astype(dtype))


def _network(notation: str, library: ModuleType, dtype: type, seed: int) -> tuple[Network, Array]:
    """A scaled-down network whose biases are not zero, and an input batch for it."""
    options = NetworkOptions(frames=3, normalisation="contrast", normalisation_scale=4.0, dropout=0.4)
    network = Network(parse(notation), options, seed, _F64)
    rng = np.random.default_rng(seed)
    values = {
        name: value if name in network.decayed else rng.normal(0.1, 0.1, value.shape)
        for name, value in network.params.items()
    }
    network.set_params({name: library.asarray(value.astype(dtype)) for name, value in values.items()})
    return network, library.asarray(rng.standard_normal((5, *network.input_shape)).astype(dtype))


def _cross_entropy(library: ModuleType, dtype: type) -> Problem:
    logits = library.asarray((np.random.default_rng(4).standard_normal((5, 3)) * 2).astype(dtype))
    labels = np.array([0, 2, 1, 2, 0])
    _, gradient = softmax_cross_entropy(logits, labels)
    return Problem(
        lambda: (float(softmax_cross_entropy(logits, labels)[0]), []), {"logits": logits}, {"logits": gradient}
    )


def _joint_loss(library: ModuleType, dtype: type) -> Problem:
    """Eq. 8 through both whole networks, over every parameter of both branches."""
    dtan, faces = _network(_NETWORKS["dtan"], library, dtype, seed=5)
    dtgn, points = _network(_NETWORKS["dtgn"], library, dtype, seed=6)
    labels, weights = np.array([0, 2, 1, 2, 0]), (0.7, 1.3, 0.9)  # unequal, so that swapped weights are noticed

    def forward() -> tuple:
        rng = np.random.default_rng(9)
        logits1, caches1 = dtan.forward(faces, train=True, rng=rng)
        logits2, caches2 = dtgn.forward(points, train=True, rng=rng)
        return *joint_loss(logits1, logits2, labels, weights), caches1, caches2

    def scalar() -> tuple[float, list[np.ndarray]]:
        loss, _, _, caches1, caches2 = forward()
        return float(loss), list(decisions([caches1, caches2]))

    _, dlogits1, dlogits2, caches1, caches2 = forward()
    dfaces, grads1 = dtan.backward(dlogits1, caches1)
    dpoints, grads2 = dtgn.backward(dlogits2, caches2)
    arrays = {"dtan.x": faces, "dtgn.x": points}
    claimed = {"dtan.x": dfaces, "dtgn.x": dpoints}
    for branch, network, grads in (("dtan", dtan, grads1), ("dtgn", dtgn, grads2)):
        arrays |= {f"{branch}.{key}": value for key, value in network.params.items()}
        claimed |= {f"{branch}.{key}": value for key, value in grads.items()}
    return Problem(scalar, arrays, claimed)


_LARGEST_SCALE = 1e6
_NETWORKS = {"dtan": "I12-C(3,4)-L3-P2-C(2,5)-L2-P2-FC6-FC5-S3", "dtgn": "D8-FC6-FC5-S3"}
_LOSSES: dict[str, Callable[[ModuleType, type], Problem]] = {
    "softmax_cross_entropy": _cross_entropy,
    "joint_loss": _joint_loss,
}
