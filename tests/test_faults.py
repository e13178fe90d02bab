"""Inputs and settings at the limits of what is allowed, each compared with plain loops or float64."""

from dataclasses import replace

import numpy as np
import pytest

from fernet.clips.temporal_interpolation import interpolation_matrix
from fernet.commands import main
from fernet.experiments.single_frames import single_frames
from fernet.layers import Conv, MaxPool
from fernet.networks.build import Network
from fernet.networks.notation import parse
from fernet.networks.options import NetworkOptions
from fernet.synthetic import SETS, load_set
from fernet.training.settings import Schedule


def views(faces):
    """Grey images (N, H, W) as (N, H, W, 1): the same values, with other strides."""
    frames_first = np.ascontiguousarray(faces[:, None])  # (N, 1, H, W)
    return {
        "a new axis": faces[..., None],
        "frames before pixels": frames_first.transpose(0, 2, 3, 1),
        "one of three frames": np.repeat(frames_first, 3, axis=1)[:, 1:2].transpose(0, 2, 3, 1),
        "every third frame": np.repeat(frames_first, 3, axis=1).transpose(0, 2, 3, 1)[..., ::3],
        "transposed": np.ascontiguousarray(faces.transpose(0, 2, 1)).transpose(0, 2, 1)[..., None],
        "turned upside down": np.ascontiguousarray(faces[:, ::-1, ::-1])[:, ::-1, ::-1, None],
    }


@pytest.mark.parametrize("view", views(np.zeros((1, 2, 2), np.float32)))
@pytest.mark.parametrize("notation", ["I9-C(3,4)-FC5-S3", "I9-L3-C(3,1)-C(2,5)-FC5-S3", "I9-P2-C(3,4)-FC5-S3"])
@pytest.mark.parametrize("clips", [1, 5])
def test_the_stride_of_an_axis_of_length_one_does_not_matter(view, notation, clips, rng):
    """NumPy allows an axis of length 1 any stride and still calls the array contiguous; T_a = 1 is such an axis."""
    options = NetworkOptions(frames=1, dropout=0.0, normalisation_scale=2.0)
    network, reference = (Network(parse(notation), options, 1, dtype) for dtype in (np.float32, np.float64))
    reference.set_params({name: w.astype(np.float64) for name, w in network.params.items()})
    faces = rng.standard_normal((clips, 9, 9)).astype(np.float32)
    x = views(faces)[view]
    np.testing.assert_array_equal(x[..., 0], faces)

    y, caches = network.forward(x, train=True)
    expected, reference_caches = reference.forward(np.ascontiguousarray(faces, np.float64)[..., None], train=True)
    dy = rng.standard_normal(expected.shape)
    dx, grads = network.backward(dy.astype(np.float32), caches)
    expected_dx, expected_grads = reference.backward(dy, reference_caches)
    for name, actual, right in [
        ("y", y, expected),
        ("dx", dx, expected_dx),
        *((name, grads[name], grad) for name, grad in expected_grads.items()),
    ]:
        np.testing.assert_allclose(actual, right, rtol=0, atol=2e-5 * np.abs(right).max(), err_msg=name)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_same_padding_in_nested_loops(size, dtype, rng):
    """Row r of the filter lies over row i + r - before of the image; rows and columns outside it count as zero."""
    H, W, before = 6, 5, (size - 1) // 2
    layer = Conv(size, 2, 3, "same", rng, dtype)
    x, dy = rng.standard_normal((1, H, W, 2)).astype(dtype), rng.standard_normal((1, H, W, 3)).astype(dtype)
    filters = layer.params["W"].astype(np.float64)
    y, dx, dW = np.zeros((H, W, 3)), np.zeros((H, W, 2)), np.zeros_like(filters)
    for i, j, r, s in np.ndindex(H, W, size, size):
        row, column = i + r - before, j + s - before
        if 0 <= row < H and 0 <= column < W:
            y[i, j] += x[0, row, column] @ filters[r, s]
            dx[row, column] += filters[r, s] @ dy[0, i, j]
            dW[r, s] += np.outer(x[0, row, column], dy[0, i, j])
    tolerance = 1e-5 if dtype == np.float32 else 1e-12
    actual, cache = layer.forward(x, train=True)
    actual_dx, grads = layer.backward(dy, cache)
    np.testing.assert_allclose(actual[0], y, rtol=0, atol=tolerance)
    np.testing.assert_allclose(actual_dx[0], dx, rtol=0, atol=tolerance)
    np.testing.assert_allclose(grads["W"], dW, rtol=0, atol=tolerance)


