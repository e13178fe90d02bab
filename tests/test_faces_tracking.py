"""The tracker on rendered faces with known landmarks, and on boxes made by hand."""

import cv2
import numpy as np
import pytest

from fernet.errors import UserError
from fernet.faces.boxes_from_landmarks import face_boxes
from fernet.faces.detection import FaceDetector, find_rotation, nearest
from fernet.faces.landmarks import BUILT_IN, LandmarkModel, built_in_note, find_model, installed_model_path
from fernet.faces.tracking import FaceTracker, fill_gaps, smooth, track
from fernet.synthetic import clip_specs, render_clip


@pytest.fixture(scope="module")
def clip():
    return render_clip(clip_specs("demo")[3], 192)


@pytest.fixture(scope="module")
def detector():
    return FaceDetector()


class CountingDetector(FaceDetector):
    def __init__(self):
        super().__init__()
        self.full = self.near = 0

    def search(self, frame):
        self.full += 1
        return super().search(frame)

    def search_near(self, frame, before):
        self.near += 1
        return super().search_near(frame, before)


def test_one_full_search_then_only_the_neighbourhood(clip):
    counting = CountingDetector()
    followed = track(clip.frames, counting)
    assert (counting.full, counting.near) == (1, len(clip.frames) - 1)
    assert followed.used.all()
    assert followed.report.found == followed.report.frames == len(clip.frames)
    expected = face_boxes(clip.landmarks)
    error = np.abs(followed.boxes - expected) / expected[:, 2:3]
    assert np.median(error) < 0.08


def test_a_moving_face_is_followed(clip, detector):
    room = np.full((300, 600), 90, np.uint8)
    frames = []
    for number in range(20):
        frame = room.copy()
        frame[50:242, 10 + 18 * number : 202 + 18 * number] = clip.frames[0]
        frames.append(frame)
    followed = track(frames, detector)
    assert followed.used.all()
    steps = np.diff(followed.boxes[:, 0])
    np.testing.assert_allclose(steps.mean(), 18, atol=0.5)
    assert steps.std() < 2  # of jitter


def test_gaps_are_filled_up_to_ten_frames(clip, detector):
    blank = np.full_like(clip.frames[0], 128)
    wall = clip.frames[0].copy()
    wall[:] = cv2.GaussianBlur(wall, (0, 0), 12)  # too similar to be a cut
    for gap, filled in ((4, 4), (11, 0)):
        frames = [clip.frames[0]] * 3 + [wall] * gap + [clip.frames[0]] * 8
        report = track(frames, detector).report
        assert (report.filled, report.missing, report.cuts) == (filled, report.frames - report.found - filled, 0)
        assert report.found < report.frames
    with pytest.raises(UserError, match=r"no face was found in any of its 5 frames"):
        track([blank] * 5, detector)
    frames = [clip.frames[0]] * 3 + [wall] * 4 + [clip.frames[0]] * 8
    with pytest.raises(UserError, match=r"the first is number 4; --on-missing-face skip"):
        track(frames, detector, "error")
    skipped = track(frames, detector, "skip")
    assert not skipped.used[3:7].any()
    assert skipped.report.filled == 0
    with pytest.raises(UserError, match="on_missing_face is 'ignore'"):
        track(frames, detector, "ignore")


