"""Synthetic faces: the same pixels every time, and landmarks and skin that agree with the picture."""

from pathlib import Path

import numpy as np
import pytest

import fernet
from fernet.faces.boxes_from_landmarks import face_boxes
from fernet.synthetic import clip_specs, random_face, render_clip
from fernet.synthetic.action_units import UNIT_INDEX, UNIT_NAMES, express
from fernet.synthetic.camera import project
from fernet.synthetic.drawing import filled, smooth_curve, stroke
from fernet.synthetic.face_shape import MEAN_SHAPE, MIRROR
from fernet.synthetic.head import render_head
from fernet.synthetic.lighting import Light, shade
from fernet.synthetic.render import head_of
from fernet.synthetic.timing import Pose
from fernet.synthetic.warp import thin_plate

SIZE = 128
FRONTAL = Pose(0.0, 0.0, 0.0, 0.5, 0.44, 0.28)
LIGHT = Light(np.array([0.0, 0.0, 1.0]), ambient=0.5, gloss=0.0)


def activated(**units):
    activation = np.zeros((len(UNIT_NAMES), 2))
    for name, strength in units.items():
        activation[UNIT_INDEX[name]] = strength
    return activation


def picture(head, pose=FRONTAL, size=SIZE, **units):
    return render_head(head, activated(**units), pose, np.zeros(2), LIGHT, np.zeros((size, size), np.float32))


@pytest.fixture(scope="module")
def head():
    return head_of(clip_specs("demo")[0])


def centre_of_change(before, after):
    change = np.abs(after - before)
    y, x = np.mgrid[: len(change), : len(change)]
    return np.array([(x * change).sum(), (y * change).sum()]) / change.sum()


def test_same_spec_same_pixels_in_any_order():
    first, second = clip_specs("demo")[:2]
    forwards = [render_clip(spec, 96) for spec in (first, second)]
    backwards = [render_clip(spec, 96) for spec in (second, first)][::-1]
    for one, other in zip(forwards, backwards, strict=True):
        np.testing.assert_array_equal(one.frames, other.frames)
        np.testing.assert_array_equal(one.landmarks, other.landmarks)
    other_seed = clip_specs("demo", seed=1)[0]
    assert not np.array_equal(render_clip(other_seed, 96).frames[0], forwards[0].frames[0])


def test_clip_has_the_promised_form():
    spec = clip_specs("ck+")[7]
    clip = render_clip(spec, 80)
    F = len(clip.frames)
    assert 10 <= F <= 24
    assert clip.frames.shape == (F, 80, 80)
    assert clip.frames.dtype == np.uint8
    assert clip.landmarks.shape == (F, 68, 2)
    assert clip.landmarks.dtype == np.float32
    assert clip.landmarks.min() > 0
    assert clip.landmarks.max() < 80


def test_clips_of_a_subject_share_shape_and_appearance():
    specs = clip_specs("demo")
    mine = [spec for spec in specs if spec.subject == specs[0].subject]
    stranger = next(spec for spec in specs if spec.subject != specs[0].subject)
    one, other, third = head_of(mine[0]), head_of(mine[1]), head_of(stranger)
    np.testing.assert_array_equal(one.tones, other.tones)
    np.testing.assert_array_equal(one.neutral, other.neutral)
    assert one.appearance == other.appearance
    assert one.appearance != third.appearance
    assert np.abs(one.neutral - third.neutral).max() > 0.01


def test_a_moved_head_takes_its_pixels_and_landmarks_along(head):
    still, points = picture(head)
    moved, moved_points = picture(head, pose=Pose(0.0, 0.0, 0.0, 0.5 + 8 / SIZE, 0.44 - 4 / SIZE, 0.28))
    np.testing.assert_allclose(moved_points - points, np.tile([8.0, -4.0], (68, 1)), atol=1e-9)
    difference = np.abs(moved[20:100, 28:108] - still[24:104, 20:100])
    assert difference.mean() < 0.002


