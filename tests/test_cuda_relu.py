"""The CUDA kernel of ReLU, run on the processor."""

import numpy as np
import pytest

from fernet.fast.cuda.relu import CudaReLU
from fernet.layers import ReLU

pytestmark = pytest.mark.usefixtures("kernels_on_host")


@pytest.mark.parametrize("shape", [(2, 5, 6, 64), (3, 7, 11), (1, 1)])
def test_the_kernel_computes_what_the_layer_computes(shape, rng):
    x = rng.standard_normal(shape).astype(np.float32)
    x.flat[0] = 0  # the kink
    version, layer = CudaReLU(ReLU()), ReLU()
    y, positive = version.forward(x, train=True)
    for actual, expected in zip((y, positive), layer.forward(x, train=True), strict=True):
        assert actual.dtype == expected.dtype
        np.testing.assert_array_equal(actual, expected)
    assert not positive.flat[0]
    dy = rng.standard_normal(shape).astype(np.float32)
    np.testing.assert_array_equal(version.backward(dy, positive)[0], layer.backward(dy, positive)[0])
    np.testing.assert_array_equal(version.forward(x)[0], y)


def test_nan_remains_nan():
    """NaN must pass through, so that a diverging run shows in its loss."""
    y, positive = CudaReLU(ReLU()).forward(np.array([np.nan, -np.inf, np.inf], np.float32), train=True)
    np.testing.assert_array_equal(y, [np.nan, 0, np.inf])
    np.testing.assert_array_equal(positive, [False, False, True])
