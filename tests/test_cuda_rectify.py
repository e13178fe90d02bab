"""The CUDA kernel of ReLU, run on the processor."""

import numpy as np
import pytest

from fernet.fast.cuda.relu import rectify
from fernet.layers import ReLU


@pytest.mark.parametrize("shape", [(2, 5, 6, 64), (3, 7, 11), (1, 1)])
def test_kernel_equals_the_reference(shape, rng, kernels_on_host, as_on_device, monkeypatch):
    x = rng.standard_normal(shape).astype(np.float32)
    x.flat[0] = 0  # the kink
    y, positive = ReLU().forward(x, train=True)
    monkeypatch.setenv("FERNET_REFERENCE", "1")
    for actual, expected in zip((y, positive), rectify(x), strict=True):
        assert actual.dtype == expected.dtype
        np.testing.assert_array_equal(actual, expected)
    assert not positive.flat[0]


def test_what_is_not_a_number_stays_so(kernels_on_host, as_on_device):
    """A run that diverges must see it in its loss."""
    y, positive = rectify(np.array([np.nan, -np.inf, np.inf], np.float32))
    np.testing.assert_array_equal(y, [np.nan, 0, np.inf])
    np.testing.assert_array_equal(positive, [False, False, True])
