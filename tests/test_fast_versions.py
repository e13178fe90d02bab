"""Every fast version compared with the layer or function that it replaces; and when which one is chosen."""

import subprocess
import sys

import numpy as np
import pytest

from fernet import fast, layers
from fernet.fast import examples
from fernet.fast.cpu import conv_spectral
from fernet.fast.cpu.conv_patches import PatchConv, PatchMultiframeConv
from fernet.fast.cpu.conv_spectral import SpectralConv
from fernet.fast.cpu.fully_connected import matrix_product
from fernet.fast.cpu.inverse_power import inverse_power
from fernet.fast.cpu.window_sum import window_sum, window_sum_adjoint
from fernet.fast.version import FastVersion
from fernet.layers import window_sum as reference_sum
from fernet.networks.build import Network
from fernet.networks.notation import parse
from fernet.networks.options import NetworkOptions


def draw(rng, *shape):
    return rng.standard_normal(shape).astype(np.float32)


def assert_close(actual, expected):
    assert actual.dtype == expected.dtype
    assert actual.shape == expected.shape
    np.testing.assert_allclose(
        actual, expected, rtol=0, atol=3e-6 * np.abs(expected).max() * np.sqrt(expected.ndim + 1)
    )


@pytest.mark.parametrize("example", examples.examples("cpu"), ids=lambda example: example.name)
def test_a_fast_version_computes_what_its_layer_computes(example):
    for actual, expected in zip(example.outputs(True), example.outputs(False), strict=True):
        assert_close(actual, expected)


@pytest.mark.parametrize("example", examples.examples("cuda"), ids=lambda example: example.name)
def test_a_kernel_computes_what_its_layer_computes(example, kernels_on_host):
    with fast.precision.multiply_in("float32"):
        for actual, expected in zip(example.outputs(True), example.outputs(False), strict=True):
            assert_close(actual, expected)


@pytest.mark.parametrize("place", ["cpu", "cuda"])
def test_the_table_has_a_row_for_every_version(place):
    named = " ".join(example.name for example in examples.examples(place))
    for kinds in fast.layer_versions(place).values():
        for kind in kinds:
            assert kind.__name__ in named


def test_float64_references_and_subclasses_run_the_layer_itself():
    layer, shape = layers.ContrastNorm(3), (2, 5, 5, 4)
    assert isinstance(fast.version(layer, shape, np.float32, np), FastVersion)
    assert fast.version(layer, shape, np.float64, np) is layer
    with fast.references():
        assert fast.version(layer, shape, np.float32, np) is layer

    class Own(layers.ContrastNorm):
        pass

    own = Own(3)
    assert fast.version(own, shape, np.float32, np) is own


def test_the_environment_variable_makes_references_the_default():
    code = "from fernet import fast, layers; import numpy as np; l = layers.ReLU(); "
    code += "l = layers.ContrastNorm(3); print(fast.version(l, (1, 5, 5, 1), np.float32, np) is l)"
    for value, expected in (("1", "True"), ("0", "False")):
        done = subprocess.run(
            [sys.executable, "-c", code], env={"FERNET_REFERENCE": value}, capture_output=True, text=True
        )
        assert done.stdout.strip() == expected, done.stderr


def test_a_network_asks_once_in_each_forward_pass_and_its_caches_remember(rng, monkeypatch):
    network = Network(parse("I24-C(5,8)-L5-P2-C(3,7)-L3-P2-FC30-S3"), NetworkOptions(dropout=0.0))
    asked, version = [], fast.version
    monkeypatch.setattr(fast, "version", lambda layer, *rest: asked.append(layer) or version(layer, *rest))
    x = draw(rng, 3, 24, 24, 3)
    y, caches = network.forward(x, train=True)
    assert [id(layer) for layer in asked] == [id(layer) for _, layer in network.layers]
    with fast.references():  # this must not affect the backward pass
        network.backward(draw(rng, *y.shape), caches)
    assert len(asked) == len(network.layers)


def test_convolutions_take_spectra_for_large_filters_many_maps_and_whole_batches_only():
    rng = np.random.default_rng(0)
    large, first = layers.Conv(5, 64, 64, "valid", rng), layers.MultiframeConv(5, 3, 64, "valid", rng)
    for layer, shape, kind in (
        (large, (64, 30, 30, 64), SpectralConv),
        (large, (1, 30, 30, 64), PatchConv),
        (first, (64, 64, 64, 3), PatchMultiframeConv),
    ):
        assert type(fast.version(layer, shape, np.float32, np)) is kind


