"""Every backward against central differences, and proof that the check would notice a broken one."""

import numpy as np
import pytest

from fernet.fast.cpu.divide_by_energy import divide_by_energy_gradients
from fernet.gradcheck import check_layer
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

RNG = np.random.default_rng(0)
IMAGES = (2, 7, 6, 3)
LAYERS = [
    (Conv(3, 3, 4, "valid", RNG, np.float64), IMAGES),
    (MultiframeConv(3, 3, 4, "valid", RNG, np.float64), IMAGES),
    (ResponseNorm(3, scale=9.0), IMAGES),
    (AcrossMapsNorm(3, scale=3.0), (2, 3, 4, 7)),
    (ContrastNorm(3, scale=9.0), IMAGES),
    (MaxPool(2), IMAGES),
    (ReLU(), (4, 9)),
    (FullyConnected(7, 5, RNG, np.float64), (4, 7)),
    (Dropout(0.4), (5, 8)),
    (Flatten(), (2, 3, 4, 5)),
]


@pytest.mark.parametrize("name", case_names())
def test_backward_equals_central_differences(name):
    results = run_case(name)
    assert results
    assert [r for r in results if not r.passed] == []
    assert max(r.error for r in results) < 1e-7


class Broken:
    """A layer whose backward is spoilt in one place."""

    def __init__(self, layer, key):
        self.layer, self.key, self.params = layer, key, layer.params

    def forward(self, x, train, rng):
        return self.layer.forward(x, train, rng)

    def backward(self, dy, cache):
        dx, grads = self.layer.backward(dy, cache)
        if self.key == "x":
            return dx * (1 + 1e-5), grads
        return dx, {**grads, self.key: grads[self.key] * (1 + 1e-5)}


@pytest.mark.parametrize(
    ("layer", "shape", "key"),
    [(layer, shape, key) for layer, shape in LAYERS for key in ["x", *layer.params]],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else value,
)
def test_an_error_of_one_part_in_a_hundred_thousand_is_caught(layer, shape, key, rng):
    x = rng.standard_normal(shape)
    assert all(result.passed for result in check_layer("whole", layer, x))
    failed = [result.array for result in check_layer("broken", Broken(layer, key), x) if not result.passed]
    assert failed == [key]


def test_published_contrast_norm_backward_is_caught(rng):
    """cuda-convnet's backward forgets that the mean depends on x; the check must not accept it."""

    class WithoutMean(ContrastNorm):
        def backward(self, dy, cache):
            x, (d, energy) = cache
            dx, h = divide_by_energy_gradients(dy, x, d, energy, self.size, self.alpha, self.power)
            return dx + h, {}

    result = check_layer("contrast", WithoutMean(3, scale=9.0), rng.standard_normal(IMAGES))[0]
    assert not result.passed
    assert result.error > 1e-3


def test_kinks_are_counted_and_left_out(rng):
    x = rng.standard_normal((4, 10))
    x[1, 2] = x[3, 4] = 0.0  # at the kink of ReLU
    result = check_layer("relu", ReLU(), x)[0]
    assert (result.kinks, result.passed) == (2, True)
    tied = rng.standard_normal((1, 4, 4, 3))
    tied[0, 0, 0, 0] = tied[0, 0, 1, 0] = 5.0  # a tie between the two largest of one window
    result = check_layer("pool", MaxPool(2), tied)[0]
    assert (result.kinks, result.passed) == (2, True)


def test_too_many_kinks_fail(rng):
    assert not check_layer("relu", ReLU(), np.zeros((3, 5)))[0].passed


@pytest.mark.parametrize(("layer", "shape"), LAYERS, ids=lambda value: type(value).__name__)
def test_backward_changes_none_of_its_arguments_and_layers_keep_no_state(layer, shape, rng):
    x = rng.standard_normal(shape)
    y, cache = layer.forward(x, train=True, rng=np.random.default_rng(1))
    dy = rng.standard_normal(y.shape)
    before = dy.copy(), x.copy(), {key: value.copy() for key, value in layer.params.items()}
    dx, grads = layer.backward(dy, cache)
    layer.forward(rng.standard_normal(shape), train=True, rng=rng)  # must not disturb the cache of the first call
    again, grads_again = layer.backward(dy, cache)
    np.testing.assert_array_equal(dx, again)
    np.testing.assert_array_equal(dy, before[0])
    np.testing.assert_array_equal(x, before[1])
    assert set(grads) == set(layer.params) == set(grads_again)
    for key, value in before[2].items():
        np.testing.assert_array_equal(layer.params[key], value)
        np.testing.assert_array_equal(grads[key], grads_again[key])


@pytest.mark.parametrize(("layer", "shape"), LAYERS, ids=lambda value: type(value).__name__)
def test_outside_training_there_is_no_cache(layer, shape, rng):
    assert layer.forward(rng.standard_normal(shape), train=False)[1] is None
