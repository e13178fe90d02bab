"""From the frames of one clip to the arrays that the networks take, in two passes, so that no clip is held in memory.

The first pass tracks the face. This gives the number of usable frames, and with it the matrix A that interpolates them
to a fixed number (fernet.clips.temporal_interpolation). The second pass sums A[:, i] * crop_i.

The paper interpolates whole frames and then looks for faces (`normalise_first`). Cropping first gives the same result
if the box does not move, needs far less memory, and keeps a moving head from blurring.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from fernet.clips.clip_list import FIND_OUT
from fernet.clips.sequence_set import Preprocessing
from fernet.clips.temporal_interpolation import Interpolation, as_bytes
from fernet.errors import UserError
from fernet.faces.crop import crop_faces, points_in_crop
from fernet.faces.detection import FaceDetector, find_rotation
from fernet.faces.frames import iter_frames
from fernet.faces.landmark_layout import KEPT_POINTS
from fernet.faces.landmarks import LandmarkModel
from fernet.faces.tracking import Track, TrackReport, track

Frames = Callable[[], Iterable[np.ndarray]]  # opens the clip and yields its frames (H, W) uint8
Marked = tuple[np.ndarray, np.ndarray, np.ndarray]  # K frames (K, H, W) uint8, boxes (K, 4) and landmarks (K, 68, 2)


@dataclass(frozen=True)
class ClipArrays:
    """faces (T_a, S, S) uint8; landmarks (T_g, 49, 2) float32 in crop pixels; and a report on the tracking."""

    faces: np.ndarray
    landmarks: np.ndarray
    report: TrackReport


def clip_from_frames(
    frames: Path | Sequence[Path],
    landmark_model: LandmarkModel,
    preprocessing: Preprocessing,
    *,
    rotation: int = 0,
    half: str | None = None,
    on_missing_face: str = "interpolate",
) -> ClipArrays:
    """The clip in `frames` (see `iter_frames`): find face and landmarks, and interpolate to T_a and T_g frames.

    rotation         degrees clockwise by which to rotate the frames, or FIND_OUT
    on_missing_face  "error", "skip" or "interpolate", see `track`

    UserError, naming the path, for frames that cannot be read and clips without a face.
    """
    detector = FaceDetector()
    try:
        if rotation == FIND_OUT:
            rotation = find_rotation(next(iter(iter_frames(frames, 0, half))), detector)
        clip: Frames = partial(iter_frames, frames, rotation, half)
        if not preprocessing.normalise_first:
            return _track_and_crop(clip, detector, landmark_model, preprocessing, on_missing_face)
        T_a, T_g = preprocessing.appearance_frames, preprocessing.geometry_frames
        pictures = interpolated_frames(clip, (T_a, T_g))
        faces, landmarks = (
            _track_and_crop(partial(iter, part), detector, landmark_model, preprocessing, on_missing_face)
            for part in pictures
        )
        return replace(landmarks, faces=faces.faces)
    except UserError as error:
        name = _name(frames)
        raise (error if str(error).startswith(name) else UserError(f"{name}: {error}")) from None


def clip_from_known_landmarks(
    frames: Path | Sequence[Path], landmarks: np.ndarray, boxes: np.ndarray, preprocessing: Preprocessing
) -> ClipArrays:
    """The same for a clip of F frames with known landmarks (F, 68, 2) and boxes (F, 4), in pixels of the frames."""
    F = len(landmarks)

    def marked() -> Iterator[Marked]:
        count = 0
        for count, frame in enumerate(iter_frames(frames), 1):
            if count <= F:
                yield frame[None], boxes[count - 1 : count], landmarks[count - 1 : count]
        if count != F:
            raise UserError(f"{_name(frames)}: {count} frames and landmarks for {F}; expected landmarks of each frame")

    faces, points = fixed_length(marked(), F, preprocessing)
    return ClipArrays(faces, points, TrackReport(frames=F, found=F, filled=0, missing=0, cuts=0, other_faces=0))


def fixed_length(marked: Iterable[Marked], count: int, preprocessing: Preprocessing) -> tuple[np.ndarray, np.ndarray]:
    """faces (T_a, S, S) uint8 and landmarks (T_g, 49, 2) float32 in crop pixels, from a clip of `count` frames.

    The frames come in order, one by one or several at a time, with their boxes x, y, w, h and landmarks x, y in pixels
    of the frames. How they are grouped affects the last bits of the sums, and so changes the few pixels whose exact
    value lies halfway between two grey levels by one level.
    """
    S = preprocessing.image_size
    faces = Interpolation(count, preprocessing.appearance_frames, (S, S))
    points = Interpolation(count, preprocessing.geometry_frames, (len(KEPT_POINTS), 2))
    for frames, boxes, landmarks in marked:
        if landmarks.shape != (len(frames), 68, 2):
            raise UserError(f"expects 68 points for each of {len(frames)} frames, got an array of {landmarks.shape}")
        faces.add(crop_faces(frames, boxes, S))
        points.add(points_in_crop(landmarks[:, KEPT_POINTS], boxes, S))
    return as_bytes(faces.total), points.total.astype(np.float32)


def landmarks_of_frames(frames: Frames, followed: Track, landmark_model: LandmarkModel) -> Iterator[Marked]:
    """The second pass: each usable frame (1, H, W), with its box (1, 4) and landmarks (1, 68, 2)."""
    for frame, box, used in zip(frames(), followed.boxes, followed.used, strict=True):
        if used:
            yield frame[None], box[None], landmark_model.fit(frame, box[None])


def interpolated_frames(frames: Frames, counts: tuple[int, ...]) -> list[np.ndarray]:
    """The whole clip interpolated to each of `counts` frames: arrays (T, H, W) uint8."""
    length, shape = 0, ()
    for frame in frames():
        length, shape = length + 1, frame.shape
    sums = [Interpolation(length, count, shape, np.float32) for count in counts]
    for frame in frames():
        for one in sums:
            one.add(frame[None])
    return [as_bytes(one.total) for one in sums]


def _track_and_crop(
    frames: Frames,
    detector: FaceDetector,
    landmark_model: LandmarkModel,
    preprocessing: Preprocessing,
    on_missing_face: str,
) -> ClipArrays:
    """Both passes."""
    followed = track(frames(), detector, on_missing_face)
    marked = landmarks_of_frames(frames, followed, landmark_model)
    faces, points = fixed_length(marked, int(followed.used.sum()), preprocessing)
    return ClipArrays(faces, points, followed.report)


def _name(frames: Path | Sequence[Path]) -> str:
    return str(frames if isinstance(frames, Path) else frames[0].parent if frames else "clip")
