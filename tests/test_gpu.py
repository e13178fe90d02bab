"""What only a GPU can show: the device agrees with NumPy and gives the same bits every time. Skipped without one."""

import numpy as np
import pytest
from toy_run import prepared, settings
from toy_set import toy_set

from fernet import backend, fast, losses
from fernet.experiments.cross_validation import cross_validate
from fernet.experiments.executors import gpu_threads
from fernet.fast.cuda.generator import DeviceGenerator
from fernet.fast.precision import multiply_in
from fernet.gradcheck_cases import case_names, run_case
from fernet.layers import (
    AcrossMapsNorm,
    ContrastNorm,
    Conv,
    Dropout,
    Flatten,
    FullyConnected,
    MaxPool,
    MultiframeConv,
    ReLU,
    ResponseNorm,
)
from fernet.losses import joint_loss
from fernet.networks import paper
from fernet.networks.build import Network
from fernet.networks.options import NetworkOptions
from fernet.training.graph_step import GraphStep
from fernet.training.objectives import NetworkObjective
from fernet.training.random_numbers import step_generator, step_key
from fernet.training.step import Step
from fernet.training.tally import Tally

FAULT = backend.cupy_fault()
pytestmark = pytest.mark.skipif(FAULT is not None, reason=f"needs an NVIDIA GPU: {FAULT}")
RNG = np.random.default_rng(0)
LAYERS = {
    "multiframe_conv": (MultiframeConv(5, 3, 64, "valid", RNG), (9, 64, 64, 3)),
    "conv": (Conv(5, 64, 64, "valid", RNG), (9, 30, 30, 64)),
    "conv_odd_maps": (Conv(3, 5, 7, "same", RNG), (4, 13, 11, 5)),
    "response_norm": (ResponseNorm(5, scale=0.125), (9, 60, 60, 64)),
    "contrast_norm": (ContrastNorm(5, scale=0.125), (9, 60, 60, 64)),
    "contrast_norm_3": (ContrastNorm(3, scale=2.0), (3, 17, 13, 6)),
    "across_maps_norm": (AcrossMapsNorm(5), (3, 9, 8, 16)),
    "max_pool": (MaxPool(2), (9, 60, 60, 64)),
    "max_pool_3": (MaxPool(3, ceil=True), (3, 14, 13, 5)),
    "relu": (ReLU(), (50, 33)),
    "flatten": (Flatten(), (5, 4, 3, 2)),
    "fully_connected": (FullyConnected(10816, 500, RNG), (64, 10816)),
    "fully_connected_odd": (FullyConnected(33, 7, RNG), (5, 33)),
}
PRECISIONS = pytest.mark.parametrize(("precision", "tolerance"), [("float32", 2e-5), ("tf32", 5e-3)])


@pytest.fixture(scope="module")
def cupy():
    return backend.choose("cupy")


def assert_close(actual, expected, tolerance, what=""):
    actual = backend.to_host(actual)
    assert actual.dtype == expected.dtype
    error = np.linalg.norm(actual - expected) / max(np.linalg.norm(expected), 1e-30)
    assert error <= tolerance, f"{what}: {error:.1e}"


def on_device(layer_or_network, cupy):
    """Copies on the device of the parameters of a network or layer."""
    return {name: cupy.asarray(w) for name, w in layer_or_network.params.items()}


@PRECISIONS
@pytest.mark.parametrize("name", LAYERS)
def test_layers(name, precision, tolerance, cupy):
    """The fast versions, where a layer has them, on the device and on the processor."""
    layer, shape = LAYERS[name]
    rng = np.random.default_rng(1)
    x = rng.standard_normal(shape).astype(np.float32)
    version = fast.version_for(layer, x)
    y, cache = version.forward(x, train=True)
    dy = rng.standard_normal(y.shape).astype(np.float32)
    dx, grads = version.backward(dy, cache)
    host, layer.params = layer.params, on_device(layer, cupy)
    try:
        device_x = cupy.asarray(x)
        version = fast.version_for(layer, device_x)
        assert type(layer) not in fast.layer_versions("cuda") or version is not layer
        with multiply_in(precision):
            device_y, device_cache = version.forward(device_x, train=True)
            device_dx, device_grads = version.backward(cupy.asarray(dy), device_cache)
    finally:
        layer.params = host
    assert_close(device_y, y, tolerance, "y")
    assert_close(device_dx, dx, tolerance, "dx")
    for key, grad in grads.items():
        assert_close(device_grads[key], grad, tolerance, f"d{key}")


def test_dropout_draws_the_host_masks(cupy):
    x, layer = np.ones((64, 500), np.float32), Dropout(0.5)
    expected = layer.forward(x, train=True, rng=step_generator([1, 2, 3, 4]))[0]
    generator = DeviceGenerator(cupy.asarray(step_key([1, 2, 3, 4])), cupy)
    np.testing.assert_array_equal(backend.to_host(layer.forward(cupy.asarray(x), True, generator)[0]), expected)


