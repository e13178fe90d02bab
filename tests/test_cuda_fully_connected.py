"""The CUDA matrix product, run on the processor, in every form that a fully connected layer needs."""

import numpy as np
import pytest

from fernet.fast.cuda.fully_connected import CudaFullyConnected, matrix_product
from fernet.fast.precision import multiply_in
from fernet.layers import FullyConnected

pytestmark = pytest.mark.usefixtures("kernels_on_host")
SHAPES = [(5, 7, 3), (64, 40, 12), (130, 36, 70), (16, 1030, 7)]  # rows, inner, columns


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("form", ["a b", "a' b", "a b'"])
def test_products_of_whole_numbers_are_exact(shape, form, rng):
    """Small whole numbers are exact in TF32, and their sums are exact in float32: every value must be right."""
    rows, inner, columns = shape
    a, b = (rng.integers(-4, 5, size).astype(np.float32) for size in ((rows, inner), (inner, columns)))
    left = np.ascontiguousarray(a.T).T if form == "a' b" else a
    right = np.ascontiguousarray(b.T).T if form == "a b'" else b
    product = matrix_product(left, right)
    assert product.flags.c_contiguous
    np.testing.assert_array_equal(product, a @ b)


@pytest.mark.parametrize(("precision", "error"), [("float32", 1e-6), ("tf32", 2e-3)])
def test_products_have_the_precision_of_the_block(precision, error, rng):
    a, b = rng.standard_normal((20, 700)).astype(np.float32), rng.standard_normal((700, 30)).astype(np.float32)
    expected = a.astype(np.float64) @ b
    with multiply_in(precision):
        product = matrix_product(a, b)
    difference = np.abs(product - expected).max() / np.abs(expected).max()
    assert difference < error
    assert (difference > 1e-5) == (precision == "tf32")


def test_the_same_bits_every_time(rng):
    a, b = rng.standard_normal((9, 900)).astype(np.float32), rng.standard_normal((900, 5)).astype(np.float32)
    assert matrix_product(a, b).tobytes() == matrix_product(a, b).tobytes()


@pytest.mark.parametrize(("batch", "inputs", "outputs"), [(5, 7, 3), (1, 300, 66), (130, 36, 70)])
def test_the_layer_and_its_gradients(batch, inputs, outputs, rng):
    layer = FullyConnected(inputs, outputs, rng)
    layer.params["b"] = rng.standard_normal(outputs).astype(np.float32)
    x, dy = (rng.standard_normal((batch, size)).astype(np.float32) for size in (inputs, outputs))
    with multiply_in("float32"):
        y, cache = CudaFullyConnected(layer).forward(x, train=True)
        dx, grads = CudaFullyConnected(layer).backward(dy, cache)
    exact = FullyConnected(inputs, outputs, rng, np.float64)
    exact.params = {name: w.astype(float) for name, w in layer.params.items()}
    exact_y, cache = exact.forward(x.astype(float), train=True)
    exact_dx, exact_grads = exact.backward(dy.astype(float), cache)
    for actual, expected in [(y, exact_y), (dx, exact_dx), *((grads[name], exact_grads[name]) for name in "Wb")]:
        assert actual.dtype == np.float32
        np.testing.assert_allclose(actual, expected, rtol=0, atol=2e-6 * np.abs(expected).max())
