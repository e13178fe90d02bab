"""Training samples for a cascade: every face cut out several times, with a box as a detector would give it.

A sample is what FacemarkLBF sees: the box of the face and half a box around it. Boxes come from the Haar detector on
the image itself, because they decide where the mean shape is put; they are jittered, because detectors shake.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fernet import threads
from fernet.errors import UserError
from fernet.faces.crop import crop_faces, points_in_crop
from fernet.faces.detection import FaceDetector
from fernet.faces.lbf.photometry import vary
from fernet.faces.lbf.shapes import MIRROR, BoxedFaces

SIZE = 160  # pixels of a sample's image, two boxes wide
COPIES = 4  # samples of each face
FEWEST_FACES = 20
_PIECE = 16  # faces cut out by one detector, which threads cannot share
_SHIFT, _GROWTH = 0.04, 0.05  # standard deviations of a box's centre, in widths, and of the logarithm of its width
_FAR_OFF = 0.3  # widths; a detection that differs more from the box of the points is something else


@dataclass(frozen=True)
class Face:
    """One face cut out of its image: (SIZE, SIZE) uint8, true points (68, 2) and box in pixels of the cut."""

    image: np.ndarray
    points: np.ndarray
    centre: np.ndarray  # (2,)
    half: float
    detected: bool  # by the Haar detector; else the box follows from the points


def box_from_points(points: np.ndarray) -> np.ndarray:
    """x, y, width, height of the box that the Haar detector gives a face with these points (68, 2), on average.

    The three numbers are medians over detected procedural faces.
    """
    width = 1.23 * np.sqrt(np.prod(np.ptp(points, axis=0)))
    x, y = points.mean(axis=0) - (0, 0.13 * width)
    return np.array([x - width / 2, y - width / 2, width, width])


def cut_out(image: np.ndarray, points: np.ndarray, detector: FaceDetector) -> Face:
    """The face with true `points` (68, 2) of a grey image (H, W) uint8."""
    expected = box_from_points(points)
    found = detector.search_near(image, expected)
    if found is None or np.abs(found - expected).max() > _FAR_OFF * expected[2]:
        box, detected = expected, False
    else:
        box, detected = found, True
    around = np.array([[box[0] - box[2] / 2, box[1] - box[3] / 2, 2 * box[2], 2 * box[3]]])
    places = np.concatenate([points, [box[:2] + box[2:] / 2]])
    places = points_in_crop(places[None], around, SIZE)[0]
    return Face(crop_faces([image], around, SIZE)[0], places[:-1], places[-1], SIZE / 4, detected)


def cut_out_all(
    read: Callable[[int], tuple[np.ndarray, np.ndarray]], count: int, advance: Callable[[int], None]
) -> tuple[list[Face], list[str]]:
    """The faces of `read(0)` to `read(count - 1)`, each an image and its points, and why some were left out.

    Those are the ones for which `read` raised a UserError. Too few faces to train on are one, too. `advance` is told
    how many more are done.
    """
    lock = threading.Lock()

    def piece(first: int) -> list[Face | str]:
        detector, faces = FaceDetector(), []
        for number in range(first, min(first + _PIECE, count)):
            try:
                faces.append(cut_out(*read(number), detector))
            except UserError as error:
                faces.append(str(error))
        with lock:
            advance(len(faces))
        return faces

    results = [result for part in threads.in_order(piece, range(0, count, _PIECE)) for result in part]
    faces, skipped = [[r for r in results if isinstance(r, kind)] for kind in (Face, str)]
    if len(faces) < FEWEST_FACES:
        left_out = f" ({len(skipped)} were left out: {skipped[0]})" if skipped else ""
        raise UserError(
            f"{len(faces)} faces are too few to train landmarks on{left_out}: expected {FEWEST_FACES} or more"
        )
    return faces, skipped


def training_samples(faces: list[Face], seed: int) -> tuple[BoxedFaces, np.ndarray]:
    """COPIES samples of each face in random order, and their true points (N, 68, 2).

    Copies differ in their box and in their light, and every second one is mirrored.
    """
    # The last number of a seed keeps streams apart: those of faces, of samples and of trees.
    order = np.random.default_rng([seed, len(faces), 0, 2]).permutation(len(faces) * COPIES)

    def sample(number: int) -> Face:
        index, copy = divmod(int(number), COPIES)
        return _varied(faces[index], copy % 2 == 1, np.random.default_rng([seed, index, copy, 1]))

    samples = threads.in_order(sample, order)
    halves = np.repeat([[face.half] for face in samples], 2, axis=1)
    boxed = BoxedFaces(np.stack([face.image for face in samples]), np.stack([face.centre for face in samples]), halves)
    return boxed, np.stack([face.points for face in samples])


def _varied(face: Face, mirrored: bool, rng: np.random.Generator) -> Face:
    """The same face with another box and in another light, perhaps mirrored."""
    image, points, centre = face.image, face.points, face.centre
    if mirrored:
        image, last = image[:, ::-1], SIZE - 1
        points, centre = points[MIRROR] * (-1, 1) + (last, 0), centre * (-1, 1) + (last, 0)
    half = face.half * float(np.exp(_GROWTH * rng.normal()))
    centre = centre + _SHIFT * 2 * half * rng.normal(size=2)
    return Face(vary(image, rng), points, centre, half, face.detected)
