"""Fast twins against their references, and adjoints by <A x, y> = <x, A' y>."""

import numpy as np
import pytest

from fernet import threads
from fernet.fast.cpu import conv_spectral as correlate_spectral
from fernet.fast.cpu.fully_connected import matrix_product
from fernet.fast.cpu.inverse_power import inverse_power
from fernet.fast.twins import numpy_twin_applies
from fernet.layers.window_sum import window_sum, window_sum_adjoint
from fernet.primitives.correlate import correlate, correlate_dW, correlate_dx
from fernet.primitives.correlate_biased import biased_correlate, biased_gradients, biased_weight_gradients
from fernet.primitives.window_max import window_max, window_max_dx

CORRELATIONS = [  # x (N, H, W, C), W (R, S, C, K): few and many channels, odd and unequal sizes
    ((3, 9, 8, 3), (5, 5, 3, 7)),
    ((2, 9, 11, 40), (5, 4, 40, 6)),
    ((2, 6, 7, 64), (3, 3, 64, 5)),
    ((1, 5, 5, 200), (1, 1, 200, 3)),
    ((2, 5, 6, 1), (5, 6, 1, 2)),
]


@pytest.fixture
def reference(monkeypatch):
    """Call a function with the references forced."""

    def call(function, *arguments):
        with monkeypatch.context() as patch:
            patch.setenv("FERNET_REFERENCE", "1")
            return function(*arguments)

    return call


def draw(rng, shape):
    return rng.standard_normal(shape).astype(np.float32)


def assert_close(actual, expected):
    assert actual.dtype == expected.dtype
    assert actual.shape == expected.shape
    np.testing.assert_allclose(actual, expected, rtol=0, atol=3e-6 * np.abs(expected).max() * np.sqrt(expected.ndim))


def test_float64_never_takes_a_twin(monkeypatch):
    assert numpy_twin_applies(np.zeros(2, np.float32))
    assert not numpy_twin_applies(np.zeros(2, np.float32), np.zeros(2))
    monkeypatch.setenv("FERNET_REFERENCE", "1")
    assert not numpy_twin_applies(np.zeros(2, np.float32))


@pytest.mark.parametrize(("x_shape", "w_shape"), CORRELATIONS)
def test_correlate_twin_equals_reference(x_shape, w_shape, rng, reference):
    x, W = draw(rng, x_shape), draw(rng, w_shape)
    y = reference(correlate, x, W)
    dy = draw(rng, y.shape)
    assert_close(correlate(x, W), y)
    assert_close(correlate_dx(dy, W), reference(correlate_dx, dy, W))
    assert_close(correlate_dW(x, dy), reference(correlate_dW, x, dy))


@pytest.mark.parametrize(
    ("x_shape", "w_shape"),
    [*CORRELATIONS, ((5, 10, 7, 4), (4, 3, 4, 6)), ((6, 7, 12, 3), (1, 2, 3, 5)), ((9, 8, 8, 2), (8, 8, 2, 2))],
)
def test_spectral_twin_equals_reference(x_shape, w_shape, rng, reference):
    """Odd and even periods, batches that do not fill a last piece, filters as large as the image."""
    x, W = draw(rng, x_shape), draw(rng, w_shape)
    y = reference(correlate, x, W)
    dy = draw(rng, y.shape)
    b = draw(rng, w_shape[3:])
    actual, spectra = correlate_spectral.correlate(x, W, b)
    assert_close(actual, y + b)
    dx, dW, db = correlate_spectral.gradients(spectra, dy, W.shape)
    assert_close(dx, reference(correlate_dx, dy, W))
    assert_close(dW, reference(correlate_dW, x, dy))
    assert_close(db, dy.sum(axis=(0, 1, 2)))


def test_spectra_are_taken_for_large_filters_many_maps_and_whole_batches_only():
    assert correlate_spectral.applies((64, 30, 30, 64), (5, 5, 64, 64))
    assert not correlate_spectral.applies((1, 30, 30, 64), (5, 5, 64, 64))
    assert not correlate_spectral.applies((64, 64, 64, 3), (5, 5, 3, 64))


def test_whole_batches_of_a_convolution_by_either_twin(rng, reference):
    for count in (2, 32):  # patches, then spectra
        x, W, b = draw(rng, (count, 20, 20, 32)), draw(rng, (5, 5, 32, 32)), draw(rng, (32,))
        expected, same = reference(biased_correlate, x, W, b)
        dy = draw(rng, expected.shape)
        y, seen = biased_correlate(x, W, b)
        assert isinstance(seen, correlate_spectral.Spectra) == (count > 2)
        assert same is x
        assert_close(y, expected)
        for actual, gradient in zip(biased_gradients(seen, dy, W), reference(biased_gradients, x, dy, W), strict=True):
            assert_close(actual, gradient)
        for actual, gradient in zip(
            biased_weight_gradients(seen, dy, W), reference(biased_weight_gradients, x, dy, W), strict=True
        ):
            assert_close(actual, gradient)


