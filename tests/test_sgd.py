"""The update rule, worked out by hand, and which parameters decay."""

import numpy as np
import pytest

from fernet import threads
from fernet.sgd import SGD
from fernet.training.settings import Schedule


def test_two_steps_by_hand():
    params = {"fc.W": np.array([2.0]), "fc.b": np.array([2.0])}
    optimiser = SGD(params, {"fc.W"}, momentum=0.5, weight_decay=0.25)
    grads = {"fc.W": np.array([1.0]), "fc.b": np.array([1.0])}
    optimiser.step(grads, 0.1)
    assert params["fc.W"][0] == pytest.approx(2 - 0.1 * (1 + 0.25 * 2))  # v = -0.15
    assert params["fc.b"][0] == pytest.approx(2 - 0.1)
    optimiser.step(grads, 0.1)
    assert params["fc.W"][0] == pytest.approx(1.85 - (0.5 * 0.15 + 0.1 * (1 + 0.25 * 1.85)))
    assert params["fc.b"][0] == pytest.approx(1.9 - (0.5 * 0.1 + 0.1))


def test_decay_shrinks_weights_and_spares_biases(rng):
    params = {"a.W": rng.standard_normal((3, 4)), "a.b": rng.standard_normal(4)}
    before = {name: w.copy() for name, w in params.items()}
    optimiser = SGD(params, {"a.W"}, momentum=0.0, weight_decay=0.1)
    optimiser.step({name: np.zeros_like(w) for name, w in params.items()}, 0.5)
    np.testing.assert_allclose(params["a.W"], before["a.W"] * (1 - 0.5 * 0.1))
    np.testing.assert_array_equal(params["a.b"], before["a.b"])


def test_constant_gradient_reaches_the_speed_that_momentum_allows():
    params = {"w": np.zeros(1)}
    optimiser = SGD(params, set(), momentum=0.9, weight_decay=0.0)
    for _ in range(200):
        before = params["w"][0]
        optimiser.step({"w": np.ones(1)}, 0.01)
    assert before - params["w"][0] == pytest.approx(0.01 / (1 - 0.9), rel=1e-6)


def test_large_arrays_move_alike_in_any_number_of_threads(rng):
    w, g = rng.standard_normal((2, 1300, 900)).astype(np.float32)

    def moved(count):
        params = {"w": w.copy()}
        with threads.worker_threads(count):
            SGD(params, {"w"}, 0.9, 0.01).step({"w": g}, 0.1)
        return params["w"]

    np.testing.assert_array_equal(moved(1), moved(3))
    np.testing.assert_allclose(moved(1), w - 0.1 * (g + 0.01 * w), rtol=1e-5, atol=1e-6)


def test_learning_rate_starts_at_half_and_falls_to_a_tenth_at_two_thirds():
    schedule = Schedule(epochs=9, learning_rate=0.5)
    rates = [schedule.learning_rate_at(epoch) for epoch in range(9)]
    assert rates == pytest.approx([0.25] + [0.5] * 5 + [0.05] * 3)
