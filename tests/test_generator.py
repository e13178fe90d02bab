"""The device draws the same numbers as NumPy: here philox.cu runs on the processor, against numpy.random.Philox."""

import numpy as np
import pytest

from fernet.fast.cuda.generator import DeviceGenerator
from fernet.layers import Dropout
from fernet.training.random_numbers import step_generator, step_key


@pytest.fixture
def device(kernels_on_host):
    """Makes the device's generator, with NumPy arrays."""
    return lambda seed: DeviceGenerator(step_key(seed), np)


@pytest.mark.parametrize("seed", [[0], [3, 1, 0, 12], [2**32 - 1, 5, 9999, 0]])
def test_the_same_stream_whatever_is_asked_for(device, seed):
    host, on_device = step_generator(seed), device(seed)
    for shape in ((1,), (3,), (7, 5), (8,), (0,), (64, 100), (2, 3, 4), (1025,)):
        np.testing.assert_array_equal(on_device.random(shape), host.random(shape, dtype=np.float32))


def test_the_key_is_read_when_numbers_are_drawn(device):
    generator = device([1])
    generator.key[...] = step_key([2])
    np.testing.assert_array_equal(generator.random((9,)), step_generator([2]).random((9,), dtype=np.float32))


def test_dropout_has_the_same_masks_on_host_and_device(device, rng):
    x, layer = rng.standard_normal((5, 31)).astype(np.float32), Dropout(0.3)
    expected, actual = (layer.forward(x, train=True, rng=draws)[0] for draws in (step_generator([4]), device([4])))
    np.testing.assert_array_equal(actual, expected)
    assert 0.5 < np.mean(expected != 0) < 0.9


def test_steps_do_not_share_numbers(device):
    seeds = [[seed, stage, epoch, batch] for seed in (0, 1) for stage in (1, 2) for epoch in (0, 1) for batch in (0, 1)]
    assert len({device(seed).random((20,)).tobytes() for seed in seeds}) == len(seeds)


def test_only_float32_is_drawn(device):
    with pytest.raises(TypeError, match="float32"):
        device([1]).random((3,), dtype=np.float64)
