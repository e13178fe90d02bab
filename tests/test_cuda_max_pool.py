"""The CUDA kernels of max pooling, run on the processor: exactly the numbers of the layer."""

import numpy as np
import pytest

from fernet.fast.cuda.max_pool import CudaMaxPool
from fernet.layers import MaxPool

pytestmark = pytest.mark.usefixtures("kernels_on_host")

CASES = [  # x (N, H, W, C), window, stride
    ((2, 8, 6, 5), 2, 2),
    ((3, 9, 11, 3), 3, 2),  # windows overlap
    ((1, 10, 7, 40), 2, 3),  # pixels between the windows, and beyond the last
    ((2, 7, 9, 1), 4, 1),
    ((1, 16, 17, 2), 16, 1),
]


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize(("shape", "n", "stride"), CASES)
def test_kernels_compute_what_the_layer_computes(shape, n, stride, ties, rng):
    x = rng.standard_normal(shape).astype(np.float32)
    if ties:
        x = np.maximum(x, 0).round()  # many equal values: the first maximum must be the same
    layer = MaxPool(n, stride)
    y, cache = CudaMaxPool(layer).forward(x, train=True)
    dy = rng.standard_normal(y.shape).astype(np.float32)
    dx, _ = CudaMaxPool(layer).backward(dy, cache)
    expected, expected_cache = layer.forward(x, train=True)
    winners = cache[0]
    assert (winners.dtype, dx.dtype) == (np.uint8, np.float32)
    np.testing.assert_array_equal(y, expected)
    np.testing.assert_array_equal(winners, expected_cache[0])
    assert cache[1:] == expected_cache[1:]
    np.testing.assert_array_equal(dx, layer.backward(dy, expected_cache)[0])


def test_a_frame_of_minus_infinity_never_wins_and_nan_always_does(rng):
    x = rng.standard_normal((1, 7, 5, 2)).astype(np.float32)
    x[0, 2, 2] = np.nan
    layer = MaxPool(3, ceil=True)
    y, (winners, *_) = CudaMaxPool(layer).forward(x, train=True)
    assert np.isfinite(y).any()
    expected, (expected_winners, *_) = layer.forward(x, train=True)
    np.testing.assert_array_equal(y, expected)
    np.testing.assert_array_equal(winners, expected_winners)