@PRECISIONS
def test_losses(precision, tolerance, cupy):
    rng = np.random.default_rng(2)
    one, other = (rng.standard_normal((64, 7)).astype(np.float32) * 3 for _ in range(2))
    labels = rng.integers(0, 7, 64)
    device_one, device_other, device_labels = cupy.asarray(one), cupy.asarray(other), cupy.asarray(labels)
    cross_entropy = fast.softmax_cross_entropy(device_one)
    assert cross_entropy is not losses.softmax_cross_entropy
    with multiply_in(precision):
        on_the_device = (
            cross_entropy(device_one, device_labels),
            joint_loss(device_one, device_other, device_labels, cross_entropy=cross_entropy),
        )
    on_the_host = losses.softmax_cross_entropy(one, labels), joint_loss(one, other, labels)
    for expected, actual in zip(on_the_host, on_the_device, strict=True):
        for value, on_gpu in zip(expected, actual, strict=True):
            assert_close(on_gpu, np.asarray(value), 1e-5)


@PRECISIONS
@pytest.mark.parametrize("notation", [paper.dtan(7), paper.dtgn(7), paper.dtan(6, True), paper.dtgn(6, True)], ids=str)
@pytest.mark.parametrize("normalisation", ["contrast", "response"])
def test_networks(notation, normalisation, precision, tolerance, cupy):
    """Rounding decides near ties in ReLU and pooling, so gradients of networks agree less well than those of layers."""
    network = Network(notation, NetworkOptions(normalisation=normalisation, dropout=0.0))
    x = np.random.default_rng(3).standard_normal((20, *network.input_shape)).astype(np.float32)
    labels = np.arange(20) % notation.classes
    y, caches = network.forward(x, train=True)
    _, grads = network.backward(losses.softmax_cross_entropy(y, labels)[1], caches, input_gradient=False)
    network.set_params(on_device(network, cupy))
    with multiply_in(precision):
        device_y, caches = network.forward(cupy.asarray(x), train=True)
        dlogits = fast.softmax_cross_entropy(device_y)(device_y, cupy.asarray(labels))[1]
        _, device_grads = network.backward(dlogits, caches, input_gradient=False)
    assert_close(device_y, y, 2 * tolerance, "logits")
    for name, grad in grads.items():
        assert_close(device_grads[name], grad, max(5e-3, 4 * tolerance), name)


@pytest.mark.parametrize("case", case_names())
def test_gradients_on_the_device(case, cupy):
    for result in run_case(case, cupy):
        assert result.passed, result


def trained(library, notation, kind, steps=20, batch=32):
    """The losses of the steps and the weights after them; every fourth batch is smaller."""
    network = Network(notation, NetworkOptions(), seed=1)
    rng = np.random.default_rng(4)
    x = rng.standard_normal((4 * batch, *network.input_shape)).astype(np.float32)
    labels = rng.integers(0, notation.classes, len(x))
    curve, notes = [], []
    with backend.own_stream(library):
        network.set_params({name: library.asarray(w) for name, w in network.params.items()})
        objective = NetworkObjective(network, lambda samples: x[samples], library)
        kind_of_sgd = fast.optimiser(network.params)
        optimiser, tally = kind_of_sgd(network.params, network.decayed, 0.9, 5e-4), Tally(library)
        if kind == "graph":
            step = GraphStep(objective, optimiser, tally, library, notes.append)
        else:
            step = Step(objective, optimiser, tally) if library is np else DeviceStep(objective, optimiser, tally)
        for number in range(steps):
            samples = np.arange(batch - 5 * (number % 4 == 3)) + batch * (number % 4)
            tally.restart()
            step(objective.inputs(samples), library.asarray(labels[samples]), [1, 1, 0, number], 0.01)
            curve.append(tally.total()[0])
        weights = {name: backend.to_host(w) for name, w in network.params.items()}
    assert notes == []
    return curve, weights


class DeviceStep(Step):
    """A step on the device that is not recorded."""

    def __call__(self, inputs, labels, seed, learning_rate):
        cupy = backend.array_library(labels)
        self.take(inputs, labels, DeviceGenerator(cupy.asarray(step_key(seed)), cupy), learning_rate)


NOTATIONS = pytest.mark.parametrize("notation", [paper.dtan(7), paper.dtgn(7)], ids=["dtan", "dtgn"])


@NOTATIONS
def test_training_follows_the_loss_curve_of_numpy(notation, cupy):
    expected, _ = trained(np, notation, "plain")
    with multiply_in("float32"):
        actual, _ = trained(cupy, notation, "graph")
    np.testing.assert_allclose(actual, expected, rtol=2e-3)


@NOTATIONS
def test_training_has_the_same_bits_every_time_recorded_or_not(notation, cupy):
    curve, weights = trained(cupy, notation, "graph")
    for kind in ("graph", "plain"):
        other_curve, other_weights = trained(cupy, notation, kind)
        assert curve == other_curve
        for name, w in weights.items():
            np.testing.assert_array_equal(w, other_weights[name], err_msg=f"{name}, {kind}")


def test_folds_trained_at_once_are_those_trained_one_by_one(tmp_path):
    wanted, results = settings(epochs=2, backend="cupy"), []
    for count in (1, 4):
        folder = prepared(tmp_path / str(count), toy_set(), wanted)
        cross_validate(folder, wanted, gpu_threads, count, lambda *_: None, task_threads=1)
        scores = sorted((folder / "tasks").rglob("predictions.csv"))
        results.append([path.read_bytes() for path in scores])
    assert results[0] == results[1]
    assert len(results[0]) == 4