@pytest.mark.parametrize("yaw", [-0.3, 0.2])
def test_turning_the_other_way_is_the_mirror_image(yaw):
    points, depths = project(MEAN_SHAPE, Pose(yaw, 0.1, 0.05, 0.5, 0.5, 0.3), 101)
    mirrored, mirrored_depths = project(MEAN_SHAPE, Pose(-yaw, 0.1, -0.05, 0.5, 0.5, 0.3), 101)
    np.testing.assert_allclose(mirrored[MIRROR], [100, 0] + points * [-1, 1], atol=1e-9)
    np.testing.assert_allclose(mirrored_depths[MIRROR], depths, atol=1e-9)


def test_shutting_the_eyes_changes_the_eyes(head):
    open_eyes, points = picture(head)
    shut, _ = picture(head, AU43=1.0)
    change = np.abs(shut - open_eyes)
    unit = FRONTAL.scale * SIZE
    near = np.zeros_like(change, dtype=bool)
    for eye in (slice(36, 42), slice(42, 48)):
        left, top = (points[eye].min(axis=0) - 0.15 * unit).astype(int)
        right, bottom = (points[eye].max(axis=0) + 0.15 * unit).astype(int)
        near[top:bottom, left:right] = True
    assert change[near].sum() > 0.8 * change.sum()


@pytest.mark.parametrize(("unit", "region"), [("AU12", slice(48, 68)), ("AU4", slice(17, 27)), ("AU27", slice(48, 68))])
def test_pixels_change_where_landmarks_move(head, unit, region):
    neutral, points = picture(head)
    moved, moved_points = picture(head, **{unit: 1.0})
    middle = (points[region].mean(axis=0) + moved_points[region].mean(axis=0)) / 2
    distance = np.linalg.norm(centre_of_change(neutral, moved) - middle)
    assert distance < 0.35 * FRONTAL.scale * SIZE


def test_an_open_mouth_is_dark_between_the_inner_lips(head):
    shown, points = picture(head, AU27=1.0)
    inside = filled(points[60:68], shown.shape) > 0.99
    lips = (filled(points[48:60], shown.shape) > 0.99) & (filled(points[60:68], shown.shape) < 0.01)
    assert inside.sum() > 20
    assert np.median(shown[inside]) < 0.6 * np.median(shown[lips])


def test_pupils_lie_between_the_lids(head):
    shown, points = picture(head, size=256, AU5=0.5)
    for eye in (slice(36, 42), slice(42, 48)):
        opening = filled(smooth_curve(points[eye], closed=True), shown.shape) > 0.99
        rows, columns = np.nonzero(opening & (shown < np.percentile(shown[opening], 25)))
        middle = points[eye].mean(axis=0)
        assert np.abs([columns.mean() - middle[0], rows.mean() - middle[1]]).max() < 0.08 * 0.28 * 256


def test_some_expression_is_seen_in_the_skin_alone(head):
    neutral, points = picture(head)
    folded, folded_points = picture(head, AU11=1.0)
    np.testing.assert_array_equal(points, folded_points)
    assert np.abs(folded - neutral).max() > 0.01
    beside_nose = (points[31] + points[48] + points[35] + points[54]) / 4
    assert np.linalg.norm(centre_of_change(neutral, folded) - beside_nose) < 0.3 * FRONTAL.scale * SIZE


def test_clips_that_return_end_as_they_began_and_others_end_at_the_peak():
    returning = next(spec for spec in clip_specs("mmi") if spec.label == "surprise")
    ending = next(spec for spec in clip_specs("demo") if spec.label == "surprise")
    for spec, returns in ((returning, True), (ending, False)):
        points = render_clip(spec, 64).landmarks
        opening = (points[:, 8, 1] - points[:, 27, 1]) / (points[:, 45, 0] - points[:, 36, 0])
        change = np.abs(opening - opening[0])
        assert (change[-1] < 0.4 * change.max()) == returns


def test_haar_finds_the_faces_where_the_known_boxes_are():
    import cv2

    cascade = Path(fernet.__file__).parent / "faces" / "data" / "haarcascade_frontalface_alt2.xml"
    detector = cv2.CascadeClassifier(str(cascade))
    found, overlaps = 0, []
    specs = clip_specs("demo")[::10]
    for spec in specs:
        clip = render_clip(spec, 192)
        boxes = detector.detectMultiScale(clip.frames[-1], 1.1, 3, minSize=(50, 50))
        if len(boxes):
            found += 1
            overlaps.append(max(overlap(box, face_boxes(clip.landmarks[-1:])[0]) for box in boxes))
    assert found >= len(specs) - 1
    assert np.median(overlaps) > 0.8


