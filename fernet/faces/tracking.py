"""Tracking one face through a clip: a box for each frame, and a report on what was found and missed."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

from fernet.errors import UserError
from fernet.faces.detection import FaceDetector, nearest

ON_MISSING_FACE = ("error", "skip", "interpolate")

_LONGEST_GAP = 10  # frames that are filled between two detections
_SEARCH_EVERY = 5  # frames, while the face is lost
_FORGET_AFTER = 30  # frames without the face; then any face is accepted
_SMOOTHING = 2.0  # standard deviation, in frames, of the Gaussian that smooths the boxes
_THUMBNAIL = (64, 36)  # for detecting cuts
_CUT_DIFFERENCE = 25.0  # mean over the thumbnail, grey levels
_CUT_HISTOGRAM, _LEAST_DIFFERENCE = 0.35, 12.0  # flicker also shifts a histogram, but hardly any pixel


@dataclass(frozen=True)
class TrackReport:
    """What happened to the face in one clip, as numbers of frames."""

    frames: int
    found: int
    filled: int  # by interpolation between two detections
    missing: int  # neither found nor filled; left out
    cuts: int
    other_faces: int  # largest number of faces seen at once besides the tracked one


@dataclass(frozen=True)
class Track:
    """boxes (F, 4) float64 of x, y, w, h in pixels; used (F,) bool, the frames that have one."""

    boxes: np.ndarray
    used: np.ndarray
    report: TrackReport


class FaceTracker:
    """Processes frame after frame. The face is searched for near its last box, which is about ten times cheaper than
    searching the whole frame; that is done at the start, after a cut, and from time to time while the face is lost.
    """

    def __init__(self, detector: FaceDetector) -> None:
        self.detector = detector
        self.boxes: list[np.ndarray | None] = []
        self.shots: list[int] = []  # for each frame, the number of cuts before it
        self.other_faces = 0
        self._last: np.ndarray | None = None  # box in which the face was last seen
        self._lost = 0  # frames since then
        self._thumbnail: np.ndarray | None = None

    def look(self, frame: np.ndarray) -> np.ndarray | None:
        """The face's box (4,) float64 in the next frame (H, W) uint8, or None."""
        if cut := self._is_cut(frame):
            self._last = None
        self.shots.append((self.shots[-1] if self.shots else 0) + cut)
        box = self.detector.search_near(frame, self._last) if self._last is not None else None
        if box is None and (cut or len(self.boxes) == 0 or self._lost % _SEARCH_EVERY == 0):
            box = self._search(frame)
        self._lost = 0 if box is not None else self._lost + 1
        if box is not None or self._lost > _FORGET_AFTER:
            self._last = box
        self.boxes.append(box)
        return box

    def _search(self, frame: np.ndarray) -> np.ndarray | None:
        """The face that continues the last box or, without one, the largest face."""
        boxes = self.detector.search(frame)
        self.other_faces = max(self.other_faces, len(boxes) - 1)
        if self._last is not None:
            return nearest(boxes, self._last)
        return boxes[0] if len(boxes) else None

    def _is_cut(self, frame: np.ndarray) -> bool:
        before, self._thumbnail = self._thumbnail, cv2.resize(frame, _THUMBNAIL, interpolation=cv2.INTER_AREA)
        if before is None:
            return False
        histograms = [np.bincount(picture.ravel() >> 4, minlength=16) for picture in (before, self._thumbnail)]
        distance = np.abs(histograms[0] - histograms[1]).sum() / (2 * before.size)
        difference = np.abs(before.astype(np.int16) - self._thumbnail).mean()
        return bool(difference > _CUT_DIFFERENCE or (distance > _CUT_HISTOGRAM and difference > _LEAST_DIFFERENCE))


def track(frames: Iterable[np.ndarray], detector: FaceDetector, on_missing_face: str = "interpolate") -> Track:
    """Track the face through `frames`, (H, W) uint8 each, which are read once and not kept.

    on_missing_face    what happens to frames in which no face is found
        error          the clip is rejected
        skip           they are left out
        interpolate    gaps of up to ten frames are filled, but not across a cut; other frames are left out
    """
    if on_missing_face not in ON_MISSING_FACE:
        raise UserError(f"on_missing_face is {on_missing_face!r}: expected one of {', '.join(ON_MISSING_FACE)}")
    tracker = FaceTracker(detector)
    for frame in frames:
        tracker.look(frame)
    found = np.array([box is not None for box in tracker.boxes])
    if not found.any():
        raise UserError(
            f"no face was found in any of its {len(found)} frames; is it upright and seen from the front? --rotation "
            "turns the frames"
        )
    if on_missing_face == "error" and not found.all():
        raise UserError(
            f"no face was found in {(~found).sum()} of its {len(found)} frames, the first is number "
            f"{int(np.argmin(found)) + 1}; --on-missing-face skip or interpolate does without them"
        )
    boxes = np.array([np.zeros(4) if box is None else box for box in tracker.boxes])
    shots = np.array(tracker.shots)
    used = fill_gaps(boxes, found, shots) if on_missing_face == "interpolate" else found
    smooth(boxes, used, shots)
    counts = (len(found), found.sum(), (used & ~found).sum(), (~used).sum(), shots[-1], tracker.other_faces)
    return Track(boxes, used, TrackReport(*map(int, counts)))


def fill_gaps(boxes: np.ndarray, found: np.ndarray, shots: np.ndarray) -> np.ndarray:
    """Fill short gaps in `boxes` (F, 4) by interpolation, in place. Returns (F,) bool: where there is a box now."""
    used = found.copy()
    seen = np.flatnonzero(found)
    for before, after in pairwise(seen):
        gap = after - before - 1
        if 0 < gap <= _LONGEST_GAP and shots[before] == shots[after]:
            share = np.arange(1, gap + 1)[:, None] / (gap + 1)
            boxes[before + 1 : after] = (1 - share) * boxes[before] + share * boxes[after]
            used[before + 1 : after] = True
    return used


def smooth(boxes: np.ndarray, used: np.ndarray, shots: np.ndarray) -> None:
    """Smooth `boxes` (F, 4) in place, separately for each run of frames without a gap or cut.

    Haar boxes jitter by 2 to 4 % of their width, which would move the landmarks. A line is fitted locally with Gaussian
    weights, so that a face in steady motion is tracked up to the ends of the run.
    """
    breaks = np.flatnonzero((np.diff(used.astype(int)) != 0) | (np.diff(shots) != 0)) + 1
    for stretch in np.split(np.arange(len(boxes)), breaks):
        if used[stretch[0]]:
            boxes[stretch] = _smoothed(boxes[stretch])


def _smoothed(values: np.ndarray) -> np.ndarray:
    """`values` (K, D), each row replaced by the value of a line fitted to its neighbours with Gaussian weights."""
    reach = int(4 * _SMOOTHING)
    result = np.empty_like(values)
    for at in range(len(values)):
        first = max(0, at - reach)
        near = values[first : at + reach + 1]
        offset = np.arange(first, first + len(near)) - at
        weight = np.exp(-0.5 * (offset / _SMOOTHING) ** 2)
        weight /= weight.sum()
        mean, spread = weight @ offset, 0.0
        offset = offset - mean
        spread = weight @ offset**2
        slope = (weight * offset) @ near / spread if spread > 0 else 0.0
        result[at] = weight @ near - mean * slope
    return result
