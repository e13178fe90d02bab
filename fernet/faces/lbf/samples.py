"""Training samples for a cascade: every face cut out several times, with a box such as a detector would find.

A sample shows what FacemarkLBF uses: the box of the face and half a box around it. Boxes come from the Haar detector
on the image itself, because they decide where the mean shape is placed; they are jittered, because detections vary.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fernet import threads
from fernet.errors import UserError
from fernet.faces.boxes_from_landmarks import box_from_points
from fernet.faces.crop import crop_faces, points_in_crop
from fernet.faces.detection import FaceDetector
from fernet.faces.lbf.photometry import vary
from fernet.faces.lbf.shapes import MIRROR, BoxedFaces
from fernet.progress import SILENT, Progress

SIZE = 160  # side of a sample's image in pixels; it is two boxes wide
COPIES = 4  # samples of each face
FEWEST_FACES = 20
_PIECE = 16  # faces cut out by one detector, which threads cannot share
_SHIFT, _GROWTH = 0.04, 0.05  # standard deviations of a box's centre, in widths, and of the logarithm of its width
_FAR_OFF = 0.3  # widths; a detection that differs more from the box of the points is not this face


@dataclass(frozen=True)
class Face:
    """One face cut out of its image: (SIZE, SIZE) uint8, with true points (68, 2) and box in pixels of the cut-out."""

    image: np.ndarray
    points: np.ndarray
    centre: np.ndarray  # (2,)
    half: float
    detected: bool  # by the Haar detector; otherwise the box is derived from the points


def cut_out(image: np.ndarray, points: np.ndarray, detector: FaceDetector) -> Face:
    """Cut out of a grey image (H, W) uint8 the face that has the true `points` (68, 2)."""
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
    read: Callable[[int], tuple[np.ndarray, np.ndarray]], count: int, progress: Progress = SILENT
) -> tuple[list[Face], list[str]]:
    """Cut out the faces of `read(0)` to `read(count - 1)`, each an image and its points; also why some are left out.

    A face is left out if `read` raises a UserError for it. Too few faces to train on raise one as well.
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
            bar.advance(len(faces))
        return faces

    with progress.task("faces", count) as bar:
        results = [result for part in threads.parallel_map(piece, range(0, count, _PIECE)) for result in part]
    faces, skipped = [[r for r in results if isinstance(r, kind)] for kind in (Face, str)]
    if len(faces) < FEWEST_FACES:
        left_out = f" ({len(skipped)} were left out: {skipped[0]})" if skipped else ""
        raise UserError(
            f"{len(faces)} faces are too few to train landmarks on{left_out}: expected {FEWEST_FACES} or more"
        )
    return faces, skipped


def training_samples(faces: list[Face], seed: int) -> tuple[BoxedFaces, np.ndarray]:
    """COPIES samples of each face in random order, and their true points (N, 68, 2).

    Copies differ in box and lighting, and every second one is mirrored.
    """
    # The last number of a seed separates the random streams of faces, samples and trees.
    order = np.random.default_rng([seed, len(faces), 0, 2]).permutation(len(faces) * COPIES)

    def sample(number: int) -> Face:
        index, copy = divmod(int(number), COPIES)
        return _varied(faces[index], copy % 2 == 1, np.random.default_rng([seed, index, copy, 1]))

    samples = threads.parallel_map(sample, order)
    halves = np.repeat([[face.half] for face in samples], 2, axis=1)
    boxed = BoxedFaces(np.stack([face.image for face in samples]), np.stack([face.centre for face in samples]), halves)
    return boxed, np.stack([face.points for face in samples])


def _varied(face: Face, mirrored: bool, rng: np.random.Generator) -> Face:
    """The same face with another box and under another light, mirrored if asked for."""
    image, points, centre = face.image, face.points, face.centre
    if mirrored:
        image, last = image[:, ::-1], SIZE - 1
        points, centre = points[MIRROR] * (-1, 1) + (last, 0), centre * (-1, 1) + (last, 0)
    half = face.half * float(np.exp(_GROWTH * rng.normal()))
    centre = centre + _SHIFT * 2 * half * rng.normal(size=2)
    return Face(vary(image, rng), points, centre, half, face.detected)
