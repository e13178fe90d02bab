"""A synthetic set as arrays for the networks, cached for the user after the first rendering."""

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from fernet.array_file import ArrayFile, save_arrays
from fernet.clips.clip import fixed_length
from fernet.clips.sequence_set import Preprocessing, SequenceSet
from fernet.errors import UserError
from fernet.faces.boxes_from_landmarks import face_boxes
from fernet.progress import SILENT, Progress
from fernet.synthetic.in_parallel import for_each_clip
from fernet.synthetic.render import render_clip
from fernet.synthetic.sets import ClipSpec, clip_specs, described
from fernet.user_folders import cache_folder

RENDERER = 3  # raise it whenever the pixels or points of a set change: older cache files are then ignored
FRAME = 144  # side of the frames, which makes the face box about as large as a crop
# Standard deviations of the error added to the exact points along x and y, in outer eye distances. The mean error of
# a point is 0.015, that of a landmark model of the usual size on such faces. Most of a model's error depends on the
# face and lasts for the whole clip; the rest is drawn anew for each frame.
LASTING_ERROR, PASSING_ERROR = 0.010, 0.007

_WHAT = "a cached synthetic set"


def load_set(
    name: str,
    seed: int = 0,
    preprocessing: Preprocessing = Preprocessing(),  # noqa: B008  (frozen)
    progress: Progress = SILENT,
) -> SequenceSet:
    """The set `name`, rendered or read from the cache; `progress` counts the rendered clips."""
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


def clip_of_spec(spec: ClipSpec, preprocessing: Preprocessing) -> tuple[np.ndarray, np.ndarray]:
    """Faces (T_a, S, S) and landmarks (T_g, 49, 2) of one clip, the points as inexact as those of a landmark model."""
    clip = render_clip(spec, FRAME)
    unit = np.linalg.norm(clip.landmarks[:, 45] - clip.landmarks[:, 36], axis=1)[:, None, None]
    generator = spec.clip_generator("landmark error")
    error = generator.normal(0.0, LASTING_ERROR, (68, 2)) + generator.normal(0.0, PASSING_ERROR, clip.landmarks.shape)
    points = (clip.landmarks + unit * error).astype(np.float32)
    # All frames at once: one by one, a few pixels would differ from those of RENDERER 3 by a grey level.
    return fixed_length([(clip.frames, face_boxes(clip.landmarks), points)], len(points), preprocessing)


def _render(specs: list[ClipSpec], preprocessing: Preprocessing, progress: Progress) -> dict[str, np.ndarray]:
    clips = for_each_clip(partial(clip_of_spec, preprocessing=preprocessing), specs, "faces", progress)
    faces, landmarks = zip(*clips, strict=True)
    return {"faces": np.stack(faces), "landmarks": np.stack(landmarks)}


def _cache_file(name: str, seed: int, preprocessing: Preprocessing) -> Path:
    p = preprocessing
    form = f"{p.image_size}-{p.appearance_frames}-{p.geometry_frames}-{p.nose_point}"
    return cache_folder() / f"synthetic-{name}-seed{seed}-{form}-r{RENDERER}.npz"


def _read(path: Path, key: dict[str, Any], clips: int, preprocessing: Preprocessing) -> dict[str, np.ndarray] | None:
    """The arrays of a cache file; None if it is missing, damaged or made for something else."""
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
    """Write the cache file; if that fails, the set is rendered again next time."""
    try:
        save_arrays(path, key, arrays)
    except OSError:
        return
