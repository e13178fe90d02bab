"""Every backward pass against central differences, and evidence that the check notices a broken one."""

import numpy as np
import pytest

from fernet.gradcheck import check_contract, check_layer
from fernet.gradcheck_cases import case_names, run_case
from fernet.layers import (
    AcrossMapsNorm,
    ContrastNorm,
    Conv,
    Dropout,
    Flatten,
    FullyConnected,
    Layer,
    MaxPool,
    MultiframeConv,
    ReLU,
    ResponseNorm,
)
from fernet.layers.window_sum import window_sum_adjoint
from fernet.losses import joint_loss, softmax_cross_entropy
from fernet.networks.build import Network
from fernet.networks.notation import parse
from fernet.networks.options import NetworkOptions

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


class Broken(Layer):
    """A layer whose backward pass is broken in one place."""

    def __init__(self, layer, key):
        self.layer, self.key, self.params = layer, key, layer.params

    def forward(self, x, train=False, rng=None):
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
    """cuda-convnet's backward pass ignores that the mean depends on x; the check must not accept it."""

    class WithoutMean(ContrastNorm):
        def backward(self, dy, cache):
            x, d, D = cache
            h = -2 * self.power * self.alpha * d * window_sum_adjoint(dy * x * D ** (-self.power - 1), self.size)
            return dy * D**-self.power + h, {}

    result = check_layer("contrast", WithoutMean(3, scale=9.0), rng.standard_normal(IMAGES))[0]
    assert not result.passed
    assert result.error > 1e-3


class ShiftedFrame(Conv):
    """Removes the frame of "same" one row too low."""

    def backward(self, dy, cache):
        dx, grads = super().backward(dy, cache)
        return np.roll(dx, -1, axis=1), grads


class SmallerStride(MaxPool):
    """Returns the gradient as if the windows were one pixel closer together."""

    def backward(self, dy, cache):
        return MaxPool(self.size, self.stride - 1, self.ceil).backward(dy, cache)


class LostBorder(MaxPool):
    """Ignores the windows that extend beyond the border."""

    def backward(self, dy, cache):
        dy = dy.copy()
        dy[:, -1] = 0
        return super().backward(dy, cache)


