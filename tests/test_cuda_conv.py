"""The CUDA kernels of convolution, run on the processor, compared with plain sums and with the layer in float64."""

import numpy as np
import pytest

from fernet import fast
from fernet.fast.cuda.conv import CudaConv, correlate, correlate_dx, weight_gradients
from fernet.fast.precision import multiply_in
from fernet.layers import Conv, MultiframeConv
from fernet.networks.sequential import Sequential

SHAPES = [  # x (N, H, W, C), W (R, S, C, K); a block computes 128 outputs, or 128 filter values, for 64 maps
    ((3, 9, 8, 3), (5, 5, 3, 8)),  # the frames of a clip: patches of 75 values, copied one by one
    ((2, 9, 11, 40), (5, 4, 40, 6)),  # patches of 800 values in several tiles; unequal filters, unequal maps
    ((6, 20, 13, 4), (2, 3, 4, 65)),  # many outputs, and one map more than a tile
    ((2, 4, 5, 32), (1, 4, 32, 64)),  # patches of 128 values: the bias has a tile of its own
    ((2, 5, 6, 1), (5, 6, 1, 2)),  # filters as large as the image
]
TOLERANCE = {"float32": 2e-6, "tf32": 1e-3}  # TF32: factors with 10 bits of mantissa


def draw(rng, shape):
    return rng.standard_normal(shape).astype(np.float32)


def assert_close(actual, expected, tolerance):
    assert actual.dtype == np.float32
    assert actual.shape == expected.shape
    np.testing.assert_allclose(actual, expected, rtol=0, atol=tolerance * np.abs(expected).max())


def windows(x, w_shape):
    """x in float64 under each position of a filter, (N, P, Q, C, R, S)."""
    return np.lib.stride_tricks.sliding_window_view(x.astype(float), w_shape[:2], axis=(1, 2))


def exact_maps(x, W):
    return np.einsum("npqcrs,rsck->npqk", windows(x, W.shape), W.astype(float))


def exact_dW(x, dy, w_shape):
    return np.einsum("npqcrs,npqk->rsck", windows(x, w_shape), dy.astype(float))


def exact_dx(dy, W, x_shape):
    dx, (_, P, Q, _) = np.zeros(x_shape), dy.shape
    for r, s in np.ndindex(*W.shape[:2]):
        dx[:, r : r + P, s : s + Q] += dy.astype(float) @ W[r, s].astype(float).T
    return dx


@pytest.mark.parametrize(
    ("x_shape", "w_shape", "precision"),
    [*((*shapes, "float32") for shapes in SHAPES), *((*shapes, "tf32") for shapes in SHAPES[:2])],
)
def test_correlation_and_gradients_equal_plain_sums(x_shape, w_shape, precision, rng, kernels_on_host):
    x, W, b = draw(rng, x_shape), draw(rng, w_shape), draw(rng, w_shape[3])
    y = exact_maps(x, W) + b
    dy = draw(rng, y.shape)
    with multiply_in(precision):
        dW, db = weight_gradients(x, dy)
        assert_close(correlate(x, W, b), y, TOLERANCE[precision])
        assert_close(correlate_dx(dy, W), exact_dx(dy, W, x_shape), TOLERANCE[precision])
    assert_close(dW, exact_dW(x, dy, w_shape), TOLERANCE[precision])
    assert_close(db, dy.sum(axis=(0, 1, 2), dtype=float), TOLERANCE[precision])


