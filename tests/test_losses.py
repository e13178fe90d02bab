"""Softmax, cross-entropy and the joint loss, by hand."""

import numpy as np
import pytest

from fernet.errors import UserError
from fernet.losses import joint_loss, softmax, softmax_cross_entropy


def test_cross_entropy_by_hand():
    logits = np.log(np.array([[1.0, 3.0], [4.0, 1.0]]))
    loss, gradient = softmax_cross_entropy(logits, np.array([1, 1]))
    assert loss == pytest.approx((-np.log(0.75) - np.log(0.2)) / 2)
    np.testing.assert_allclose(gradient, np.array([[0.25, -0.25], [0.8, -0.8]]) / 2)


def test_softmax_survives_huge_logits():
    logits = np.array([[1000.0, 0.0], [-1000.0, -1000.0]])
    np.testing.assert_allclose(softmax(logits), [[1, 0], [0.5, 0.5]])
    assert softmax_cross_entropy(logits, np.array([1, 0]))[0] == pytest.approx((1000 + np.log(2)) / 2)


def test_joint_gradient_is_the_formula_of_the_protocol(rng):
    l1, l2 = rng.standard_normal((2, 4, 3))
    labels = np.array([0, 1, 2, 1])
    y = np.eye(3)[labels]
    loss, dl1, dl2 = joint_loss(l1, l2, labels, (1.0, 2.0, 0.1))
    p1, p2, p3 = softmax(l1), softmax(l2), softmax(l1 + l2)
    np.testing.assert_allclose(dl1, (1.0 * (p1 - y) + 0.1 * (p3 - y)) / 4, atol=1e-12)
    np.testing.assert_allclose(dl2, (2.0 * (p2 - y) + 0.1 * (p3 - y)) / 4, atol=1e-12)
    expected = -np.mean(
        [np.log(p1[i, k]) + 2 * np.log(p2[i, k]) + 0.1 * np.log(p3[i, k]) for i, k in enumerate(labels)]
    )
    assert loss == pytest.approx(expected)


def test_float32_stays_float32(rng):
    l1, l2 = rng.standard_normal((2, 4, 3)).astype(np.float32)
    loss, dl1, dl2 = joint_loss(l1, l2, np.array([0, 1, 2, 1]))
    assert loss.dtype == dl1.dtype == dl2.dtype == np.float32


@pytest.mark.parametrize("labels", [[0, 3], [-1, 0], [0, 1, 2]])
def test_labels_that_do_not_fit_are_refused(labels):
    with pytest.raises(UserError, match="expected 2 labels from 0 to 2"):
        softmax_cross_entropy(np.zeros((2, 3)), np.array(labels))
