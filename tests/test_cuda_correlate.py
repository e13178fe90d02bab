"""The CUDA kernels of correlation, run on the processor, against the reference in float64."""

import numpy as np
import pytest
from fernet.primitives.correlate import correlate, correlate_dW, correlate_dx

from fernet.fast.cuda import conv as correlate_cuda
from fernet.layers import Conv

SHAPES = [  # x (N, H, W, C), W (R, S, C, K); a block makes 128 outputs of 64 maps, or 128 filter values of 64 maps
    ((3, 9, 8, 3), (5, 5, 3, 8)),  # the frames of a clip: patches of 75 values, copied one by one
    ((2, 9, 11, 40), (5, 4, 40, 6)),  # patches of 800 values in several tiles; unequal filters, unequal maps
    ((6, 20, 13, 4), (2, 3, 4, 65)),  # many outputs, and one map more than a tile
    ((2, 4, 5, 32), (1, 4, 32, 64)),  # patches of 128 values: the bias has a tile of its own
    ((2, 5, 6, 1), (5, 6, 1, 2)),  # filters as large as the image
]
TOLERANCE = {"0": 2e-6, "1": 1e-3}  # exact float32; factors with 10 bits of mantissa


def draw(rng, shape):
    return rng.standard_normal(shape).astype(np.float32)


def assert_close(actual, expected, tolerance):
    assert actual.dtype == np.float32
    assert actual.shape == expected.shape
    np.testing.assert_allclose(actual, expected, rtol=0, atol=tolerance * np.abs(expected).max())


@pytest.mark.parametrize(
    ("x_shape", "w_shape", "tf32"), [*((*shapes, "0") for shapes in SHAPES), *((*shapes, "1") for shapes in SHAPES[:2])]
)
def test_correlation_and_gradients_equal_the_reference(x_shape, w_shape, tf32, rng, kernels_on_host, monkeypatch):
    monkeypatch.setenv("FERNET_TF32", tf32)
    x, W, b = draw(rng, x_shape), draw(rng, w_shape), draw(rng, w_shape[3])
    y = correlate(x.astype(float), W.astype(float)) + b
    dy = draw(rng, y.shape)
    dW, db = correlate_cuda.weight_gradients(x, dy)
    assert_close(correlate_cuda.correlate(x, W, b), y, TOLERANCE[tf32])
    assert_close(correlate_cuda.correlate_dx(dy, W), correlate_dx(dy.astype(float), W.astype(float)), TOLERANCE[tf32])
    assert_close(dW, correlate_dW(x.astype(float), dy.astype(float)), TOLERANCE[tf32])
    assert_close(db, dy.sum(axis=(0, 1, 2), dtype=float), TOLERANCE[tf32])


def test_tf32_is_the_default_and_rounds_factors_but_not_sums(rng, kernels_on_host, monkeypatch):
    monkeypatch.delenv("FERNET_TF32", raising=False)
    x_shape, w_shape = SHAPES[0]
    x, W = draw(rng, x_shape), draw(rng, w_shape)
    exact = correlate(x.astype(float), W.astype(float))
    assert np.abs(correlate_cuda.correlate(x, W) - exact).max() > 1e-4 * np.abs(exact).max()
    x, W = (np.round(value * 128) / 128 for value in (x, W))  # 10 bits: nothing is lost but in the sums
    exact = correlate(x.astype(float), W.astype(float))
    assert_close(correlate_cuda.correlate(x, W), exact, 1e-6)


def test_filter_gradients_in_many_chunks_have_the_same_bits_every_time(rng, kernels_on_host):
    """More outputs than one block sums up; the last chunk is short and ends within a step."""
    x, dy = draw(rng, (10, 21, 15, 3)), draw(rng, (10, 20, 14, 2))
    dW, db = correlate_cuda.weight_gradients(x, dy)
    assert_close(dW, correlate_dW(x.astype(float), dy.astype(float)), 1e-3)
    assert_close(db, dy.sum(axis=(0, 1, 2), dtype=float), 1e-3)
    for again, first in zip(correlate_cuda.weight_gradients(x, dy), (dW, db), strict=True):
        np.testing.assert_array_equal(again, first)


def test_a_convolution_takes_the_kernels_for_float32_alone(rng, launches, monkeypatch):
    layer = Conv(3, 4, 5, "same", rng)
    x, dy = draw(rng, (2, 6, 5, 4)), draw(rng, (2, 6, 5, 5))
    y, cache = layer.forward(x, train=True)
    dx, grads = layer.backward(dy, cache)
    assert launches == ["correlate_maps", "correlate_maps", "correlate_filters", "sum_parts"]
    assert layer.weight_gradients(dy, cache).keys() == grads.keys()
    layer.params = {name: value.astype(float) for name, value in layer.params.items()}
    launches.clear()
    exact, cache = layer.forward(x.astype(float), train=True)
    exact_dx, exact_grads = layer.backward(dy.astype(float), cache)
    assert not launches
    for actual, expected in [(y, exact), (dx, exact_dx), *((grads[name], exact_grads[name]) for name in "Wb")]:
        assert_close(actual, expected, 1e-3)


def test_the_reference_can_be_forced(rng, launches, monkeypatch):
    monkeypatch.setenv("FERNET_REFERENCE", "1")
    x, W = draw(rng, (2, 6, 5, 4)), draw(rng, (3, 3, 4, 5))
    correlate(x, W)
    correlate_dx(correlate(x, W), W)
    assert not launches
