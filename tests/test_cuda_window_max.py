"""The CUDA kernels of max pooling, run on the processor: the very numbers of the reference."""

import numpy as np
import pytest
from fernet.primitives.window_max import window_max, window_max_dx

from fernet.layers import MaxPool

CASES = [  # x (N, H, W, C), window, stride
    ((2, 8, 6, 5), 2, 2),
    ((3, 9, 11, 3), 3, 2),  # windows overlap
    ((1, 10, 7, 40), 2, 3),  # pixels between the windows, and beyond the last
    ((2, 7, 9, 1), 4, 1),
    ((1, 16, 17, 2), 16, 1),
]


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize(("shape", "n", "stride"), CASES)
def test_kernels_equal_the_reference(shape, n, stride, ties, rng, kernels_on_host, as_on_device, monkeypatch):
    x = rng.standard_normal(shape).astype(np.float32)
    if ties:
        x = np.maximum(x, 0).round()  # many equal values: the first winner must be the same
    y, winners = window_max(x, n, stride)
    dy = rng.standard_normal(y.shape).astype(np.float32)
    dx = window_max_dx(dy, winners, n, stride, shape)
    monkeypatch.setenv("FERNET_REFERENCE", "1")
    expected, expected_winners = window_max(x, n, stride)
    assert (winners.dtype, dx.dtype) == (np.uint8, np.float32)
    np.testing.assert_array_equal(y, expected)
    np.testing.assert_array_equal(winners, expected_winners)
    np.testing.assert_array_equal(dx, window_max_dx(dy, winners, n, stride, shape))


def test_a_frame_of_minus_infinity_never_wins_and_nan_always_does(rng, kernels_on_host, as_on_device, monkeypatch):
    x = rng.standard_normal((1, 7, 5, 2)).astype(np.float32)
    x[0, 2, 2] = np.nan
    layer = MaxPool(3, ceil=True)
    y, (winners, *_) = layer.forward(x, train=True)
    assert np.isfinite(y).any()
    monkeypatch.setenv("FERNET_REFERENCE", "1")
    expected, (expected_winners, *_) = layer.forward(x, train=True)
    np.testing.assert_array_equal(y, expected)
    np.testing.assert_array_equal(winners, expected_winners)
