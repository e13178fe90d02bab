"""Clips read on all cores in separate processes, so that not even a crash in a decoder stops the others."""

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context, parent_process
from pathlib import Path

import cv2
import numpy as np

from fernet.clips.clip import ClipArrays, clip_from_frames, clip_from_known_landmarks
from fernet.clips.clip_list import ClipEntry
from fernet.clips.sequence_set import Preprocessing
from fernet.errors import UserError
from fernet.faces.boxes_from_landmarks import face_boxes
from fernet.faces.detection import FaceDetector
from fernet.faces.frames import iter_frames
from fernet.faces.landmark_files import fault_of_landmarks, fault_of_place, read_landmarks
from fernet.faces.landmarks import LandmarkModel
from fernet.threads import without_interrupts


@dataclass(frozen=True)
class Recipe:
    """How clips become arrays. landmarks: "lbf" finds them, "dataset" takes those of the dataset."""

    preprocessing: Preprocessing
    landmark_model: Path
    landmarks: str = "lbf"
    on_missing_face: str = "interpolate"

    def __post_init__(self) -> None:
        if self.landmarks not in ("lbf", "dataset"):
            raise UserError(f"landmarks is {self.landmarks!r}: expected lbf or dataset")


def clips_in_processes(
    clips: list[tuple[int, ClipEntry]], recipe: Recipe, jobs: int
) -> Iterator[tuple[int, ClipArrays | str]]:
    """Yield (number, arrays or message) for numbered clips in the order of completion, using `jobs` processes.

    As always with processes, a script that calls this must guard its start with `if __name__ == "__main__"`.
    """
    if jobs == 1:
        yield from ((number, clip_of_entry(entry, recipe)) for number, entry in clips)
        return
    lost = []
    with _pool(min(jobs, len(clips))) as pool:
        try:
            with without_interrupts():
                futures = {pool.submit(clip_of_entry, entry, recipe): (number, entry) for number, entry in clips}
            for future in as_completed(futures):
                try:
                    yield futures[future][0], future.result()
                except BrokenProcessPool:
                    lost.append(futures[future])
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    for number, entry in lost:  # one of these crashed its process and so the pool: now each gets a pool of its own
        with _pool(1) as pool:
            try:
                with without_interrupts():
                    future = pool.submit(clip_of_entry, entry, recipe)
                yield number, future.result()
            except BrokenProcessPool:
                yield number, f"{entry.name}: the process that read it died; its files may be damaged"


def clip_of_entry(entry: ClipEntry, recipe: Recipe) -> ClipArrays | str:
    """The arrays of the clip, or why there are none."""
    try:
        if recipe.landmarks == "dataset":
            return _with_own_landmarks(entry, recipe)
        return clip_from_frames(
            entry.frames,
            _landmark_model(recipe.landmark_model),
            recipe.preprocessing,
            rotation=entry.rotation,
            half=entry.half,
            on_missing_face=recipe.on_missing_face,
        )
    except UserError as error:
        return str(error)
    except OSError as error:
        return f"{error.filename or entry.name}: {error.strerror or error}"


def _with_own_landmarks(entry: ClipEntry, recipe: Recipe) -> ClipArrays:
    if entry.landmarks is None:
        raise UserError(f"{entry.name}: the dataset has no landmarks for this clip; leave out --landmarks dataset")
    if entry.rotation or entry.half or recipe.preprocessing.normalise_first:
        raise UserError(f"{entry.name}: the dataset's landmarks fit whole frames as stored, not rotated or halved ones")
    points = np.stack([read_landmarks(path) for path in entry.landmarks])
    _check_landmarks(entry, points)
    return clip_from_known_landmarks(entry.frames, points, face_boxes(points), recipe.preprocessing)


def _check_landmarks(entry: ClipEntry, points: np.ndarray) -> None:
    """UserError if the landmarks (F, 68, 2) cannot be right for all frames.

    Faces are looked for in the first, the middle and the last frame, and the detector must contradict the landmarks in
    all of those in which it finds any, since it may take something else for a face in one of them.
    """
    chosen = {0, len(points) // 2, len(points) - 1}
    detector, faults = FaceDetector(), []
    for number, (frame, own) in enumerate(zip(iter_frames(entry.frames), points, strict=False)):
        if fault := fault_of_landmarks(own, frame.shape):
            raise UserError(f"{entry.landmarks[number]}: {fault}")
        if number in chosen:
            faults.append(fault_of_place(own, frame, detector))
    if faults and all(faults):
        raise UserError(f"{entry.landmarks[0]}: {faults[0]}")


@cache
def _landmark_model(path: Path) -> LandmarkModel:
    return LandmarkModel(path)


def _pool(jobs: int) -> ProcessPoolExecutor:
    # Spawned, not forked: a fork copies locks that threads of BLAS and OpenCV may hold.
    return ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_start_worker)


def _start_worker() -> None:
    from threadpoolctl import threadpool_limits

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C also reaches the parent, which ends the pool
    cv2.setNumThreads(1)
    threadpool_limits(1)  # there are as many processes as cores
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    """End with the parent: otherwise, workers of a killed parent would wait for work forever."""
    parent_process().join()
    os._exit(1)
