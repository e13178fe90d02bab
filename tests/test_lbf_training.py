"""Training of landmark models, and prediction compared with that of OpenCV on the written file."""

import gzip
import re

import cv2
import numpy as np
import pytest
from click.testing import CliRunner
from recorded_progress import RecordedProgress

from fernet import threads
from fernet.commands.landmarks import landmarks
from fernet.errors import UserError
from fernet.faces.detection import FaceDetector
from fernet.faces.landmarks import LandmarkModel
from fernet.faces.lbf.cascade import predict
from fernet.faces.lbf.file import LbfHeader, check_lbf_file
from fernet.faces.lbf.photometry import vary
from fernet.faces.lbf.pts_folder import PtsFolder, read_points
from fernet.faces.lbf.regression import predicted_moves, regress, rounded
from fernet.faces.lbf.samples import SIZE, box_from_points, cut_out, cut_out_all, training_samples
from fernet.faces.lbf.shapes import MIRROR, into_mean_frame, landmark_errors, out_of_mean_frame, similarity
from fernet.faces.lbf.training import CascadeSettings, train_cascade
from fernet.faces.lbf.trees import grow_tree, pixel_differences
from fernet.faces.lbf.writer import write_cascade
from fernet.synthetic.face_shape import MEAN_SHAPE
from fernet.synthetic.face_shape import MIRROR as MIRROR_OF_RENDERER

SETTINGS = CascadeSettings(trees=2, depth=3, stages=2)


