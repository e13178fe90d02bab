"""A synthetic set as a folder of videos or pictures, to look at and to try the way of real data on."""

import os
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from fernet.datasets.synthetic.in_parallel import for_each_clip
from fernet.datasets.synthetic.render import render_clip
from fernet.datasets.synthetic.sets import ClipSpec, clip_specs
from fernet.errors import UserError
from fernet.files import whole_file, write_text

KINDS = ("mp4", "png")
_FRAMES_PER_SECOND = 15.0
_README = """The faces in this folder are procedural: drawn by a program. They show no real person.

Set "{name}" with seed {seed}, {clips} clips in frames of {size} x {size} pixels.
Layout: <class>/<subject>__<clip>{suffix}
"""


def write_set(
    name: str,
    out: Path,
    kind: str = "mp4",
    seed: int = 0,
    size: int = 192,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Write every clip of the set into the new or empty folder `out`; `progress(done, total)` after each clip."""
    specs = clip_specs(name, seed)
    if kind not in KINDS:
        raise UserError(f"clips cannot be written as {kind!r}: choose one of {', '.join(KINDS)}")
    if not 64 <= size <= 1024 or size % 2:
        raise UserError(f"frames of {size} pixels: expected an even number from 64 to 1024")
    _check_empty(out)
    suffix = ".mp4" if kind == "mp4" else "/000.png, 001.png ..."
    write_text(out / "README.txt", _README.format(name=name, seed=seed, clips=len(specs), size=size, suffix=suffix))
    for_each_clip(partial(_write_clip, out=out, kind=kind, size=size), specs, progress)


def _check_empty(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise UserError(f"{out} is a file: give the name of a new folder")
    if out.is_dir() and any(out.iterdir()):
        raise UserError(f"{out} is not empty: give the name of a new folder, or empty this one first")


def _write_clip(spec: ClipSpec, out: Path, kind: str, size: int) -> None:
    folder = out / spec.label
    folder.mkdir(parents=True, exist_ok=True)
    frames = render_clip(spec, size).frames
    clip = f"{spec.subject}__{spec.clip_number + 1:03d}"
    with tempfile.TemporaryDirectory(dir=out, prefix=".part-") as workshop:  # what is renamed is whole
        if kind == "mp4":
            finished = Path(workshop) / f"{clip}.mp4"
            _write_video(finished, frames)
        else:
            finished = Path(workshop) / clip
            _write_pictures(finished, frames)
        os.replace(finished, folder / finished.name)


def _write_video(path: Path, frames: np.ndarray) -> None:
    """Write an MPEG-4 video and count its frames; UserError if this OpenCV cannot do either."""
    import cv2

    writer = cv2.VideoWriter(
        str(path), cv2.VideoWriter_fourcc(*"mp4v"), _FRAMES_PER_SECOND, frames.shape[:0:-1], isColor=True
    )
    if not writer.isOpened():
        raise UserError("this build of OpenCV cannot write MPEG-4 video: choose png instead of mp4")
    for frame in frames:
        writer.write(cv2.cvtColor(frame, cv2.COLOR_GRAY2BGR))
    writer.release()
    reader = cv2.VideoCapture(str(path))
    count = 0
    while reader.grab():
        count += 1
    reader.release()
    if count != len(frames):
        raise UserError(f"{path.name} has {count} of {len(frames)} frames when read back: choose png instead of mp4")


def _write_pictures(folder: Path, frames: np.ndarray) -> None:
    import cv2

    for number, frame in enumerate(frames):
        with whole_file(folder / f"{number:03d}.png") as stream:
            stream.write(cv2.imencode(".png", frame)[1].tobytes())