def overlap(a, b):
    """Intersection over union of two boxes (x, y, w, h)."""
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    common = max(width, 0) * max(height, 0)
    return common / (a[2] * a[3] + b[2] * b[3] - common)


def test_boxes_follow_the_landmarks():
    points = project(express(MEAN_SHAPE, activated()), FRONTAL, 200)[0][:68][None]
    x, y, w, h = face_boxes(points)[0]
    moved = face_boxes(points * 2 + [10, 20])[0]
    np.testing.assert_allclose(moved, [2 * x + 10 - 0.5, 2 * y + 20 - 0.5, 2 * w, 2 * h])
    kept = points[0, 17:]
    assert (kept > [x, y]).all()
    assert (kept < [x + w, y + h]).all()


def test_random_faces_are_repeatable_and_varied():
    pictures, points = zip(*(random_face(np.random.default_rng(seed), 96) for seed in range(8)), strict=True)
    again, same_points = random_face(np.random.default_rng(3), 96)
    np.testing.assert_array_equal(again, pictures[3])
    np.testing.assert_array_equal(same_points, points[3])
    assert again.shape == (96, 96)
    assert again.dtype == np.uint8
    assert same_points.shape == (68, 2)
    assert same_points.dtype == np.float32
    turns = [np.degrees(np.arctan2(*(p[45] - p[36])[::-1])) for p in points]
    assert np.ptp(turns) > 5
    assert np.ptp([picture.mean() for picture in pictures]) > 20
    assert all((p > 0).all() and (p < 95).all() for p in points)


def test_thin_plate_keeps_slopes_and_passes_through_its_points(rng):
    points = rng.uniform(0, 40, (12, 2))
    plane = points @ [[2.0], [-0.5]] + 3
    y, x = np.mgrid[:41, :41]
    inside = slice(4, -4)  # the outermost pixels lie beyond the last whole step of the grid
    shown = thin_plate(points, plane, 41)[0]
    np.testing.assert_allclose(shown[inside, inside], (2 * x - 0.5 * y + 3)[inside, inside], atol=1e-3)
    nodes = np.array([(8, 8), (8, 28), (28, 8), (28, 28), (20, 16)])
    values = rng.normal(size=(5, 1))
    surface = thin_plate(nodes.astype(float), values, 41)[0]
    np.testing.assert_allclose(surface[nodes[:, 1], nodes[:, 0]], values[:, 0], atol=0.02)


def test_light_falls_on_the_side_of_the_lamp():
    y, x = np.mgrid[:40, :40].astype(np.float32)
    dome = np.sqrt(np.maximum(900 - (x - 19.5) ** 2 - (y - 19.5) ** 2, 1)).astype(np.float32)
    direction = np.array([1.0, 0.0, 1.0]) / np.sqrt(2)
    diffuse, highlight = shade(dome, Light(direction, ambient=0.2, gloss=0.1))
    assert diffuse[20, 35] > diffuse[20, 5] + 0.3
    flat, _ = shade(np.zeros((8, 8), np.float32), Light(direction, ambient=0.2, gloss=0.1))
    np.testing.assert_allclose(flat, 1.0, atol=1e-5)
    assert abs(np.unravel_index(highlight.argmax(), highlight.shape)[0] - 20) <= 1


def test_areas_of_drawn_shapes():
    square = np.array([(4.5, 4.5), (10.0, 4.5), (10.0, 8.0), (4.5, 8.0)])
    np.testing.assert_allclose(filled(square, (16, 16)).sum(), 5.5 * 3.5, rtol=0.15)
    line = np.array([(5.0, 10.0), (25.0, 10.0)])
    np.testing.assert_allclose(stroke(line, 5.0, (32, 32)).sum(), 20 * 5 + np.pi * 2.5**2, rtol=0.1)  # round ends
    corners = np.array([(0.0, 0.0), (1.0, 3.0), (2.0, 1.0)])
    np.testing.assert_allclose(smooth_curve(corners)[::6], corners)