def drawn_face(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A sketch with dots and lines at the landmarks, (160, 160) uint8 and (68, 2); detectors find no face in it."""
    rng = np.random.default_rng(seed)
    angle, size = rng.normal(0, 0.15), rng.uniform(38, 48)
    turn = size * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    points = (MEAN_SHAPE[:68, :2] + (0, -0.3)) @ turn.T + 80 + rng.normal(0, 4, 2)
    points[48:] += (0, rng.uniform(-4, 8))  # the mouth moves up and down independently
    image = np.full((160, 160), rng.uniform(120, 200), np.float32)
    for first, last, grey in ((0, 17, 90), (17, 22, 20), (22, 27, 20), (27, 36, 70), (36, 48, 0), (48, 68, 40)):
        cv2.polylines(image, [np.rint(points[first:last]).astype(np.int32)], False, grey, 2)
    image = cv2.GaussianBlur(image, (0, 0), 1.5) + rng.normal(0, 3, image.shape)
    return np.clip(image, 0, 255).astype(np.uint8), points


@pytest.fixture(scope="module")
def samples():
    return training_samples(cut_out_all(drawn_face, 40)[0], seed=0)


@pytest.fixture(scope="module")
def cascade(samples):
    return train_cascade(*samples, SETTINGS)


@pytest.fixture(scope="module")
def model_file(cascade, tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "model.yaml.gz"
    write_cascade(path, cascade)
    return path


def test_prediction_is_that_of_opencv(cascade, model_file):
    model = LandmarkModel(model_file)
    boxes = [[40, 38, 80, 80], [35, 41, 91, 77], [-10, -5, 101, 101], [90, 100, 66, 59], [100, 103, 80, 80]]
    for seed in range(200, 206):
        image, _ = drawn_face(seed)
        found = model.fit(image, np.array(boxes))
        own = [predict(cascade, image, tuple(box)) for box in boxes]
        np.testing.assert_allclose(found, own, atol=1e-3)


def test_trained_model_beats_its_mean_shape_on_unseen_faces(cascade):
    faces = [drawn_face(seed) for seed in range(100, 120)]
    boxes = [np.rint(box_from_points(points)).astype(int) for _, points in faces]
    true = np.stack([points for _, points in faces])
    found = np.stack([predict(cascade, image, box.tolist()) for (image, _), box in zip(faces, boxes, strict=True)])
    mean = np.stack([box[:2] + box[2:] / 2 + cascade.mean_shape * box[2:] / 2 for box in boxes])
    assert landmark_errors(found, true).mean() < 0.5 * landmark_errors(mean, true).mean()
    mouths = [(shapes[:, 48:].mean(axis=1) - shapes[:, 27:36].mean(axis=1))[:, 1] for shapes in (found, true)]
    assert np.corrcoef(mouths)[0, 1] > 0.6  # the independent movement is found


def test_same_seed_same_bytes_for_any_number_of_threads(samples, model_file, tmp_path):
    images, points = samples
    for count in (1, 3):  # OpenCV and BLAS used their own threads when the file was made
        with threads.worker_threads(count):
            again, _ = training_samples(cut_out_all(drawn_face, 40)[0], seed=0)
            write_cascade(tmp_path / "model.yaml.gz", train_cascade(again, points, SETTINGS))
        assert np.array_equal(again.images, images.images)
        assert (tmp_path / "model.yaml.gz").read_bytes() == model_file.read_bytes()
    other = train_cascade(images, points, CascadeSettings(2, 3, 1, seed=1))
    assert not np.array_equal(other.stages[0].thresholds, train_cascade(*samples, SETTINGS).stages[0].thresholds)


def test_file_is_checked_small_and_the_same_unpacked(cascade, model_file, tmp_path):
    assert check_lbf_file(model_file) == LbfHeader(stages=2, trees=2, depth=3, landmarks=68)
    write_cascade(tmp_path / "model.yaml", cascade)
    text = (tmp_path / "model.yaml").read_bytes()
    assert gzip.decompress(model_file.read_bytes()) == text
    assert model_file.stat().st_size < len(text) / 4
    with pytest.raises(UserError, match=r"ends in \.yaml"):
        write_cascade(tmp_path / "model.npz", cascade)


def test_a_model_of_ones_own_is_refused_wherever_it_is_damaged(cascade, tmp_path):
    path, rng = tmp_path / "model.yaml", np.random.default_rng(3)
    write_cascade(path, cascade)
    whole = path.read_bytes()
    start = whole.index(b"stages_n")
    places = [*range(15, start), *rng.integers(start, len(whole), 150)]
    for place in places:
        damaged = bytearray(whole)
        damaged[place] = ord("B") if damaged[place] == ord("A") else ord("A")
        path.write_bytes(damaged)
        with pytest.raises(UserError, match="not an LBF landmark model"):
            check_lbf_file(path)
    for end in (len(whole) - 1, whole.index(b"weights_1")):
        path.write_bytes(whole[:end])
        with pytest.raises(UserError, match="checksum"):
            check_lbf_file(path)


def test_only_a_checksum_in_the_first_line_counts(cascade, tmp_path):
    path = tmp_path / "model.yaml"
    write_cascade(path, cascade)
    head, line, body = re.fullmatch(rb"(%YAML:1.0\n---\n)(sha256.*?\n)(.*)", path.read_bytes(), re.DOTALL).groups()
    path.write_bytes(head + body)
    assert not check_lbf_file(path).has_checksum  # a model of an earlier version
    path.write_bytes(head + line + body)
    assert check_lbf_file(path).has_checksum
    path.write_bytes(head + body + line)
    with pytest.raises(UserError, match="entries do not belong in it, such as sha256"):
        check_lbf_file(path)


def test_scale_is_the_norm_of_opencvs_covariance(rng):
    mean, shapes = rng.normal(size=(68, 2)), rng.normal(size=(4, 68, 2))

    def size(shape):
        covariance, _ = cv2.calcCovarMatrix(shape - shape.mean(axis=0), None, cv2.COVAR_COLS)
        return np.sqrt(np.linalg.norm(covariance))

    expected = [size(shape) / size(mean) for shape in shapes]
    np.testing.assert_allclose(np.sqrt(np.linalg.det(similarity(shapes, mean))), expected)


def test_rotation_is_found(rng):
    mean = rng.normal(size=(68, 2))
    angles = np.array([-2.5, -0.3, 0.0, 1.2])
    turns = np.array([[[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]] for a in angles])
    A = similarity(3 * mean @ turns.transpose(0, 2, 1) + 7, mean)
    np.testing.assert_allclose(np.arctan2(A[:, 1, 0], A[:, 0, 0]), angles, atol=1e-12)
    np.testing.assert_allclose(A[2], 3 * np.eye(2), atol=1e-12)
    moves = rng.normal(size=(4, 68, 2))
    np.testing.assert_allclose(into_mean_frame(moves, A)[3, 5], np.linalg.inv(A[3]) @ moves[3, 5])
    np.testing.assert_allclose(out_of_mean_frame(into_mean_frame(moves, A), A), moves)


def test_pixel_differences_pixel_by_pixel(rng):
    images = rng.integers(0, 256, (3, 7, 9)).astype(np.uint8)
    points, frames, offsets = rng.uniform(0, 7, (3, 2)), rng.normal(0, 4, (3, 2, 2)), rng.uniform(-1, 1, (5, 4))
    found = pixel_differences(images, points, frames, offsets)
    for n, f in np.ndindex(3, 5):
        values = []
        for offset in (offsets[f, :2], offsets[f, 2:]):
            x, y = points[n] + frames[n] @ offset
            values.append(int(images[n, int(min(max(y, 0), 6)), int(min(max(x, 0), 8))]))
        assert found[n, f] == values[0] - values[1]
    one_each = pixel_differences(images, points, frames, np.repeat(offsets[None, 2:3], 3, axis=0))
    assert np.array_equal(one_each, found[:, 2:3])


def test_tree_finds_the_telling_candidates(rng):
    differences = rng.integers(-200, 200, (400, 20)).astype(np.int16)
    targets = np.zeros((400, 2))
    targets[:, 0] = np.where(differences[:, 7] < 0, -5, 5)
    targets[:, 1] = np.where(differences[:, 3] < 20, -1, 1)
    chosen, thresholds = grow_tree(differences, targets, 5, rng)
    assert chosen[1] == 7
    assert {3, 7} <= set(chosen[2:16])
    node = np.ones(400, int)
    for _ in range(4):
        node = 2 * node + (differences[np.arange(400), chosen[node]] >= thresholds[node])
    left = sum(((targets[node == leaf] - targets[node == leaf].mean(axis=0)) ** 2).sum() for leaf in np.unique(node))
    assert left < 0.25 * ((targets - targets.mean(axis=0)) ** 2).sum()
    chosen, _ = grow_tree(differences[:1], targets[:1], 4, rng)  # too few samples to split: every node has a candidate
    assert (chosen[1:8] >= 0).all()


def test_regression_is_ridge_regression(rng):
    columns = np.stack([rng.integers(0, 4, 50) + 4 * tree for tree in range(3)], axis=1)
    targets = rng.normal(size=(50, 6))
    X = np.zeros((50, 12))
    for row, chosen in zip(X, columns, strict=True):
        row[chosen] = 1
    augmented = np.vstack([X, np.sqrt(0.7) * np.eye(12)])
    expected = np.linalg.lstsq(augmented, np.vstack([targets, np.zeros((12, 6))]), rcond=None)[0]
    W = regress(columns, 12, targets, 0.7)
    np.testing.assert_allclose(W, expected, atol=1e-5)
    np.testing.assert_allclose(predicted_moves(columns, W.T), (X @ W).reshape(50, 3, 2))


def test_rounded_weights_have_few_values(rng):
    weights = rng.normal(0, 0.01, (20, 500))
    result = rounded(weights)
    assert result.dtype == np.float32
    assert len(np.unique(result)) <= 127
    assert np.abs(result - weights).max() <= np.abs(weights).max() / 63


def test_mirror_is_that_of_the_renderer():
    assert MIRROR.tolist() == MIRROR_OF_RENDERER[:68].tolist()


def test_samples_keep_their_points_on_the_pixels():
    image = np.zeros((300, 300), np.uint8)
    _, points = drawn_face(1)
    points = np.rint(points * 1.5)
    for x, y in points.astype(int):
        image[y - 1 : y + 2, x - 1 : x + 2] = 255
    face = cut_out(image, points, FaceDetector())
    assert not face.detected
    at = np.rint(face.points).astype(int)
    assert face.image[at[:, 1], at[:, 0]].min() > 120
    assert face.image.mean() < 60
    np.testing.assert_allclose(face.centre, SIZE / 2, atol=1)


def test_light_varies_and_follows_the_seed():
    image, _ = drawn_face(0)
    before = image.copy()
    variants = [vary(image, np.random.default_rng(seed)) for seed in range(20)]
    assert np.array_equal(image, before)
    assert np.array_equal(vary(image, np.random.default_rng(3)), variants[3])
    assert np.std([variant.mean() for variant in variants]) > 5
    assert {variant.dtype for variant in variants} == {np.dtype(np.uint8)}


def write_pts(path, points, count="68"):
    lines = "\n".join(f"{x:.6f} {y:.6f}" for x, y in points)
    path.write_text(f"version: 1\nn_points:  {count}\n{{\n{lines}\n}}\n")


@pytest.fixture
def folder(tmp_path):
    """20 usable images, one of them deeper down, and four that are not."""
    (tmp_path / "faces" / "deeper").mkdir(parents=True)
    for number in range(20):
        image, points = drawn_face(number)
        path = tmp_path / "faces" / ("deeper" if number == 7 else "") / f"face{number:02d}.png"
        cv2.imwrite(str(path), image)
        write_pts(path.with_suffix(".pts"), points + 1)
    image, points = drawn_face(30)
    for name in ("alone", "few", "words", "outside"):
        cv2.imwrite(str(tmp_path / "faces" / f"{name}.png"), image)
    write_pts(tmp_path / "faces" / "few.pts", points[:67])
    write_pts(tmp_path / "faces" / "outside.pts", points + 1000)
    (tmp_path / "faces" / "words.pts").write_text("version: 1\nn_points: 68\n{\nleft eye\n}\n")
    return tmp_path / "faces"


def test_pts_files_count_pixels_from_one(folder):
    np.testing.assert_allclose(read_points(folder / "face03.pts"), drawn_face(3)[1], atol=1e-5)


def test_bad_files_are_named_and_left_out(folder):
    faces, progress = PtsFolder(folder), RecordedProgress()
    found, skipped = cut_out_all(faces.read, len(faces), progress)
    assert (len(found), len(skipped), sum(progress.counts[0])) == (20, 4, 24)
    assert progress.tasks == [("faces", 24)]
    for name, reason in (
        ("alone", "not exist"),
        ("few", "67"),
        ("words", "cannot be read"),
        ("outside", "lie outside"),
    ):
        assert any(f"{name}.p" in line and reason in line for line in skipped)


def test_command_trains_from_a_folder(folder, tmp_path):
    path = tmp_path / "model.yaml"
    options = ["train", "--data", str(folder), "--out", str(path), "--trees", "1", "--depth", "2", "--stages", "1"]
    result = CliRunner().invoke(landmarks, options, catch_exceptions=False)
    assert "20 faces, " in result.output
    assert "4 images were left out" in result.output
    assert check_lbf_file(path) == LbfHeader(stages=1, trees=1, depth=2, landmarks=68)


def test_interrupted_training_leaves_nothing(folder, tmp_path, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("fernet.faces.lbf.training._train_stage", interrupted)
    (tmp_path / "out").mkdir()
    CliRunner().invoke(landmarks, ["train", "--data", str(folder), "--out", str(tmp_path / "out" / "m.yaml")])
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--out", "m.npz"], "ends in .yaml"),
        (["--out", "m.yaml", "--data", "nowhere"], "is not a folder"),
        (["--out", "m.yaml", "--depth", "1"], "depth is 1, expected 2 to 10"),
        (["--out", "m.yaml", "--seed", "-1"], "seed"),
    ],
)
def test_refusals(options, words):
    with pytest.raises(UserError, match=words):
        CliRunner().invoke(landmarks, ["train", *options], catch_exceptions=False)


def test_a_folder_without_enough_faces_is_refused(tmp_path):
    with pytest.raises(UserError, match="holds no images"):
        PtsFolder(tmp_path)
    with pytest.raises(UserError, match="3 faces are too few"):
        cut_out_all(drawn_face, 3)
