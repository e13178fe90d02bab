"""Photographs annotated with 68 points, in the format of 300-W: `face.jpg` and beside it `face.pts`.

version: 1
n_points: 68
{
x y            (68 lines; the first pixel of an image is 1, as in Matlab)
}
"""

from pathlib import Path

import numpy as np

from fernet.errors import UserError
from fernet.faces.image_file import read_image
from fernet.faces.landmark_files import fault_of_landmarks
from fernet.faces.lbf.shapes import LANDMARKS

_IMAGES = {".jpg", ".jpeg", ".png", ".bmp"}
_LARGEST = 2**16  # bytes of a .pts file; one of 68 points has about 2 000


class PtsFolder:
    """The annotated images below a folder, read one by one."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise UserError(f"{folder} is not a folder: expected images with a 68-point .pts file beside each")
        self.images = sorted(path for path in folder.rglob("*") if path.suffix.lower() in _IMAGES)
        if not self.images:
            raise UserError(f"{folder} holds no images ({', '.join(sorted(_IMAGES))}): expected some with .pts files")

    def __len__(self) -> int:
        return len(self.images)

    def read(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Image `number`, grey (H, W) uint8, and its points (68, 2) float64; UserError if it cannot be used."""
        path = self.images[number]
        image, points = read_image(path), read_points(path.with_suffix(".pts"))
        if fault := fault_of_landmarks(points, image.shape):
            raise UserError(f"{path}: {fault}")
        return image, points


def read_points(path: Path) -> np.ndarray:
    """(68, 2) float64, in pixels counted from 0."""
    if not path.is_file():
        raise UserError(f"{path} does not exist: expected the points of the image beside it")
    if path.stat().st_size > _LARGEST:
        raise UserError(f"{path} has {path.stat().st_size} bytes: too many for {LANDMARKS} points")
    header, _, rest = path.read_bytes().decode(errors="replace").partition("{")
    body, closed, _ = rest.partition("}")
    count = next((line.split(":")[1].strip() for line in header.splitlines() if line.startswith("n_points:")), "no")
    if count != str(LANDMARKS) or not closed:
        raise UserError(f"{path} announces {count} points, expected n_points: {LANDMARKS} and the points in {{ }}")
    try:
        points = np.array([[float(number) for number in line.split()] for line in body.split("\n") if line.strip()])
    except ValueError as error:
        raise UserError(f"{path}: a point cannot be read ({error})") from None
    if points.shape != (LANDMARKS, 2) or not np.isfinite(points).all():
        raise UserError(
            f"{path} holds points of shape {points.shape}, expected {LANDMARKS} lines of two finite numbers"
        )
    return points - 1
