"""From the frames of one clip to what the networks take, in two passes, so that no clip is ever in memory as a whole.

The first pass follows the face. Then the number of frames that count is known, and with it the matrix A that brings
them to a fixed number (fernet.clips.temporal_interpolation), and the second pass adds up A[:, i] * crop_i.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from fernet.clips.sequence_set import Preprocessing
from fernet.clips.temporal_interpolation import interpolation_matrix
from fernet.errors import UserError
from fernet.faces.crop import crop_faces, points_in_crop
from fernet.faces.detection import FaceDetector, find_rotation
from fernet.faces.frames import iter_frames
from fernet.faces.landmark_layout import KEPT_POINTS
from fernet.faces.landmarks import LandmarkModel
from fernet.faces.tracking import Track, TrackReport, track

FIND_OUT = -1  # as a rotation: the first frame is tried in all four

Frames = Callable[[], Iterable[np.ndarray]]  # opens the clip anew and gives its frames (H, W) uint8


@dataclass(frozen=True)
class PreparedClip:
    """faces (T_a, S, S) uint8; landmarks (T_g, 49, 2) float32 in crop pixels; and how the face was followed."""

    faces: np.ndarray
    landmarks: np.ndarray
    report: TrackReport


def prepare_clip(
    frames: Path | Sequence[Path],
    landmark_model: LandmarkModel,
    preprocessing: Preprocessing,
    *,
    rotation: int = 0,
    half: str | None = None,
    on_missing_face: str = "interpolate",
) -> PreparedClip:
    """Faces and landmarks of the clip in `frames` (see `iter_frames`), at a fixed number of frames.

    rotation         degrees clockwise by which the frames are turned, or FIND_OUT
    on_missing_face  "error", "skip" or "interpolate", see `track`

    UserError, with the path, for frames that cannot be read and clips without a face.
    """
    detector = FaceDetector()
    try:
        if rotation == FIND_OUT:
            rotation = find_rotation(next(iter(iter_frames(frames, 0, half))), detector)
        clip: Frames = partial(iter_frames, frames, rotation, half)
        if not preprocessing.normalise_first:
            return _prepare(clip, detector, landmark_model, preprocessing, on_missing_face)
        T_a, T_g = preprocessing.appearance_frames, preprocessing.geometry_frames
        pictures = interpolated_frames(clip, (T_a, T_g))
        faces, landmarks = (
            _prepare(partial(iter, part), detector, landmark_model, preprocessing, on_missing_face) for part in pictures
        )
        return replace(landmarks, faces=faces.faces)
    except UserError as error:
        name = _name(frames)
        raise (error if str(error).startswith(name) else UserError(f"{name}: {error}")) from None


def follow_face(frames: Frames, detector: FaceDetector, on_missing_face: str = "interpolate") -> Track:
    """The first pass."""
    return track(frames(), detector, on_missing_face)


def landmarks_of_frames(
    frames: Frames, followed: Track, landmark_model: LandmarkModel
) -> Iterator[tuple[int, np.ndarray, np.ndarray, np.ndarray]]:
    """The second pass: number, frame (H, W), box (4,) and landmarks (68, 2) of each frame that is used."""
    for number, (frame, box, used) in enumerate(zip(frames(), followed.boxes, followed.used, strict=True)):
        if used:
            yield number, frame, box, landmark_model.fit(frame, box[None])[0]


def prepare_marked_clip(
    frames: Path | Sequence[Path], landmarks: np.ndarray, boxes: np.ndarray, preprocessing: Preprocessing
) -> PreparedClip:
    """The same for a clip of F frames whose landmarks (F, 68, 2) and boxes (F, 4) are known, pixels of the frames."""
    F = len(landmarks)

    def marked() -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        count = 0
        for count, frame in enumerate(iter_frames(frames), 1):
            if count <= F:
                yield frame, boxes[count - 1], landmarks[count - 1]
        if count != F:
            raise UserError(f"{_name(frames)}: {count} frames and landmarks for {F}; expected landmarks of each frame")

    faces, points = _fixed_length(marked(), F, preprocessing)
    return PreparedClip(faces, points, TrackReport(frames=F, found=F, filled=0, missing=0, cuts=0, other_faces=0))


def _prepare(
    frames: Frames,
    detector: FaceDetector,
    landmark_model: LandmarkModel,
    preprocessing: Preprocessing,
    on_missing_face: str,
) -> PreparedClip:
    followed = follow_face(frames, detector, on_missing_face)
    marked = (parts[1:] for parts in landmarks_of_frames(frames, followed, landmark_model))
    faces, points = _fixed_length(marked, int(followed.used.sum()), preprocessing)
    return PreparedClip(faces, points, followed.report)


def _fixed_length(
    marked: Iterable[tuple[np.ndarray, np.ndarray, np.ndarray]], count: int, preprocessing: Preprocessing
) -> tuple[np.ndarray, np.ndarray]:
    """Faces and landmarks of a prepared clip from `count` frames with box and landmarks, taken one by one."""
    S = preprocessing.image_size
    faces = TimeSum(count, preprocessing.appearance_frames, (S, S))
    points = TimeSum(count, preprocessing.geometry_frames, (len(KEPT_POINTS), 2))
    for frame, box, landmarks in marked:
        faces.add(crop_faces([frame], box[None], S)[0])
        points.add(points_in_crop(landmarks[None, KEPT_POINTS], box[None], S)[0])
    return as_bytes(faces.total), points.total.astype(np.float32)


class TimeSum:
    """A @ items without the items in memory: they are added one by one, in order."""

    def __init__(self, items: int, count: int, shape: tuple[int, ...], dtype: type = np.float64) -> None:
        self.total = np.zeros((count, *shape), dtype)  # (T, ...)
        self._A = interpolation_matrix(items, count)  # (T, N)
        self._next = 0

    def add(self, item: np.ndarray) -> None:
        """Add the next item, of the shape that was announced."""
        for row, weight in zip(self.total, self._A[:, self._next], strict=True):
            if weight:
                row += self.total.dtype.type(weight) * item
        self._next += 1


def interpolated_frames(frames: Frames, counts: tuple[int, ...]) -> list[np.ndarray]:
    """The whole clip interpolated to each of `counts` frames, (T, H, W) uint8."""
    length, shape = 0, ()
    for frame in frames():
        length, shape = length + 1, frame.shape
    sums = [TimeSum(length, count, shape, np.float32) for count in counts]
    for frame in frames():
        for one in sums:
            one.add(frame)
    return [as_bytes(one.total) for one in sums]


def as_bytes(values: np.ndarray) -> np.ndarray:
    """Grey values rounded and clipped to uint8: cosines overshoot."""
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def _name(frames: Path | Sequence[Path]) -> str:
    return str(frames if isinstance(frames, Path) else frames[0].parent if frames else "clip")
