"""Interpolation over time, compared with the graph embedding from which it is derived."""

import numpy as np
import pytest

from fernet.clips.temporal_interpolation import Interpolation, as_bytes, interpolation_matrix
from fernet.errors import UserError


def interpolate(frames, count, pieces=1):
    """All frames (N, ...) in `pieces` calls; sums in the type of the frames, or float64 for uint8."""
    dtype = frames.dtype if frames.dtype.kind == "f" else np.float64
    interpolation = Interpolation(len(frames), count, frames.shape[1:], dtype)
    for piece in np.array_split(frames, pieces):
        interpolation.add(piece)
    return interpolation.total


def graph_embedding(frames: np.ndarray, count: int) -> np.ndarray:
    """Zhou et al. (2011) step by step, for frames (N, D) in general position."""
    N = len(frames)
    mean = frames.mean(axis=0)
    U, S, Vt = np.linalg.svd((frames - mean).T, full_matrices=False)  # columns of X are frames
    U, Q = U[:, : N - 1], (np.diag(S) @ Vt)[: N - 1]
    links = np.diag(np.ones(N - 1), 1) + np.diag(np.ones(N - 1), -1)
    _, vectors = np.linalg.eigh(np.diag(links.sum(axis=0)) - links)
    W = np.linalg.inv(Q @ Q.T) @ Q @ vectors[:, 1:]  # without the constant eigenvector
    k = np.arange(1, N)

    def curves(t):
        return np.sin(np.pi * k * t + np.pi * (N - k) / (2 * N))

    m = (Q[:, 0] @ W) / curves(1 / N)
    times = np.linspace(0, 1, count) * (1 - 1 / N) + 1 / N
    return np.stack([U @ np.linalg.inv(W.T) @ (m * curves(t)) + mean for t in times])


@pytest.mark.parametrize(("frames", "count"), [(2, 3), (5, 3), (7, 12), (12, 12), (18, 5)])
def test_equals_the_graph_embedding(frames, count):
    clip = np.random.default_rng(frames).normal(size=(frames, 40))
    np.testing.assert_allclose(interpolate(clip, count), graph_embedding(clip, count), atol=1e-10)


@pytest.mark.parametrize(("frames", "count"), [(1, 4), (2, 7), (6, 3), (9, 12), (200, 12)])
def test_rows_sum_to_one_and_the_ends_are_kept(frames, count):
    A = interpolation_matrix(frames, count)
    assert A.shape == (count, frames)
    assert A.dtype == np.float64
    np.testing.assert_allclose(A.sum(axis=1), 1, atol=1e-12)
    np.testing.assert_allclose(A[0], np.eye(frames)[0], atol=1e-12)
    np.testing.assert_allclose(A[-1], np.eye(frames)[-1], atol=1e-12)


def test_the_printed_sum():
    N, T = 6, 5
    t = np.linspace(0, 1, T) * (1 - 1 / N) + 1 / N
    A = [
        [
            1 / N
            + 2
            / N
            * sum(
                np.cos(np.pi * k * (2 * i - 1) / (2 * N)) * np.cos(np.pi * k * (tj - 1 / (2 * N))) for k in range(1, N)
            )
            for i in range(1, N + 1)
        ]
        for tj in t
    ]
    np.testing.assert_allclose(interpolation_matrix(N, T), A, atol=1e-12)


def test_equal_length_is_an_exact_copy():
    clip = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    result = interpolate(clip, 5)
    assert np.array_equal(result, clip)
    assert not np.shares_memory(result, clip)


def test_one_frame_is_repeated():
    frame = np.random.default_rng(0).normal(size=(1, 4, 2))
    assert np.array_equal(interpolate(frame, 3), np.repeat(frame, 3, axis=0))


def test_repeated_frames_give_the_same_frame():
    frame = np.random.default_rng(0).normal(size=(4, 2))
    np.testing.assert_allclose(interpolate(np.stack([frame] * 5), 12), np.stack([frame] * 12), atol=1e-12)


def test_bytes_are_rounded_and_clipped():
    clip = np.array([0, 0, 255, 255, 0, 0], np.uint8).reshape(6, 1)
    exact = interpolate(clip, 11)
    result = as_bytes(exact)
    assert exact.min() < -5  # cosines overshoot, so clipping is really needed ..
    assert exact.max() > 260
    assert result.dtype == np.uint8
    np.testing.assert_array_equal(result, np.clip(np.rint(exact), 0, 255))
    assert result[0] == 0
    assert result[-1] == 0


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_float_type_and_shape_stay(dtype):
    result = interpolate(np.ones((4, 49, 2), dtype), 12)
    assert result.dtype == dtype
    assert result.shape == (12, 49, 2)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
@pytest.mark.parametrize("pieces", [2, 4, 9])
def test_frames_may_arrive_one_by_one_or_several_at_a_time(pieces, dtype):
    frames = np.random.default_rng(0).uniform(0, 255, (9, 4, 5)).astype(dtype)
    before = frames.copy()
    for count in (1, 3, 9, 12):
        np.testing.assert_allclose(interpolate(frames, count, pieces), interpolate(frames, count), rtol=1e-5, atol=1e-4)
    assert np.array_equal(frames, before)


def test_refusals():
    with pytest.raises(UserError, match="0 frames to 3"):
        interpolate(np.zeros((0, 4)), 3)
