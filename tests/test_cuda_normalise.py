"""The CUDA kernels of the normalisation layers, run on the processor, compared with the layers in float64."""

import numpy as np
import pytest

from fernet import fast
from fernet.fast.cuda import kernels, window_sums
from fernet.fast.cuda.contrast_norm import CudaContrastNorm
from fernet.fast.cuda.response_norm import CudaResponseNorm
from fernet.layers import ContrastNorm, ResponseNorm

CASES = [  # x (N, H, W, C), window n, power; a block computes 64 columns (32 for n > 5) of 32 channels
    ((1, 9, 7, 33), 5, 0.75),  # one channel more than a block has
    ((2, 13, 3, 2), 4, 0.6),  # an even window, wider than the map
    ((1, 8, 70, 2), 5, 0.75),  # two tiles, each of which needs columns of the other
    ((1, 17, 40, 1), 9, 0.6),  # three tiles
    ((2, 3, 4, 5), 1, 0.75),
]
VERSIONS = {ContrastNorm: CudaContrastNorm, ResponseNorm: CudaResponseNorm}
LAYERS = list(VERSIONS)


def draw(rng, shape):
    return rng.standard_normal(shape).astype(np.float32)


def assert_close(actual, expected):
    assert actual.dtype == np.float32
    assert actual.shape == expected.shape
    np.testing.assert_allclose(actual, expected, rtol=0, atol=3e-6 * np.abs(expected).max())


@pytest.mark.parametrize(("shape", "n", "power"), CASES)
@pytest.mark.parametrize("kind", LAYERS)
def test_forward_and_backward_equal_the_layer(kind, shape, n, power, rng, kernels_on_host):
    layer = kind(n, scale=5.0, power=power, k=0.7)
    version = VERSIONS[kind](layer)
    x, dy = draw(rng, shape) + 0.5, draw(rng, shape)
    y, cache = version.forward(x, train=True)
    dx, _ = version.backward(dy, cache)
    expected, cache = layer.forward(x.astype(float), train=True)
    assert_close(y, expected)
    assert_close(dx, layer.backward(dy.astype(float), cache)[0])


@pytest.mark.parametrize("kind", LAYERS)
def test_every_cut_into_strips_gives_the_same_bits(kind, rng, kernels_on_host, monkeypatch):
    x, dy = draw(rng, (1, 13, 3, 2)), draw(rng, (1, 13, 3, 2))
    version = VERSIONS[kind](kind(4, scale=3.0, power=0.6))
    results = []
    for blocks in (1, 2, 3):
        monkeypatch.setattr(window_sums, "_ENOUGH_BLOCKS", blocks)
        y, cache = version.forward(x, train=True)
        results.append((y, version.backward(dy, cache)[0]))
    for y, dx in results[1:]:
        np.testing.assert_array_equal(y, results[0][0])
        np.testing.assert_array_equal(dx, results[0][1])


@pytest.mark.parametrize("kind", LAYERS)
def test_each_pass_is_one_kernel_and_large_windows_run_the_layer_itself(kind, rng, as_on_device, monkeypatch):
    names = []
    monkeypatch.setattr(kernels, "kernel", lambda source, name, **constants: names.append(name) or (lambda *_: None))
    x = draw(rng, (1, 12, 12, 2))
    version = fast.version_for(kind(5), x)
    assert type(version) is VERSIONS[kind]
    version.backward(x, version.forward(x, train=True)[1])
    assert names == [stem := names[0], f"{stem}_backward"]
    layer = kind(10, scale=2.0)
    assert fast.version_for(layer, x) is layer
    y = layer.forward(x)[0]
    assert len(names) == 2
    np.testing.assert_allclose(y, layer.forward(x.astype(float))[0], atol=1e-5)


@pytest.mark.parametrize("kind", LAYERS)
def test_a_nan_affects_only_the_windows_that_contain_it(kind, kernels_on_host):
    x = np.ones((2, 13, 3, 2), np.float32)
    x[0, 9, 2, 1] = np.nan
    y = VERSIONS[kind](kind(4, scale=2.0, power=0.6)).forward(x)[0]
    assert np.isnan(y[0, 9, 2, 1])
    assert np.isfinite(y[..., 0]).all()
    assert np.isfinite(y[1]).all()
    assert np.isfinite(y[0, 0]).all()
