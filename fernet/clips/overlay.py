"""A clip with the results of preprocessing drawn on it, as a video or as one picture."""

import os
import tempfile
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np

from fernet.clips.clip import Frames, landmarks_of_frames
from fernet.clips.sequence_set import Preprocessing
from fernet.errors import UserError
from fernet.faces.detection import FaceDetector
from fernet.faces.drawing import draw_face, mark_chosen, write_caption
from fernet.faces.frames import iter_frames
from fernet.faces.landmark_layout import CLOSED, KEPT_POINTS, REGIONS
from fernet.faces.landmarks import LandmarkModel
from fernet.faces.length_notes import notes_on_lengths
from fernet.faces.opencv import opencv_path
from fernet.faces.tracking import Track, TrackReport, track
from fernet.faces.video_file import open_video
from fernet.files import whole_file
from fernet.progress import SILENT, Bar, Progress

Item = TypeVar("Item")

FORMATS = (".mp4", ".png")
_RATE = 25.0  # frames per second
_WIDEST = 1920  # width of a row of the picture in pixels
_SHORTEST_SIDE = 240  # smaller frames are enlarged, so that lines stay thin relative to the face


def write_overlay(
    clip: Path,
    out: Path,
    landmark_model: LandmarkModel,
    preprocessing: Preprocessing,
    on_missing_face: str,
    progress: Progress = SILENT,
    *,
    rotation: int = 0,
) -> TrackReport:
    """Draw `clip` into `out`: every frame (.mp4), or the frames chosen for DTAN side by side (.png)."""
    if out.suffix.lower() not in FORMATS:
        raise UserError(f"{out}: expected a name that ends in {' or '.join(FORMATS)}")
    for note in notes_on_lengths([clip]):
        progress.note(note)
    frames: Frames = partial(_enlarged, clip, rotation)
    try:
        with progress.task("finding the face", None) as bar:
            followed = track(_counted(frames(), bar), FaceDetector(), on_missing_face)
    except UserError as error:
        raise (error if str(error).startswith(str(clip)) else UserError(f"{clip}: {error}")) from None
    chosen = chosen_frames(followed.used, preprocessing.appearance_frames)
    with progress.task("drawing", len(followed.used)) as bar:
        drawn = _counted(_drawn_frames(frames, followed, chosen, landmark_model, preprocessing), bar)
        if out.suffix.lower() == ".png":
            _write_picture(out, [picture for number, picture in drawn if number in chosen])
        else:
            _write_video(out, (picture for _, picture in drawn))
    return followed.report


def chosen_frames(used: np.ndarray, count: int) -> list[int]:
    """The frames nearest to the `count` times at which the `used` ones (F,) are interpolated, ends included."""
    numbers = np.flatnonzero(used)
    return sorted({int(numbers[round(place)]) for place in np.linspace(len(numbers) - 1, 0, count)})


def _drawn_frames(
    frames: Frames, followed: Track, chosen: list[int], landmark_model: LandmarkModel, preprocessing: Preprocessing
) -> Iterator[tuple[int, np.ndarray]]:
    """Number and picture (H, W, 3) of every frame; nothing is drawn on frames without a face."""
    faces = landmarks_of_frames(frames, followed, landmark_model)
    for number, frame in enumerate(frames()):
        picture = cv2.cvtColor(frame, cv2.COLOR_GRAY2BGR)
        if followed.used[number]:
            _, boxes, points = next(faces)
            picture = draw_face(frame, boxes[0], points[0, KEPT_POINTS], preprocessing.nose_point, REGIONS, CLOSED)
        write_caption(picture, f"{number + 1}/{len(followed.used)}")
        if number in chosen:
            mark_chosen(picture)
        yield number, picture


def _counted(items: Iterable[Item], bar: Bar) -> Iterator[Item]:
    """The items, each counted once it has been processed."""
    for item in items:
        yield item
        bar.advance(1)


def _enlarged(clip: Path, rotation: int) -> Iterator[np.ndarray]:
    for frame in iter_frames(clip, rotation):
        factor = max(1, -(-_SHORTEST_SIDE // min(frame.shape)))
        yield cv2.resize(frame, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC) if factor > 1 else frame


def _write_picture(out: Path, pictures: list[np.ndarray]) -> None:
    row = np.hstack(pictures)
    if row.shape[1] > _WIDEST:
        size = (_WIDEST, round(row.shape[0] * _WIDEST / row.shape[1]))
        row = cv2.resize(row, size, interpolation=cv2.INTER_AREA)
    with whole_file(out) as stream:
        stream.write(cv2.imencode(".png", row)[1].tobytes())


def _write_video(out: Path, pictures: Iterator[np.ndarray]) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.stem}.") as folder,
        opencv_path(Path(folder) / "overlay.mp4") as part,
    ):
        video, count = None, 0
        for picture in pictures:
            even = picture[: len(picture) // 2 * 2, : picture.shape[1] // 2 * 2]  # codecs halve colour resolution
            if video is None:
                code = cv2.VideoWriter_fourcc(*"mp4v")
                video = cv2.VideoWriter(part, cv2.CAP_FFMPEG, code, _RATE, even.shape[1::-1])
                if not video.isOpened():
                    raise UserError(
                        f"{out}: OpenCV cannot begin this video: is the disk full? If not, this OpenCV writes no MP4; "
                        "choose a name that ends in .png"
                    )
            video.write(even)
            count += 1
        video.release()
        _check_written(Path(folder) / "overlay.mp4", count, out)
        os.replace(Path(folder) / "overlay.mp4", out)


def _check_written(video: Path, count: int, out: Path) -> None:
    """UserError unless all `count` frames can be read back: OpenCV reports no error when it writes."""
    with open_video(video) as written:
        found = 0
        while written.grab():
            found += 1
    if found != count:
        raise UserError(
            f"{out}: only {found} of {count} frames could be written: is the disk full? Free some space, or choose "
            "another --out; the file that was there before is unchanged"
        )