@pytest.mark.parametrize(
    ("x_shape", "w_shape"),
    [
        ((5, 10, 7, 4), (4, 3, 4, 6)),
        ((6, 7, 12, 3), (1, 2, 3, 5)),
        ((9, 8, 8, 2), (8, 8, 2, 2)),
        ((2, 5, 6, 1), (5, 6, 1, 2)),
    ],
)
def test_spectra_of_filters_that_are_not_square(x_shape, w_shape, rng):
    """Odd and even periods, batches that do not fill a last piece, filters as large as the image: plain loops."""
    x, W, b = draw(rng, *x_shape), draw(rng, *w_shape), draw(rng, w_shape[3])
    windows = np.lib.stride_tricks.sliding_window_view(x.astype(float), w_shape[:2], axis=(1, 2))  # (N, P, Q, C, R, S)
    y = np.einsum("npqcrs,rsck->npqk", windows, W) + b
    actual, spectra = conv_spectral.correlate(x, W, b)
    assert_close(actual, y.astype(np.float32))
    dy = draw(rng, *y.shape)
    dx, dW, db = conv_spectral.gradients(spectra, dy, W.shape)
    assert_close(dW, np.einsum("npqcrs,npqk->rsck", windows, dy).astype(np.float32))
    assert_close(db, dy.sum(axis=(0, 1, 2)))
    expected = np.zeros(x_shape)
    for r, s in np.ndindex(*w_shape[:2]):
        expected[:, r : r + y.shape[1], s : s + y.shape[2]] += dy @ W[r, s].T
    assert_close(dx, expected.astype(np.float32))


CONVOLUTIONS = [((3, 9, 8, 3), 5, 7), ((2, 9, 11, 40), 4, 6), ((2, 6, 7, 64), 3, 5), ((1, 5, 5, 200), 1, 3)]


@pytest.mark.parametrize(("shape", "size", "maps"), CONVOLUTIONS)
@pytest.mark.parametrize(("kind", "dtype"), [(None, np.float64), (PatchConv, np.float32), (SpectralConv, np.float32)])
def test_gradients_of_a_convolution_are_adjoints(shape, size, maps, kind, dtype, rng):
    """Without its bias, y is linear in x and in W: <y, dy> = <x, dx> = <W, dW>."""
    layer = layers.Conv(size, shape[3], maps, "valid", rng, dtype)
    chosen, x = kind(layer) if kind else layer, rng.standard_normal(shape).astype(dtype)
    y, cache = chosen.forward(x, train=True)
    dy = rng.standard_normal(y.shape).astype(dtype)
    dx, grads = chosen.backward(dy, cache)
    tolerance = {np.float32: 2e-4, np.float64: 1e-11}[dtype] * float(np.linalg.norm(y) * np.linalg.norm(dy))
    assert np.vdot(x, dx) == pytest.approx(np.vdot(y, dy), abs=tolerance)
    assert np.vdot(layer.params["W"], grads["W"]) == pytest.approx(np.vdot(y, dy), abs=tolerance)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 9])
@pytest.mark.parametrize("channels", [1, 3, 130])
def test_window_sums_by_filters_equal_those_of_the_layers(n, channels, rng):
    x = draw(rng, 2, 7, 6, channels)
    assert_close(window_sum(x, n, 0.3, 2.0), np.float32(0.3) * reference_sum.window_sum(x, n) + np.float32(2))
    assert_close(window_sum_adjoint(x, n, -0.7), np.float32(-0.7) * reference_sum.window_sum_adjoint(x, n))


@pytest.mark.parametrize("n", [1, 2, 3, 4, 9])
@pytest.mark.parametrize("name", ["window_sum", "window_mean"])
def test_the_adjoints_are_adjoints(name, n, rng):
    x, y = rng.standard_normal((2, 1, 7, 6, 3))
    function, adjoint = getattr(reference_sum, name), getattr(reference_sum, f"{name}_adjoint")
    assert np.vdot(function(x, n), y) == pytest.approx(np.vdot(x, adjoint(y, n)), abs=1e-10)


def test_the_inverse_power_by_roots(rng):
    D = 1 + rng.random((3, 50)).astype(np.float32) * 100
    assert_close(inverse_power(D, 0.75), D**-0.75)


@pytest.mark.parametrize(
    "shapes", [((64, 1100), (1100, 300)), ((5000, 64), (64, 60)), ((1, 3000), (3000, 301)), ((5, 6), (6, 7))]
)
def test_products_in_pieces(shapes, rng):
    a, b = (draw(rng, *shape) for shape in shapes)
    np.testing.assert_allclose(matrix_product(a, b), a.astype(float) @ b.astype(float), rtol=0, atol=2e-4)
