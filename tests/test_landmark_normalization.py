"""Eq. 3 and the mirror image of landmarks."""

import numpy as np
import pytest

from fernet.errors import UserError
from fernet.faces.landmark_layout import FLIP_PERMUTATION, KEPT_POINTS, OUTER_EYE_CORNERS, REGIONS
from fernet.inputs.trajectories import flip_landmarks, normalise_landmarks


def some_points(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(5, 60, size=(4, 49, 2))


def test_by_hand():
    points = np.zeros((1, 49, 2))
    points[0, :25, 0] = 6.0  # 25 points at x = 6, 24 at x = 0: variance 36 * 25 * 24 / 49**2
    points[0, :, 1] = 3.0
    points[0, 13] = (6.0, 3.0)
    result = normalise_landmarks(points, 13)
    sigma = 6 * np.sqrt(25 * 24) / 49
    np.testing.assert_allclose(result[0, :25, 0], 0)
    np.testing.assert_allclose(result[0, 25:, 0], -6 / sigma)
    assert (result[0, :, 1] == 0).all()  # all y are equal: no division by a deviation of zero


@pytest.mark.parametrize("nose_point", [13, 16])
def test_nose_at_origin_with_unit_deviation(nose_point):
    result = normalise_landmarks(some_points(), nose_point)
    assert (result[:, nose_point] == 0).all()
    np.testing.assert_allclose(result.std(axis=1), 1)


def test_place_and_scale_of_each_axis_and_frame_do_not_matter():
    points, rng = some_points(), np.random.default_rng(1)
    moved = points * rng.uniform(0.5, 2, (4, 1, 2)) + rng.normal(0, 50, (4, 1, 2))
    np.testing.assert_allclose(normalise_landmarks(moved, 13), normalise_landmarks(points, 13), atol=1e-10)


def test_float32_stays():
    assert normalise_landmarks(some_points().astype(np.float32), 13).dtype == np.float32
    assert flip_landmarks(some_points().astype(np.float32)).dtype == np.float32


def test_coinciding_float32_points_do_not_explode():
    points = np.full((2, 49, 2), 100.1, np.float32)
    assert (normalise_landmarks(points, 13) == 0).all()


def test_flipping_twice_changes_nothing():
    points = some_points()
    assert np.array_equal(flip_landmarks(flip_landmarks(points)), points)


@pytest.mark.parametrize("nose_point", [13, 16])
def test_flipping_is_mirroring_the_picture(nose_point):
    points, width = some_points(), 64
    mirrored = points[:, FLIP_PERMUTATION]
    mirrored[..., 0] = width - 1 - mirrored[..., 0]
    np.testing.assert_allclose(
        flip_landmarks(normalise_landmarks(points, nose_point)), normalise_landmarks(mirrored, nose_point), atol=1e-12
    )


def test_flip_permutation_follows_from_the_symmetry_of_the_68_points():
    mirror = [*range(16, -1, -1), *range(26, 16, -1), 27, 28, 29, 30, 35, 34, 33, 32, 31]
    mirror += [45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40]
    mirror += [54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55, 64, 63, 62, 61, 60, 67, 66, 65]
    kept = KEPT_POINTS.tolist()
    assert FLIP_PERMUTATION.tolist() == [kept.index(mirror[point]) for point in kept]


def test_regions_cover_every_point_once():
    covered = np.concatenate([np.arange(49)[region] for region in REGIONS.values()])
    assert covered.tolist() == list(range(49))
    assert KEPT_POINTS[list(OUTER_EYE_CORNERS)].tolist() == [36, 45]


def test_refusals():
    with pytest.raises(UserError, match="KEPT_POINTS"):
        normalise_landmarks(np.zeros((3, 68, 2)), 13)
    with pytest.raises(UserError, match="49 points"):
        flip_landmarks(np.zeros((3, 98)))
    with pytest.raises(UserError, match="int64"):
        normalise_landmarks(np.zeros((3, 49, 2), np.int64), 13)
