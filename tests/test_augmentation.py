"""The fourteen variants, each compared with the paper's description."""

import numpy as np
import pytest

from fernet.faces.landmark_layout import FLIP_PERMUTATION
from fernet.inputs.augmentation import (
    ANGLES,
    LARGEST_TURN,
    VARIANTS,
    augment_faces,
    augment_landmarks,
    network_faces,
)
from fernet.inputs.samples import Samples, mean_trajectory


@pytest.fixture
def faces(rng):
    smooth = rng.integers(0, 255, (3, 5, 5)).astype(np.uint8)
    return smooth.repeat(4, axis=1).repeat(4, axis=2)  # 3 frames of 20 x 20


@pytest.fixture
def landmarks(rng):
    return rng.standard_normal((12, 49, 2))


def test_variant_zero_changes_nothing(faces, landmarks, rng):
    np.testing.assert_array_equal(augment_faces(faces, 0), faces)
    np.testing.assert_array_equal(augment_landmarks(landmarks, 0, rng), landmarks)


def test_fourteen_variants_are_all_different(faces, landmarks):
    images = {augment_faces(faces, variant).tobytes() for variant in range(VARIANTS)}
    points = {augment_landmarks(landmarks, v, np.random.default_rng(v)).tobytes() for v in range(VARIANTS)}
    assert len(images) == len(points) == VARIANTS == 14


@pytest.mark.parametrize("variant", range(7))
def test_the_second_seven_are_the_first_seven_flipped_if_noise_and_angles_are_the_same(variant, faces, landmarks):
    np.testing.assert_array_equal(augment_faces(faces, variant + 7), augment_faces(faces, variant)[:, :, ::-1])
    flipped = augment_landmarks(landmarks, variant + 7, np.random.default_rng(3))
    expected = augment_landmarks(landmarks, variant, np.random.default_rng(3))[:, FLIP_PERMUTATION] * [-1, 1]
    np.testing.assert_array_equal(flipped, expected)


@pytest.mark.parametrize("kind", range(1, 7))
def test_a_dot_turns_by_the_angle_about_the_centre(kind):
    dot = np.zeros((1, 65, 65), np.uint8)
    dot[0, 30:35, 50:55] = 255  # centre at x = 52, y = 32: 20 pixels right of the middle
    turned = augment_faces(dot, kind)[0].astype(float)
    y, x = (float((grid * turned).sum() / turned.sum()) - 32 for grid in np.mgrid[:65, :65])
    assert np.hypot(x, y) == pytest.approx(20, abs=0.1)
    assert np.degrees(np.arctan2(-y, x)) == pytest.approx(ANGLES[kind - 1], abs=0.3)  # y points down


def test_noise_has_the_deviation_of_equation_5(landmarks):
    noise = [augment_landmarks(landmarks, v, np.random.default_rng(v)) - landmarks for v in (1, 2, 3)]
    assert np.std(noise) == pytest.approx(0.01, rel=0.05)
    assert abs(np.corrcoef(noise[0].ravel(), noise[1].ravel())[0, 1]) < 0.1


def test_rotation_is_rigid_frame_by_frame_with_angles_of_its_own(landmarks):
    turned = augment_landmarks(landmarks, 5, np.random.default_rng(7))
    np.testing.assert_allclose(np.hypot(*turned.T), np.hypot(*landmarks.T))
    before, after = (np.arctan2(points[..., 1], points[..., 0]) for points in (landmarks, turned))
    angles = np.angle(np.exp(1j * (after - before)))
    np.testing.assert_allclose(angles, np.broadcast_to(angles[:, :1], angles.shape), atol=1e-12)
    assert np.abs(angles).max() <= LARGEST_TURN == np.pi / 10
    assert np.unique(angles[:, 0].round(6)).size == 12


