"""Clips prepared on all cores, in processes of their own, so that not even a crash in a decoder stops the others."""

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

import numpy as np

from fernet.clips.clip import PreparedClip, prepare_clip, prepare_marked_clip
from fernet.clips.clip_list import ClipEntry
from fernet.clips.sequence_set import Preprocessing
from fernet.errors import UserError
from fernet.faces.boxes_from_landmarks import face_boxes
from fernet.faces.landmark_files import read_landmarks
from fernet.faces.landmarks import LandmarkModel


@dataclass(frozen=True)
class Recipe:
    """How clips are prepared. landmarks: "lbf" finds them, "dataset" takes the dataset's own."""

    preprocessing: Preprocessing
    landmark_model: Path
    landmarks: str = "lbf"
    on_missing_face: str = "interpolate"

    def __post_init__(self) -> None:
        if self.landmarks not in ("lbf", "dataset"):
            raise UserError(f"landmarks is {self.landmarks!r}: expected lbf or dataset")


def prepared_clips(
    clips: list[tuple[int, ClipEntry]], recipe: Recipe, jobs: int
) -> Iterator[tuple[int, PreparedClip | str]]:
    """(number, result or message) for numbered clips, in the order in which they are done, with `jobs` processes.

    Called from a script, the script must guard its start with `if __name__ == "__main__"`, as all that use processes.
    """
    if jobs == 1:
        yield from ((number, prepare_entry(entry, recipe)) for number, entry in clips)
        return
    lost = []
    with _pool(min(jobs, len(clips))) as pool:
        try:
            futures = {pool.submit(prepare_entry, entry, recipe): (number, entry) for number, entry in clips}
            for future in as_completed(futures):
                try:
                    yield futures[future][0], future.result()
                except BrokenProcessPool:
                    lost.append(futures[future])
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    for number, entry in lost:  # one of these brought its process down, and with it the pool: each gets its own
        with _pool(1) as pool:
            try:
                yield number, pool.submit(prepare_entry, entry, recipe).result()
            except BrokenProcessPool:
                yield number, f"{entry.name}: the process that read it died; its files may be damaged"


def prepare_entry(entry: ClipEntry, recipe: Recipe) -> PreparedClip | str:
    """The prepared clip, or why there is none."""
    try:
        if recipe.landmarks == "dataset":
            return _with_own_landmarks(entry, recipe)
        return prepare_clip(
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


def _with_own_landmarks(entry: ClipEntry, recipe: Recipe) -> PreparedClip:
    if entry.landmarks is None:
        raise UserError(f"{entry.name}: the dataset has no landmarks of this clip; leave out --landmarks dataset")
    if entry.rotation or entry.half or recipe.preprocessing.normalise_first:
        raise UserError(f"{entry.name}: landmarks of the dataset fit whole frames as they are stored, not turned ones")
    points = np.stack([read_landmarks(path) for path in entry.landmarks])
    return prepare_marked_clip(entry.frames, points, face_boxes(points), recipe.preprocessing)


@cache
def _landmark_model(path: Path) -> LandmarkModel:
    return LandmarkModel(path)


def _pool(jobs: int) -> ProcessPoolExecutor:
    # New processes instead of forked ones: a fork copies locks that threads of BLAS and OpenCV may hold.
    return ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_start_worker)


def _start_worker() -> None:
    import cv2
    from threadpoolctl import threadpool_limits

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears Ctrl-C as well, and ends the pool
    cv2.setNumThreads(1)
    threadpool_limits(1)  # there are as many processes as cores
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    """Without it, workers of a parent that was killed would wait for work forever."""
    parent_process().join()
    os._exit(1)
