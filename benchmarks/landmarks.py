"""The errors of a landmark model on held-out procedural faces, beside those of its mean shape alone.

python benchmarks/landmarks.py --model model.yaml.gz
"""

from pathlib import Path

import click
import numpy as np

from fernet import threads
from fernet.faces.detection import FaceDetector
from fernet.faces.landmark_layout import KEPT_POINTS
from fernet.faces.landmarks import BUILT_IN, LandmarkModel
from fernet.faces.lbf.shapes import OUTER_EYE_CORNERS
from fernet.synthetic import random_face

HELD_OUT = 4  # the last number of the faces' seeds; training uses other random streams
FAILURE = 0.08  # of the eye distance, for the mean over 49 points
PIECE = 20


def errors_of(model: LandmarkModel, mean_shape: np.ndarray, numbers: range) -> np.ndarray:
    """(K, 2, 68): errors of the model and of its mean shape on the faces that the detector finds, in eye distances."""
    detector, rows = FaceDetector(), []
    for number in numbers:
        image, true = random_face(np.random.default_rng([0, number, 0, HELD_OUT]), 192)
        boxes = detector.search(image)[:1]
        if not len(boxes):
            continue
        start = boxes[0, :2] + boxes[0, 2:] / 2 * (1 + mean_shape)
        unit = np.linalg.norm(np.subtract(*true[list(OUTER_EYE_CORNERS)]))
        found = model.fit(image, boxes)[0]
        rows.append([np.linalg.norm(points - true, axis=1) / unit for points in (found, start)])
    return np.array(rows).reshape(-1, 2, 68)


def mean_shape_of(path: Path) -> np.ndarray:
    """(68, 2): the mean shape in half boxes from the centre of the box, as read by OpenCV."""
    import cv2

    storage = cv2.FileStorage(str(path), cv2.FILE_STORAGE_READ)
    return storage.getNode("regressor_meanshape").mat()


@click.command()
@click.option("--model", default=str(BUILT_IN), help="Model file.  [default: the built-in one]")
@click.option("--faces", default=400, show_default=True, help="Procedural faces to draw.")
def main(model: str, faces: int) -> None:
    """Print errors divided by the distance between the outer eye corners."""
    checked = LandmarkModel(Path(model))
    mean_shape = mean_shape_of(checked.path)

    def piece(first: int) -> np.ndarray:
        return errors_of(checked, mean_shape, range(first, min(first + PIECE, faces)))

    with threads.worker_threads():
        errors = np.concatenate(threads.parallel_map(piece, range(0, faces, PIECE)))
    click.echo(
        f"{model}: {checked.path.stat().st_size / 1e6:.2f} MB; the detector found {len(errors)} of {faces} faces"
    )
    click.echo(f"{'':<12}{'68 points':>10}{'49 points':>10}{'median':>9}{'p95':>9}{'failures':>10}")
    for name, values in (("model", errors[:, 0]), ("mean shape", errors[:, 1])):
        kept = values[:, KEPT_POINTS].mean(axis=1)
        click.echo(
            f"{name:<12}{values.mean():>10.4f}{kept.mean():>10.4f}{np.median(kept):>9.4f}"
            f"{np.percentile(kept, 95):>9.4f}{(kept > FAILURE).mean():>10.1%}"
        )
    click.echo(f"median, p95 and failures (above {FAILURE}) refer to the mean error over the 49 points of a face")


if __name__ == "__main__":
    main()