def test_network_faces_have_mean_zero_and_deviation_one_for_the_whole_clip(rng):
    clips = rng.integers(0, 200, (2, 3, 8, 8)).astype(np.uint8)
    clips[:, 1] //= 2  # a darker frame in the middle stays darker
    x = network_faces(clips)
    assert (x.shape, x.dtype) == ((2, 8, 8, 3), np.float32)
    np.testing.assert_allclose(x.mean(axis=(1, 2, 3)), 0, atol=1e-5)
    np.testing.assert_allclose(x.std(axis=(1, 2, 3)), 1, atol=1e-3)
    assert x[..., 1].mean() < x[..., 0].mean()
    brighter = network_faces(clips + np.uint8(20))
    np.testing.assert_allclose(brighter, x, atol=1e-4)


def test_a_clip_of_one_grey_becomes_zero():
    assert (network_faces(np.full((1, 3, 4, 4), 77, np.uint8)) == 0).all()


def test_samples_pair_variant_with_variant_and_do_not_depend_on_the_batch(toy_clips):
    mean = mean_trajectory(toy_clips)
    samples = Samples(toy_clips, 5, mean)
    assert len(samples) == 14 * 24
    numbers = np.array([3 * 14 + 9, 0, 7 * 14 + 4])
    np.testing.assert_array_equal(samples.labels(numbers), toy_clips.labels[[3, 0, 7]])
    faces, rows = samples.faces(numbers), samples.trajectories(numbers)
    np.testing.assert_array_equal(faces[0], network_faces(augment_faces(toy_clips.faces[3], 9)[None])[0])
    for position, number in enumerate(numbers):
        np.testing.assert_array_equal(samples.faces(np.array([number]))[0], faces[position])
        np.testing.assert_array_equal(samples.trajectories(np.array([number]))[0], rows[position])
    assert not np.array_equal(Samples(toy_clips, 6, mean).trajectories(numbers)[0], rows[0])


def test_flipped_landmarks_of_a_sample_have_noise_and_angles_of_their_own_and_flipped_faces_are_exact(toy_clips):
    samples = Samples(toy_clips, 5, np.zeros(1176, np.float32))
    points = samples.trajectories(np.arange(14)).reshape(14, 12, 49, 2)
    mirrored = points[:, :, FLIP_PERMUTATION] * [-1, 1]
    np.testing.assert_array_equal(points[7], mirrored[0])
    for variant in (1, 2, 3):
        noise, own = mirrored[variant] - mirrored[0], points[variant + 7] - mirrored[0]
        assert np.std(own) == pytest.approx(0.01, rel=0.1)
        assert abs(np.corrcoef(noise.ravel(), own.ravel())[0, 1]) < 0.1
    for variant in (4, 5, 6):
        turned = np.arctan2(points[variant + 7, ..., 1], points[variant + 7, ..., 0])
        angles = np.angle(np.exp(1j * (turned - np.arctan2(mirrored[variant, ..., 1], mirrored[variant, ..., 0]))))
        assert np.unique(angles[:, 0].round(4)).size == 12  # no frame is rotated as in the other variant
    faces = samples.faces(np.arange(14))
    np.testing.assert_allclose(faces[7:], faces[:7, :, ::-1], rtol=0, atol=1e-5)


def test_trajectories_are_in_the_order_of_equation_4(toy_clips):
    row = Samples(toy_clips, 0, np.zeros(1176, np.float32), variants=1).trajectories(np.array([2]))[0]
    frames = toy_clips.landmarks[2].astype(float)
    nose = frames[:, 13:14]
    expected = (frames - nose) / (frames - nose).std(axis=1, keepdims=True)
    np.testing.assert_allclose(row.reshape(12, 49, 2), expected, rtol=0, atol=1e-5)
    assert row[2 * 98 + 5 * 2 + 1] == pytest.approx(expected[2, 5, 1], abs=1e-5)  # frame 2, point 5, y


def test_the_mean_of_all_unrotated_samples_and_their_mirror_images_becomes_zero(toy_clips):
    samples = Samples(toy_clips, 0, mean_trajectory(toy_clips))
    plain = np.array([14 * clip + variant for clip in range(24) for variant in (0, 7)])
    np.testing.assert_allclose(samples.trajectories(plain).mean(axis=0), 0, atol=1e-5)
    assert np.abs(Samples(toy_clips, 0, np.zeros(1176, np.float32)).trajectories(plain).mean(axis=0)).max() > 1