@pytest.mark.parametrize(("x_shape", "w_shape"), CORRELATIONS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_correlate_gradients_are_adjoints(x_shape, w_shape, dtype, rng):
    x, W = rng.standard_normal(x_shape).astype(dtype), rng.standard_normal(w_shape).astype(dtype)
    y = correlate(x, W)
    dy = rng.standard_normal(y.shape).astype(dtype)
    product = float(np.vdot(y, dy))
    tolerance = {np.float32: 2e-4, np.float64: 1e-11}[dtype] * float(np.linalg.norm(y) * np.linalg.norm(dy))
    assert np.vdot(x, correlate_dx(dy, W)) == pytest.approx(product, abs=tolerance)
    assert np.vdot(W, correlate_dW(x, dy)) == pytest.approx(product, abs=tolerance)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 9])
@pytest.mark.parametrize("channels", [1, 3, 130])
def test_window_sum_twin_equals_reference(n, channels, rng, reference):
    x = draw(rng, (2, 7, 6, channels))
    assert_close(window_sum(x, n), reference(window_sum, x, n))
    assert_close(window_sum(x, n, 0.3, 2.0), reference(window_sum, x, n, 0.3, 2.0))
    assert_close(window_sum_adjoint(x, n, -0.7), reference(window_sum_adjoint, x, n, -0.7))


@pytest.mark.parametrize("n", [1, 2, 3, 4, 9])
def test_window_sum_adjoint_is_the_adjoint(n, rng):
    x, y = rng.standard_normal((2, 1, 7, 6, 3))
    assert np.vdot(window_sum(x, n), y) == pytest.approx(np.vdot(x, window_sum_adjoint(y, n)), abs=1e-10)


@pytest.mark.parametrize("ties", [False, True])
def test_window_max_twin_equals_reference(ties, rng, reference):
    x = draw(rng, (2, 8, 6, 5))
    if ties:
        x = np.maximum(x, 0).round()  # many equal values: the first winner must be the same
    y, winners = window_max(x, 2, 2)
    expected, expected_winners = reference(window_max, x, 2, 2)
    np.testing.assert_array_equal(y, expected)
    np.testing.assert_array_equal(winners, expected_winners)
    dy = draw(rng, y.shape)
    np.testing.assert_array_equal(
        window_max_dx(dy, winners, 2, 2, x.shape), reference(window_max_dx, dy, winners, 2, 2, x.shape)
    )


def test_inverse_power_twin_equals_reference(rng, reference):
    D = 1 + rng.random((3, 50)).astype(np.float32) * 100
    assert_close(inverse_power(D, 0.75), reference(inverse_power, D, 0.75))


@pytest.mark.parametrize(
    "shapes", [((64, 1100), (1100, 300)), ((5000, 64), (64, 60)), ((1, 3000), (3000, 301)), ((5, 6), (6, 7))]
)
def test_matrix_product_twin_equals_reference(shapes, rng, reference):
    a, b = (draw(rng, shape) for shape in shapes)
    np.testing.assert_allclose(matrix_product(a, b), reference(matrix_product, a, b), rtol=0, atol=2e-4)
    np.testing.assert_allclose(matrix_product(a, b), a.astype(float) @ b.astype(float), rtol=0, atol=2e-4)


def test_the_first_piece_that_fails_is_heard_and_the_pool_goes_on():
    def fails_from_3(i):
        if i >= 3:
            raise ValueError(str(i))
        return i

    with threads.worker_threads(3):
        for _ in range(50):
            with pytest.raises(ValueError, match=r"^3$"):
                threads.parallel_map(fails_from_3, range(9))
        assert threads.parallel_map(abs, [-1, -2, -3]) == [1, 2, 3]


def test_pieces_of_work_come_back_in_order_for_any_number_of_threads():
    for count in (1, 2, 5):
        with threads.worker_threads(count):
            assert threads.parallel_map(lambda i: i * i, range(20)) == [i * i for i in range(20)]
            nested = threads.parallel_map(lambda i: sum(threads.parallel_map(lambda j: i + j, range(3))), range(8))
            assert nested == [3 * i + 3 for i in range(8)]


def test_an_error_in_a_thread_is_raised_and_the_settings_are_put_back():
    import cv2

    before = cv2.getNumThreads()
    with pytest.raises(ZeroDivisionError), threads.worker_threads(2):
        threads.parallel_map(lambda i: 1 / i, [1, 0])
    assert cv2.getNumThreads() == before
