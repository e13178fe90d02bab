"""Points that come with photographs and clips are compared with the picture before they are used."""

import cv2
import numpy as np
import pytest

from fernet.errors import UserError
from fernet.faces.detection import FaceDetector
from fernet.faces.landmark_files import fault_of_landmarks, fault_of_place
from fernet.faces.lbf.pts_folder import PtsFolder
from fernet.synthetic import clip_specs, render_clip

_TURNED = b"\xff\xe1\x00\x22Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"  # orientation 6


@pytest.fixture(scope="module")
def face():
    """A procedural face (192, 192) uint8 and its points (68, 2)."""
    clip = render_clip(clip_specs("demo")[0], 192)
    return clip.frames[0], clip.landmarks[0].astype(np.float64)


def write_photo(folder, picture, points, exif=b""):
    jpeg = cv2.imencode(".jpg", picture)[1].tobytes()
    (folder / "face.jpg").write_bytes(jpeg[:2] + exif + jpeg[2:])
    lines = "".join(f"{x} {y}\n" for x, y in (points + 1).tolist())
    (folder / "face.pts").write_text(f"version: 1\nn_points: 68\n{{\n{lines}}}\n")
    return PtsFolder(folder)


def test_points_of_a_photo_that_is_turned_by_its_exif(face, tmp_path):
    picture, points = face
    lying, shape = np.rot90(picture), picture.shape  # a quarter turn anticlockwise; orientation 6 turns it back
    shown, read = write_photo(tmp_path, lying, points, _TURNED).read(0)
    assert np.abs(shown.astype(int) - picture).mean() < 3
    np.testing.assert_allclose(read, points)
    as_stored = np.stack([points[:, 1], shape[1] - 1 - points[:, 0]], axis=1)
    with pytest.raises(UserError, match=r"face\.jpg: the points are turned or mirrored.*another orientation"):
        write_photo(tmp_path, lying, as_stored, _TURNED).read(0)


@pytest.mark.parametrize("degrees", [-45, -20, 0, 20, 45])
def test_tilted_heads_are_accepted_but_never_with_x_and_y_exchanged(face, degrees):
    picture, points = face
    angle, centre = np.radians(degrees), np.array([96.0, 96.0])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    tilted = (points - centre) @ turn.T + centre
    assert fault_of_landmarks(tilted, picture.shape) is None
    assert "x and y exchanged" in fault_of_landmarks(tilted[:, ::-1], picture.shape)


def test_size_and_place(face):
    picture, points = face
    assert fault_of_landmarks(points, picture.shape) is None
    assert "span 0." in fault_of_landmarks(points / 192, picture.shape)
    assert "outside the picture of 192 x 192" in fault_of_landmarks(points - (120, 0), picture.shape)
    assert fault_of_landmarks(points + 5, picture.shape) is None  # a few pixels are no fault


def test_the_detector_contradicts_points_beside_the_face(face):
    picture, points = face
    detector = FaceDetector()
    assert fault_of_place(points, picture, detector) is None
    assert "a picture of another size" in fault_of_place(points / 2, picture, detector)
    assert fault_of_place(points / 2, np.full_like(picture, 90), detector) is None  # no face, no contradiction
