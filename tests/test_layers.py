"""Each layer checked in an independent way: by nested loops, an identity, or a number worked out by hand."""

import numpy as np
import pytest

from fernet.errors import UserError
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


def test_multiframe_conv_is_equation_1_in_nested_loops(rng):
    layer = MultiframeConv(3, 2, 4, "valid", rng, np.float64)
    layer.params["b"][:] = [1, -2, 3, 0.5]
    clip = rng.standard_normal((1, 6, 5, 2))
    f = np.zeros((4, 3, 4))
    for x in range(4):
        for y in range(3):
            for i in range(4):
                for t in range(2):
                    for r in range(3):
                        for s in range(3):
                            f[x, y, i] += clip[0, x + r, y + s, t] * layer.params["W"][r, s, t, i]
                f[x, y, i] += layer.params["b"][i]
    np.testing.assert_allclose(layer.forward(clip)[0][0], f, rtol=0, atol=1e-12)


def test_multiframe_conv_with_equal_filters_sees_only_the_sum_of_the_frames(rng):
    layer = MultiframeConv(3, 3, 4, "valid", rng, np.float64)
    layer.params["W"][:] = layer.params["W"][:, :, :1]
    single = MultiframeConv(3, 1, 4, "valid", rng, np.float64)
    single.params["W"] = layer.params["W"][:, :, :1]
    clip = rng.standard_normal((2, 8, 7, 3))
    np.testing.assert_allclose(
        layer.forward(clip)[0], single.forward(clip.sum(axis=3, keepdims=True))[0], rtol=0, atol=1e-12
    )


def test_multiframe_conv_does_not_share_weights_along_time(rng):
    layer = MultiframeConv(3, 3, 4, "valid", rng, np.float64)
    clip = rng.standard_normal((1, 8, 7, 3))
    assert not np.allclose(layer.forward(clip)[0], layer.forward(clip[..., ::-1])[0])


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_same_padding_equals_valid_on_a_framed_image(size, rng):
    same = Conv(size, 2, 3, "same", rng, np.float64)
    valid = Conv(size, 2, 3, "valid", rng, np.float64)
    valid.params = same.params
    x = rng.standard_normal((2, 6, 5, 2))
    framed = np.zeros((2, 6 + size - 1, 5 + size - 1, 2))
    before = (size - 1) // 2
    framed[:, before : before + 6, before : before + 5] = x
    y = same.forward(x)[0]
    assert y.shape == (2, 6, 5, 3)
    np.testing.assert_allclose(y, valid.forward(framed)[0], rtol=0, atol=1e-12)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
