"""Faces in one frame, by OpenCV's Haar cascade: in the whole frame, or near the place where one was last seen."""

from importlib import resources

import cv2
import numpy as np

from fernet.errors import UserError
from fernet.faces.opencv import check_opencv, opencv_path
from fernet.faces.stored_frames import TURNS

_CASCADE = resources.files("fernet.faces") / "data" / "haarcascade_frontalface_alt2.xml"

_FULL_SIDE = 360  # a larger frame is shrunk to this short side for a search of the whole frame
_SMALL_SIDE = 160  # a smaller one is enlarged and padded, since crops often lack the hair and chin the cascade expects
_LONGEST_SIDE = 8000  # pixels of the searched picture: a strip of a few pixels must not be enlarged without a bound
_FRAMING = 0.2  # padding, as a fraction of the side
_CASCADE_SIDE = 20  # pixels; the cascade knows no smaller face
_SMALLEST_FACE = 0.08  # of the short side

_LEAST_SHARE = 0.2  # of the votes for the clearest face; real faces had 40 to 94 votes, false ones 4 to 12

_WINDOW = 2.0  # side of the searched window, in widths of the previous face
_FACE_SIDE = 72  # the window is scaled so that the previous face would have this width in pixels
_SIZES = (0.7, 1.4)  # how much smaller or larger the face may have become

FAR, SMALL, LARGE = 1.0, 0.6, 1.6  # a face that moves by a width, or changes size by these factors, is another one


class FaceDetector:
    """The Haar cascade; an instance must not be shared between threads."""

    def __init__(self) -> None:
        check_opencv()
        with resources.as_file(_CASCADE) as path, opencv_path(path) as name:
            self._cascade = cv2.CascadeClassifier(name)
        if self._cascade.empty():
            raise UserError(f"{_CASCADE}: OpenCV cannot read its face detector; install fernet again")

    def search(self, frame: np.ndarray) -> np.ndarray:
        """Boxes (K, 4) float64 of x, y, w, h in pixels of `frame` (H, W) uint8, the largest first."""
        boxes, votes = self.search_with_votes(frame)
        boxes = boxes[votes >= _LEAST_SHARE * votes.max(initial=0)]
        return boxes[np.lexsort((boxes[:, 1], boxes[:, 0], -boxes[:, 2]))]

    def search_with_votes(self, frame: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """All boxes (K, 4), and the number of neighbouring windows of the cascade that agree on each, (K,) int."""
        short = min(frame.shape)
        scale = min(1.0, _FULL_SIDE / short) if short >= _SMALL_SIDE else _SMALL_SIDE / short
        scale = min(scale, _LONGEST_SIDE / max(frame.shape))
        margin = round(_FRAMING * short) if short < _SMALL_SIDE else 0
        if margin:
            frame = cv2.copyMakeBorder(frame, margin, margin, margin, margin, cv2.BORDER_REPLICATE)
        smallest = max(_CASCADE_SIDE, round(_SMALLEST_FACE * scale * short))
        boxes, votes = self._detect(_scaled(frame, scale), 1.1, 3, smallest, 0)
        return boxes / scale - (margin, margin, 0, 0), votes

    def search_near(self, frame: np.ndarray, before: np.ndarray) -> np.ndarray | None:
        """The box (4,) float64 in `frame` that continues the box `before`, or None."""
        x, y, w, h = before
        left, top = int(max(0, x + w / 2 - _WINDOW * w / 2)), int(max(0, y + h / 2 - _WINDOW * h / 2))
        window = frame[top : top + round(_WINDOW * h), left : left + round(_WINDOW * w)]
        scale = _FACE_SIDE / w
        if min(window.shape) * scale < _CASCADE_SIDE:
            return None
        sizes = [round(factor * _FACE_SIDE) for factor in _SIZES]
        boxes, _ = self._detect(_scaled(window, scale), 1.05, 2, *sizes)
        return nearest(boxes / scale + (left, top, 0, 0), before)

    def _detect(
        self, picture: np.ndarray, step: float, neighbours: int, smallest: int, largest: int
    ) -> tuple[np.ndarray, np.ndarray]:
        if min(picture.shape) < _CASCADE_SIDE:
            return np.empty((0, 4)), np.empty(0, np.int64)
        limits = {"minSize": (smallest, smallest)} | ({"maxSize": (largest, largest)} if largest else {})
        found, votes = self._cascade.detectMultiScale2(picture, scaleFactor=step, minNeighbors=neighbours, **limits)
        # OpenCV returns empty tuples if there is no face.
        return np.asarray(found, np.float64).reshape(-1, 4), np.asarray(votes, np.int64).reshape(-1)


def find_rotation(frame: np.ndarray, detector: FaceDetector) -> int:
    """The clockwise rotation, 0, 90, 180 or 270 degrees, after which `frame` shows the clearest face; 0 if none."""

    def clearness(degrees: int) -> int:
        turned = np.ascontiguousarray(np.rot90(frame, -degrees // 90))
        return detector.search_with_votes(turned)[1].max(initial=0)

    return max(TURNS, key=clearness)


def nearest(boxes: np.ndarray, before: np.ndarray) -> np.ndarray | None:
    """The one of `boxes` (K, 4) nearest to the box `before` in position and size; None if none can be the same face."""
    if not len(boxes):
        return None
    centres, centre = boxes[:, :2] + boxes[:, 2:] / 2, before[:2] + before[2:] / 2
    jump = np.linalg.norm(centres - centre, axis=1) / before[2]
    ratio = boxes[:, 2] / before[2]
    distance = np.where((jump < FAR) & (ratio > SMALL) & (ratio < LARGE), jump + np.abs(np.log(ratio)), np.inf)
    best = int(np.argmin(distance))
    return boxes[best] if np.isfinite(distance[best]) else None


def _scaled(picture: np.ndarray, scale: float) -> np.ndarray:
    size = [max(1, round(length * scale)) for length in picture.shape[::-1]]
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