def test_a_cut_is_seen_and_nothing_is_filled_across_it(clip, detector):
    dark = (clip.frames[0] // 3)[:, ::-1]
    frames = [clip.frames[0]] * 4 + [np.zeros_like(dark)] * 2 + [dark] * 4
    report = track(frames, detector).report
    assert report.cuts == 2
    assert report.filled == 0
    assert report.missing >= 2


def test_the_largest_face_is_followed_and_the_others_are_counted(clip, detector):
    pair = np.hstack([cv2.resize(clip.frames[0], (120, 120)), np.full((120, 20), 128, np.uint8)])
    pair = cv2.copyMakeBorder(pair, 40, 32, 0, 0, cv2.BORDER_REPLICATE)
    followed = track([np.hstack([pair, clip.frames[0]])] * 3, detector)
    assert followed.report.other_faces == 1
    assert (followed.boxes[:, 0] > 140).all()


def test_short_gaps_are_straight_lines():
    boxes = np.zeros((16, 4))
    boxes[0], boxes[4], boxes[15] = 8, 0, 100
    found = np.zeros(16, bool)
    found[[0, 4, 15]] = True
    used = fill_gaps(boxes, found, np.zeros(16, int))
    assert used.all()
    np.testing.assert_allclose(boxes[:5, 0], [8, 6, 4, 2, 0])
    np.testing.assert_allclose(np.diff(boxes[4:, 0]), 100 / 11)
    apart = fill_gaps(boxes.copy(), found, np.array([0] * 3 + [1] * 13))
    np.testing.assert_array_equal(np.flatnonzero(~apart), [1, 2, 3])
    found[4] = False
    assert fill_gaps(boxes, found, np.zeros(16, int)).sum() == 2


def test_smoothing_keeps_steady_motion_calms_noise_and_stops_at_cuts(rng):
    line = np.arange(30)[:, None] * np.array([3.0, -1.0, 0.5, 0.5]) + 40
    used, shots = np.ones(30, bool), np.zeros(30, int)
    boxes = line.copy()
    smooth(boxes, used, shots)
    np.testing.assert_allclose(boxes, line, atol=1e-9)
    noisy = line + rng.normal(0, 1, line.shape)
    smooth(noisy, used, shots)
    assert (noisy - line).std() < 0.6
    jump = np.where(np.arange(30)[:, None] < 15, 10.0, 90.0) * np.ones(4)
    expected = jump.copy()
    smooth(jump, used, np.repeat([0, 1], 15))
    np.testing.assert_allclose(jump, expected)


def test_nearest_refuses_other_faces():
    before = np.array([100.0, 100, 50, 50])
    near, far, small = [110.0, 100, 50, 50], [160.0, 100, 50, 50], [110.0, 110, 25, 25]
    assert nearest(np.array([far, near, small]), before).tolist() == near
    assert nearest(np.array([far, small]), before) is None
    assert nearest(np.empty((0, 4)), before) is None


def test_small_and_turned_frames(clip, detector):
    small = cv2.resize(clip.frames[0][20:150, 30:160], (64, 64), interpolation=cv2.INTER_AREA)
    assert len(detector.search(small)) == 1
    for turns in range(4):
        assert find_rotation(np.ascontiguousarray(np.rot90(clip.frames[0], turns)), detector) == 90 * turns
    assert find_rotation(np.zeros((50, 50), np.uint8), detector) == 0


def test_a_window_at_the_edge_of_the_frame(detector):
    tracker = FaceTracker(detector)
    assert tracker.look(np.zeros((40, 40), np.uint8)) is None
    assert detector.search_near(np.zeros((40, 40), np.uint8), np.array([35.0, 35, 300, 300])) is None


def test_landmarks_lie_on_the_face(clip):
    model = LandmarkModel(BUILT_IN)
    points = np.stack([model.fit(f, b[None])[0] for f, b in zip(clip.frames, face_boxes(clip.landmarks), strict=True)])
    eyes = np.linalg.norm(clip.landmarks[:, 36] - clip.landmarks[:, 45], axis=1)
    error = np.linalg.norm(points - clip.landmarks, axis=2).mean(axis=1) / eyes
    assert error.mean() < 0.1


def test_fit_refuses_what_open_cv_would_misread(clip):
    model, frame = LandmarkModel(BUILT_IN), clip.frames[0]
    before = frame.copy()
    for box, words in (
        ([10, 10, 0, 20], "positive w, h"),
        ([10, 10, -5, 20], "positive"),
        ([np.nan, 0, 9, 9], "finite"),
        ([10, 10, 0.2, 20], "no area"),
        ([500, 500, 30, 30], "outside the frame"),
    ):
        with pytest.raises(UserError, match=words):
            model.fit(frame, np.array([box]))
    with pytest.raises(UserError, match="uint8, got float32"):
        model.fit(frame.astype(np.float32), np.array([[10, 10, 20, 20]]))
    with pytest.raises(UserError, match="grey"):
        model.fit(np.dstack([frame] * 3), np.array([[10, 10, 20, 20]]))
    assert model.fit(frame, np.empty((0, 4))).shape == (0, 68, 2)
    np.testing.assert_array_equal(frame, before)


def test_threads_do_not_share_the_model(clip):
    from concurrent.futures import ThreadPoolExecutor

    model, boxes = LandmarkModel(BUILT_IN), face_boxes(clip.landmarks)[:, None]
    alone = [model.fit(frame, box) for frame, box in zip(clip.frames, boxes, strict=True)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(model.fit, list(clip.frames) * 5, list(boxes) * 5))
    np.testing.assert_array_equal(together, alone * 5)


def test_which_model_is_used(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.delenv("FERNET_LANDMARK_MODEL", raising=False)
    assert find_model(None) == BUILT_IN
    assert "landmarks fetch" in built_in_note(BUILT_IN)
    installed = installed_model_path()
    assert installed == tmp_path / "fernet" / "lbfmodel.yaml"
    installed.parent.mkdir()
    installed.touch()
    assert find_model(None) == installed
    assert built_in_note(installed) is None
    other = tmp_path / "other.yaml"
    other.touch()
    monkeypatch.setenv("FERNET_LANDMARK_MODEL", str(other))
    assert find_model(None) == other
    assert find_model(str(installed)) == installed
    for name in ("--landmark-model", "FERNET_LANDMARK_MODEL"):
        monkeypatch.setenv("FERNET_LANDMARK_MODEL", str(tmp_path / "none"))
        with pytest.raises(UserError, match=name):
            find_model(str(tmp_path / "nothing") if name.startswith("--") else None)