class WrongAlone(Conv):
    """Correct in backward; the gradients of the parameters alone are those of half the batch."""

    def backward(self, dy, cache):
        dx, _ = super().backward(dy, cache)
        return dx, Conv.weight_gradients(self, dy, cache)

    def weight_gradients(self, dy, cache):
        dy = dy.copy()
        dy[len(dy) // 2 :] = 0
        return super().weight_gradients(dy, cache)


class KeepsInput(FullyConnected):
    """Stores the last x in the layer instead of in the cache."""

    def forward(self, x, train=False, rng=None):
        self.x = x
        return super().forward(x, train, rng)

    def weight_gradients(self, dy, cache):
        return super().weight_gradients(dy, self.x)


class KeepsMask(ReLU):
    """Writes every mask into the same array."""

    mask = np.empty((4, 9), bool)

    def forward(self, x, train=False, rng=None):
        self.mask[:] = x > 0
        return np.maximum(x, 0), self.mask


class SpoilsCache(FullyConnected):
    """Uses the cache as working memory in backward."""

    def backward(self, dy, cache):
        dx, grads = super().backward(dy, cache)
        cache *= 0.5
        return dx, grads

    def forward(self, x, train=False, rng=None):
        return super().forward(x, train, rng)[0], x.copy()


class ForwardInPlace(ReLU):
    def forward(self, x, train=False, rng=None):
        positive = x > 0
        x *= positive
        return x, positive


class BackwardInPlace(ReLU):
    def backward(self, dy, cache):
        dy *= cache
        return dy, {}


class SpoilsWeights(FullyConnected):
    """Backward leaves the weights a little smaller."""

    def backward(self, dy, cache):
        dx, grads = super().backward(dy, cache)
        self.params["W"] *= 0.5
        return dx, grads


class ReusesOutput(ReLU):
    """Every y is the same piece of memory."""

    y = np.empty((4, 9))

    def forward(self, x, train=False, rng=None):
        return np.maximum(x, 0, out=self.y), x > 0


class ReusesGradient(ReLU):
    """Every dx is the same piece of memory."""

    dx = np.empty((4, 9))

    def backward(self, dy, cache):
        return np.multiply(dy, cache, out=self.dx), {}


@pytest.mark.parametrize(
    ("layer", "shape", "failing"),
    [
        (ShiftedFrame(3, 3, 2, "same", RNG, np.float64), IMAGES, ["x"]),
        (SmallerStride(3, stride=2), IMAGES, ["x"]),
        (SmallerStride(2, stride=3), (2, 8, 7, 3), ["x"]),
        (LostBorder(3, stride=2, ceil=True), (2, 8, 7, 3), ["x"]),
        (WrongAlone(3, 3, 2, "valid", RNG, np.float64), IMAGES, ["W (weight_gradients)", "b (weight_gradients)"]),
        (KeepsInput(7, 5, RNG, np.float64), (4, 7), ["W (stale cache)"]),
        (KeepsMask(), (4, 9), ["x (stale cache)"]),
        (SpoilsCache(7, 5, RNG, np.float64), (4, 7), ["W (stale cache)", "W (weight_gradients)"]),
        (ForwardInPlace(), (4, 9), ["x (overwritten)"]),
        (BackwardInPlace(), (4, 9), ["dy (overwritten)"]),
        (ReusesOutput(), (4, 9), ["y (overwritten)"]),
        (ReusesGradient(), (4, 9), ["dx (overwritten)"]),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Layer) else "",
)
def test_a_broken_layer_is_caught_by_name(layer, shape, failing, rng):
    """Faults that a check of one forward and one backward pass would miss are identified."""
    x = rng.standard_normal(shape)
    before = x.copy(), {name: value.copy() for name, value in layer.params.items()}
    assert [result.array for result in check_layer("broken", layer, x) if not result.passed] == failing
    np.testing.assert_array_equal(x, before[0])
    for name, value in before[1].items():
        np.testing.assert_array_equal(layer.params[name], value)


def test_weights_that_backward_spoils_are_caught_and_put_back(rng):
    layer, x = SpoilsWeights(7, 5, rng, np.float64), rng.standard_normal((4, 7))
    W = layer.params["W"].copy()
    failed = [result.array for result in check_contract("broken", layer, x)]
    assert "W (overwritten)" in failed
    np.testing.assert_array_equal(layer.params["W"], W)


def test_a_network_whose_first_layer_is_wrong_without_its_dx_is_caught(rng):
    network = Network(parse("I6-C(3,2)-FC4-S3"), NetworkOptions(dropout=0.4), 1, np.float64)
    x = rng.standard_normal((5, *network.input_shape))
    assert check_contract("whole", network, x) == []
    first, (name, layer) = WrongAlone(3, 3, 2, "valid", rng, np.float64), network.layers[0]
    first.params = layer.params
    network.layers[0] = (name, first)
    failed = [result.array for result in check_layer("broken", network, x) if not result.passed]
    assert failed == ["conv1.W (weight_gradients)", "conv1.b (weight_gradients)"]


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


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_losses_change_none_of_their_arguments(dtype, rng):
    logits1, logits2 = rng.standard_normal((2, 5, 3)).astype(dtype)
    labels = np.array([0, 2, 1, 2, 0])
    before = logits1.copy(), logits2.copy(), labels.copy()
    softmax_cross_entropy(logits1, labels)
    joint_loss(logits1, logits2, labels, (0.7, 1.3, 0.9))
    for now, then in zip((logits1, logits2, labels), before, strict=True):
        np.testing.assert_array_equal(now, then)


@pytest.mark.parametrize(("layer", "shape"), LAYERS, ids=lambda value: type(value).__name__)
def test_outside_training_there_is_no_cache(layer, shape, rng):
    assert layer.forward(rng.standard_normal(shape), train=False)[1] is None