def window_starts(length, size, stride, ceil):
    """First rows of the windows; with `ceil`, windows are added as long as rows are left uncovered."""
    starts = [0]
    while starts[-1] + size < length and starts[-1] + stride + (1 if ceil else size) <= length:
        starts.append(starts[-1] + stride)
    return starts


@pytest.mark.parametrize(("size", "stride"), [(2, 1), (3, 1), (2, 2), (3, 2), (2, 3), (3, 3), (4, 3)])
@pytest.mark.parametrize("ceil", [False, True])
@pytest.mark.parametrize("sides", [(7, 6), (6, 8), (9, 10)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_max_pooling_in_nested_loops(size, stride, ceil, sides, dtype, rng):
    x = (rng.standard_normal((2, *sides, 3)) - 5).astype(dtype)  # all negative: a frame of zeros would win
    layer = MaxPool(size, stride, ceil)
    y, cache = layer.forward(x, train=True)
    rows, columns = (window_starts(side, size, stride, ceil) for side in sides)
    assert y.shape == (2, len(rows), len(columns), 3)
    assert layer.output_shape(x.shape[1:]) == y.shape[1:]
    dy = rng.standard_normal(y.shape).astype(dtype)
    expected_dx = np.zeros(x.shape)
    for n, i, j, c in np.ndindex(y.shape):
        window = x[n, rows[i] : rows[i] + size, columns[j] : columns[j] + size, c]
        assert y[n, i, j, c] == window.max()
        u, v = np.unravel_index(window.argmax(), window.shape)
        expected_dx[n, rows[i] + u, columns[j] + v, c] += dy[n, i, j, c]
    np.testing.assert_allclose(layer.backward(dy, cache)[0], expected_dx, rtol=0, atol=1e-6)


@pytest.mark.parametrize("epochs", range(1, 31))
def test_the_learning_rate_falls_with_the_first_epoch_that_begins_after_two_thirds(epochs):
    """Whole epochs only: schedules of one or two epochs have no such epoch and keep their learning rate."""
    schedule = Schedule(epochs=epochs, learning_rate=0.5)
    rates = [schedule.learning_rate_at(epoch) for epoch in range(epochs)]
    kept = -(-2 * epochs // 3)
    first = 0.5 if epochs <= 2 else 0.25
    assert rates == pytest.approx([first] + [0.5] * (kept - 1) + [0.05] * (epochs - kept))
    assert (kept == epochs) == (epochs <= 2)


# Marked tests: a single frame is still the first of the clip, where faces are neutral.
@pytest.mark.parametrize("frames", [2, 5, 8])
def test_a_clip_brought_to_one_frame_is_its_last(frames):
    """Where clips end at the peak of the expression, as all do that are not of MMI."""
    np.testing.assert_allclose(interpolation_matrix(frames, 1), np.eye(frames)[-1:], rtol=0, atol=1e-12)


@pytest.mark.parametrize(("name", "peak"), [("demo", "end"), ("mmi", "middle")])
def test_train_with_one_frame_shows_the_peak_as_crossval_does(name, peak, monkeypatch, tmp_path):
    monkeypatch.setenv("FERNET_CACHE", str(tmp_path))
    monkeypatch.setitem(SETS, name, replace(SETS[name], counts={"happiness": 4, "surprise": 4}, subjects=4))
    seen = []

    class Recorder:
        def __init__(self, settings, clips, *others):
            seen.append(clips)
            self.train = self.test = clips

        def train_all(self):
            return {"clips": 0, "accuracy": {}}

    monkeypatch.setattr("fernet.training.run.Run", Recorder)
    monkeypatch.setattr("fernet.training.finished.repair", lambda run: None)
    arguments = [
        "train",
        "--data",
        f"synthetic:{name}",
        "--frames",
        "1",
        "--folds",
        "2",
        "--out",
        str(tmp_path / "run"),
    ]
    with pytest.raises(SystemExit) as stop:
        main([*arguments, "--backend", "numpy"])
    assert not stop.value.code
    expected = single_frames(load_set(name), peak)
    assert seen[0].preprocessing.appearance_frames == 1
    difference = np.abs(seen[0].faces.astype(int) - expected.faces)
    assert difference.max() <= 1  # the middle frame may be one interpolated by way of three