def test_response_norm_by_hand_loops(n, rng):
    x = rng.standard_normal((2, 6, 5, 3))
    expected = np.empty_like(x)
    for i in range(6):
        for j in range(5):
            top, left = i - n // 2, j - n // 2
            window = x[:, max(0, top) : max(0, top + n), max(0, left) : max(0, left + n)]
            D = 1.3 + 2.0 / n**2 * (window**2).sum(axis=(1, 2))
            expected[:, i, j] = x[:, i, j] / D**0.6
    y = ResponseNorm(n, scale=2.0, power=0.6, k=1.3).forward(x)[0]
    np.testing.assert_allclose(y, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("n", [1, 2, 3, 5, 9])
def test_across_maps_norm_by_hand_loops(n, rng):
    x = rng.standard_normal((2, 3, 4, 7))
    expected = np.empty_like(x)
    for c in range(7):
        first = c - n // 2
        window = x[..., max(0, first) : max(0, first + n)]
        expected[..., c] = x[..., c] / (1 + 2.0 / n * (window**2).sum(axis=3)) ** 0.75
    np.testing.assert_allclose(AcrossMapsNorm(n, scale=2.0).forward(x)[0], expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_contrast_norm_by_hand_loops(n, rng):
    x = rng.standard_normal((2, 6, 5, 3)) + 3
    d, expected = np.empty_like(x), np.empty_like(x)

    def window(array, i, j):
        top, left = i - n // 2, j - n // 2
        return array[:, max(0, top) : top + n, max(0, left) : left + n]

    for i in range(6):
        for j in range(5):
            d[:, i, j] = x[:, i, j] - window(x, i, j).mean(axis=(1, 2))
    for i in range(6):
        for j in range(5):
            D = 1 + 2.0 / n**2 * (window(d, i, j) ** 2).sum(axis=(1, 2))
            expected[:, i, j] = x[:, i, j] / D**0.75
    np.testing.assert_allclose(ContrastNorm(n, scale=2.0).forward(x)[0], expected, rtol=0, atol=1e-12)


def test_contrast_norm_leaves_flat_images_alone_but_response_norm_does_not():
    flat = np.full((1, 6, 6, 1), 2.0)
    np.testing.assert_allclose(ContrastNorm(3, scale=9.0).forward(flat)[0], flat)
    middle = ResponseNorm(3, scale=9.0, power=1.0).forward(flat)[0][0, 3, 3, 0]
    assert middle == pytest.approx(2 / (1 + 9 * 4))


def test_max_pool_by_hand():
    x = np.arange(25.0).reshape(1, 5, 5, 1)
    floor, ceil = MaxPool(2), MaxPool(2, ceil=True)
    np.testing.assert_array_equal(floor.forward(x)[0][0, :, :, 0], [[6, 8], [16, 18]])
    np.testing.assert_array_equal(ceil.forward(x)[0][0, :, :, 0], [[6, 8, 9], [16, 18, 19], [21, 23, 24]])
    _, cache = floor.forward(x, train=True)
    dx = floor.backward(np.array([[1.0, 2], [3, 4]]).reshape(1, 2, 2, 1), cache)[0]
    assert dx[0, 1, 1, 0] == 1
    assert dx[0, 3, 3, 0] == 4
    assert dx.sum() == 10


def test_overlapping_windows_with_one_winner_add_up():
    x = np.zeros((1, 5, 5, 1))
    x[0, 2, 2, 0] = 1  # inside all four windows of size 3, stride 2
    layer = MaxPool(3, stride=2)
    _, cache = layer.forward(x, train=True)
    assert layer.backward(np.ones((1, 2, 2, 1)), cache)[0][0, 2, 2, 0] == 4


def test_equal_values_give_the_gradient_to_the_first():
    layer = MaxPool(2)
    _, cache = layer.forward(np.ones((1, 2, 2, 1)), train=True)
    np.testing.assert_array_equal(layer.backward(np.ones((1, 1, 1, 1)), cache)[0].ravel(), [1, 0, 0, 0])


def test_relu_by_hand():
    y, cache = ReLU().forward(np.array([-1.0, 0.0, 2.0]), train=True)
    np.testing.assert_array_equal(y, [0, 0, 2])
    np.testing.assert_array_equal(ReLU().backward(np.array([5.0, 6.0, 7.0]), cache)[0], [0, 0, 7])


def test_fully_connected_by_hand(rng):
    layer = FullyConnected(2, 3, rng, np.float64)
    layer.params = {"W": np.array([[1.0, 2, 3], [4, 5, 6]]), "b": np.array([0.5, 0, -1])}
    y, cache = layer.forward(np.array([[1.0, -1.0]]), train=True)
    np.testing.assert_array_equal(y, [[-2.5, -3, -4]])
    dx, grads = layer.backward(np.array([[1.0, 0, 2]]), cache)
    np.testing.assert_array_equal(dx, [[7, 16]])
    np.testing.assert_array_equal(grads["W"], [[1, 0, 2], [-1, 0, -2]])
    np.testing.assert_array_equal(grads["b"], [1, 0, 2])


def test_dropout_keeps_the_mean_and_the_seed_decides(rng):
    layer, x = Dropout(0.4), np.ones((200, 200))
    y, mask = layer.forward(x, train=True, rng=np.random.default_rng(5))
    assert set(np.unique(y)) == {0, 1 / 0.6}
    assert y.mean() == pytest.approx(1, abs=0.02)
    assert (y == 0).mean() == pytest.approx(0.4, abs=0.02)
    np.testing.assert_array_equal(y, layer.forward(x, train=True, rng=np.random.default_rng(5))[0])
    np.testing.assert_array_equal(layer.backward(x, mask)[0], y)
    assert layer.forward(x, train=False)[0] is x


def test_dropout_needs_a_generator_in_training():
    with pytest.raises(UserError, match="random generator"):
        Dropout(0.5).forward(np.ones((2, 2)), train=True)


@pytest.mark.parametrize("rate", [-0.1, 1.0, 2])
def test_dropout_rates_outside_its_range_are_refused(rate):
    with pytest.raises(UserError, match=str(rate)):
        Dropout(rate)


def test_flatten_keeps_the_order(rng):
    x = rng.standard_normal((2, 3, 4, 5))
    y, cache = Flatten().forward(x, train=True)
    np.testing.assert_array_equal(y[1], x[1].ravel())
    np.testing.assert_array_equal(Flatten().backward(y, cache)[0], x)


@pytest.mark.parametrize(
    ("layer", "shape", "message"),
    [
        (FullyConnected(6, 2, np.random.default_rng(0)), (3, 5), r"expects \(N, 6\), got \(3, 5\)"),
        (Conv(3, 2, 4, "valid", np.random.default_rng(0)), (3, 8, 8, 3), r"expects \(N, H, W, 2\)"),
    ],
)
def test_wrong_shapes_say_what_was_expected(layer, shape, message):
    with pytest.raises(UserError, match=message):
        layer.forward(np.zeros(shape, np.float32))


def test_mixed_precision_says_what_to_convert(rng):
    with pytest.raises(UserError, match="convert the input to float32"):
        FullyConnected(6, 2, rng).forward(np.zeros((3, 6)))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_precision_is_kept_through_forward_and_backward(dtype, rng):
    layers = [
        MultiframeConv(3, 3, 4, "same", rng, dtype),
        ReLU(),
        ContrastNorm(3),
        ResponseNorm(3),
        AcrossMapsNorm(3),
        MaxPool(2),
        Flatten(),
        FullyConnected(64, 5, rng, dtype),
        Dropout(0.5),
    ]
    x, caches = rng.standard_normal((2, 8, 8, 3)).astype(dtype), []
    for layer in layers:
        x, cache = layer.forward(x, train=True, rng=rng)
        assert x.dtype == dtype, layer
        caches.append(cache)
    for layer, cache in zip(reversed(layers), reversed(caches), strict=True):
        x, grads = layer.backward(x, cache)
        assert x.dtype == dtype, layer
        assert all(grad.dtype == dtype for grad in grads.values()), layer
