"""The CUDA product of matrices on the processor, in every form that a fully connected layer asks for."""

import numpy as np
import pytest

from fernet.fast.cuda.fully_connected import matrix_product

pytestmark = pytest.mark.usefixtures("kernels_on_host")
SHAPES = [(5, 7, 3), (64, 40, 12), (130, 36, 70), (16, 1030, 7)]  # rows, inner, columns


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("form", ["a b", "a' b", "a b'"])
def test_products_of_whole_numbers_are_exact(shape, form, rng):
    """Small whole numbers lose nothing to TF32, and sums of them nothing to rounding: every value must be right."""
    rows, inner, columns = shape
    a, b = (rng.integers(-4, 5, size).astype(np.float32) for size in ((rows, inner), (inner, columns)))
    left = np.ascontiguousarray(a.T).T if form == "a' b" else a
    right = np.ascontiguousarray(b.T).T if form == "a b'" else b
    product = matrix_product(left, right)
    assert product.flags.c_contiguous
    np.testing.assert_array_equal(product, a @ b)


@pytest.mark.parametrize(("tf32", "error"), [("0", 1e-6), ("1", 2e-3)])
def test_precision_is_that_of_the_mode(tf32, error, rng, monkeypatch):
    monkeypatch.setenv("FERNET_TF32", tf32)
    a, b = rng.standard_normal((20, 700)).astype(np.float32), rng.standard_normal((700, 30)).astype(np.float32)
    expected = a.astype(np.float64) @ b
    difference = np.abs(matrix_product(a, b) - expected).max() / np.abs(expected).max()
    assert difference < error
    assert (difference > 1e-5) == (tf32 == "1")


def test_the_same_bits_every_time(rng):
    a, b = rng.standard_normal((9, 900)).astype(np.float32), rng.standard_normal((900, 5)).astype(np.float32)
    assert matrix_product(a, b).tobytes() == matrix_product(a, b).tobytes()
