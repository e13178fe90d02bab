"""A synthetic set as input of the networks, kept in the user's cache once it is made."""

import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from fernet.array_file import ArrayFile, save_arrays
from fernet.clips.fixed_length import fixed_length
from fernet.clips.sequence_set import Preprocessing, SequenceSet
from fernet.errors import UserError
from fernet.faces.boxes_from_landmarks import face_boxes
from fernet.synthetic.in_parallel import for_each_clip
from fernet.synthetic.render import render_clip
from fernet.synthetic.sets import ClipSpec, clip_specs, described

RENDERER = 3  # to be raised whenever a change alters the pixels or points of a set: old cache files are then left alone
FRAME = 144  # side of the frames; the box of a face is then about as large as a crop
# Deviations of the known points along x and y, in outer eye distances. Together they put a
# point 0.015 off on average, as a landmark model of the usual size does on such faces; most of a model's error belongs
# to the face and stays for the clip, the rest is new in each frame.
LASTING_ERROR, PASSING_ERROR = 0.010, 0.007

_WHAT = "a cached synthetic set"


def load_set(
    name: str,
    seed: int = 0,
    preprocessing: Preprocessing = Preprocessing(),  # noqa: B008  (frozen)
    progress: Callable[[int, int], None] | None = None,
) -> SequenceSet:
    """The set `name`, rendered or read from the cache; `progress(done, total)` is called while clips are rendered."""
    specs = clip_specs(name, seed)
    key = {"set": name, "seed": seed, "renderer": RENDERER, "preprocessing": asdict(preprocessing)}
    path = _cache_file(name, seed, preprocessing)
    arrays = _read(path, key, len(specs), preprocessing)
    if arrays is None:
        arrays = _render(specs, preprocessing, progress)
        _keep(path, key, arrays)
    classes = described(name).classes
    return SequenceSet(
        faces=arrays["faces"],
        landmarks=arrays["landmarks"],
        labels=np.array([classes.index(spec.label) for spec in specs], np.int64),
        classes=classes,
        subjects=tuple(spec.subject for spec in specs),
        names=tuple(spec.name for spec in specs),
        preprocessing=preprocessing,
        title=f"synthetic:{name} (procedural faces)",
    )


def prepare_spec(spec: ClipSpec, preprocessing: Preprocessing) -> tuple[np.ndarray, np.ndarray]:
    """Faces (T_a, S, S) and landmarks (T_g, 49, 2) of one clip, its points blurred as a detector's are."""
    clip = render_clip(spec, FRAME)
    unit = np.linalg.norm(clip.landmarks[:, 45] - clip.landmarks[:, 36], axis=1)[:, None, None]
    generator = spec.clip_generator("landmark error")
    error = generator.normal(0.0, LASTING_ERROR, (68, 2)) + generator.normal(0.0, PASSING_ERROR, clip.landmarks.shape)
    points = (clip.landmarks + unit * error).astype(np.float32)
    return fixed_length(clip.frames, face_boxes(clip.landmarks), points, preprocessing)


def _render(
    specs: list[ClipSpec], preprocessing: Preprocessing, progress: Callable[[int, int], None] | None
) -> dict[str, np.ndarray]:
    prepared = for_each_clip(partial(prepare_spec, preprocessing=preprocessing), specs, progress)
    faces, landmarks = zip(*prepared, strict=True)
    return {"faces": np.stack(faces), "landmarks": np.stack(landmarks)}


def cache_folder() -> Path:
    """Where prepared sets are kept: FERNET_CACHE, or the place that the operating system has for caches."""
    if chosen := os.environ.get("FERNET_CACHE"):
        return Path(chosen)
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "fernet"


def _cache_file(name: str, seed: int, preprocessing: Preprocessing) -> Path:
    p = preprocessing
    form = f"{p.image_size}-{p.appearance_frames}-{p.geometry_frames}-{p.nose_point}"
    return cache_folder() / f"synthetic-{name}-seed{seed}-{form}-r{RENDERER}.npz"


def _read(path: Path, key: dict[str, Any], clips: int, preprocessing: Preprocessing) -> dict[str, np.ndarray] | None:
    """The arrays of a cache file; None if it is absent, damaged or of something else."""
    p = preprocessing
    try:
        with ArrayFile(path, _WHAT) as file:
            if file.description != key:
                return None
            return {
                "faces": file.read("faces", (clips, p.appearance_frames, p.image_size, p.image_size), np.uint8),
                "landmarks": file.read("landmarks", (clips, p.geometry_frames, 49, 2), np.float32),
            }
    except UserError:
        return None


def _keep(path: Path, key: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
    """Write the cache file; where that is not allowed there is no cache, and nothing else is lost."""
    try:
        save_arrays(path, key, arrays)
    except OSError:
        return