@pytest.mark.parametrize(
    ("kind", "shape", "size", "maps", "padding"),
    [
        (MultiframeConv, (3, 9, 8, 3), 5, 8, "valid"),
        (Conv, (2, 9, 11, 40), 4, 6, "same"),
        (Conv, (2, 6, 5, 8), 3, 65, "same"),
    ],
)
def test_forward_and_backward_equal_the_layer(kind, shape, size, maps, padding, rng, kernels_on_host):
    layer, exact = (kind(size, shape[3], maps, padding, rng, dtype) for dtype in (np.float32, np.float64))
    layer.params["b"] = draw(rng, maps)
    exact.params = {name: value.astype(float) for name, value in layer.params.items()}
    x, dy = draw(rng, shape), draw(rng, (shape[0], *layer.output_shape(shape[1:])))
    with multiply_in("float32"):
        y, cache = CudaConv(layer).forward(x, train=True)
        dx, grads = CudaConv(layer).backward(dy, cache)
    expected_y, cache = exact.forward(x.astype(float), train=True)
    expected_dx, expected_grads = exact.backward(dy.astype(float), cache)
    for actual, expected in [(y, expected_y), (dx, expected_dx), *((grads[k], expected_grads[k]) for k in "Wb")]:
        assert_close(actual, expected, TOLERANCE["float32"])


def test_tf32_is_the_default_and_rounds_factors_but_not_sums(rng, kernels_on_host):
    x_shape, w_shape = SHAPES[0]
    x, W, b = draw(rng, x_shape), draw(rng, w_shape), np.zeros(w_shape[3], np.float32)
    exact = exact_maps(x, W)
    assert np.abs(correlate(x, W, b) - exact).max() > 1e-4 * np.abs(exact).max()
    x, W = (np.round(value * 128) / 128 for value in (x, W))  # 10 bits: rounding occurs only in the sums
    assert_close(correlate(x, W, b), exact_maps(x, W), 1e-6)


def test_filter_gradients_in_many_chunks_have_the_same_bits_every_time(rng, kernels_on_host):
    """More outputs than one block sums; the last chunk is short and ends within a step."""
    x, dy = draw(rng, (10, 21, 15, 3)), draw(rng, (10, 20, 14, 2))
    dW, db = weight_gradients(x, dy)
    assert_close(dW, exact_dW(x, dy, dW.shape), 1e-3)
    assert_close(db, dy.sum(axis=(0, 1, 2), dtype=float), 1e-3)
    for again, first in zip(weight_gradients(x, dy), (dW, db), strict=True):
        np.testing.assert_array_equal(again, first)


def test_a_convolution_uses_the_kernels_for_float32_only(rng, launches):
    layer = Conv(3, 4, 5, "same", rng)
    x, dy = draw(rng, (2, 6, 5, 4)), draw(rng, (2, 6, 5, 5))
    version = fast.version_for(layer, x)
    y, cache = version.forward(x, train=True)
    dx, grads = version.backward(dy, cache)
    assert launches == ["correlate_maps", "correlate_maps", "correlate_filters", "sum_parts"]
    assert version.weight_gradients(dy, cache).keys() == grads.keys()
    layer.params = {name: value.astype(float) for name, value in layer.params.items()}
    launches.clear()
    version = fast.version_for(layer, x.astype(float))
    assert version is layer
    exact, cache = version.forward(x.astype(float), train=True)
    exact_dx, exact_grads = version.backward(dy.astype(float), cache)
    assert not launches
    for actual, expected in [(y, exact), (dx, exact_dx), *((grads[name], exact_grads[name]) for name in "Wb")]:
        assert_close(actual, expected, 1e-3)


def test_references_launch_no_kernels(rng, launches):
    network = Sequential([("conv1", Conv(3, 4, 5, "same", rng)), ("conv2", Conv(3, 5, 2, "valid", rng))])
    x, dy = draw(rng, (1, 6, 5, 4)), draw(rng, (1, 4, 3, 2))
    with fast.references():
        y, caches = network.forward(x, train=True)
        dx, _ = network.backward(dy, caches)
    assert not launches
    fast_y, caches = network.forward(x, train=True)
    fast_dx, _ = network.backward(dy, caches)
    assert launches
    assert_close(fast_y, y, 2e-3)
    assert_close(fast_dx, dx, 2e-3)
