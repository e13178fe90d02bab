"""Procedural clips written to disk as the databases lay out theirs, so that every loader can be tried from pixels."""

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from fernet.datasets.emotions import EMOTIONS
from fernet.datasets.layouts.mmi import CODES, FRONTAL_HALF
from fernet.errors import UserError
from fernet.synthetic.in_parallel import for_each_clip
from fernet.synthetic.render import RenderedClip, render_clip
from fernet.synthetic.sets import ClipSpec, clip_specs

_FRAME_RATE = 25
_README = """The faces in this folder are procedural: no person is seen in them, and they belong to no database.
They were drawn by fernet (set {name}, seed {seed}) and are laid out as {layout}.
"""
_TITLES = {"folder": "a folder of clips", "ck+": "CK+", "oulu": "Oulu-CASIA", "mmi": "MMI"}
LAYOUTS = tuple(_TITLES)


def write_set(
    name: str,
    out: Path,
    layout: str = "folder",
    *,
    video: bool = True,
    seed: int = 0,
    clips: int | None = None,
    size: int = 192,
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Write the clips of the set `name` below `out`, a new or empty folder; returns how many.

    layout  "folder" takes every set, the layout of a database the set of that name
    video   mp4 files in the layout "folder", otherwise folders of png
    clips   how many of the set's clips, chosen so that classes and people stay balanced; by default all
    size    side of the square frames, pixels
    The folder appears when all clips are written; when the work stops before, nothing of it is left.
    """
    _check(name, out, layout, size)
    specs = balanced(clip_specs(name, seed), clips)
    out = out.resolve()  # a link stays a link
    out.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{out.name}.", suffix=".part", dir=out.parent))
    try:
        (temporary / "README.txt").write_text(_README.format(name=name, seed=seed, layout=_TITLES[layout]))
        write = partial(_write_clip, root=temporary, layout=layout, video=video, size=size)
        for_each_clip(write, specs, progress)
        temporary.chmod(0o755)  # mkdtemp makes folders that only their owner can open
        if out.exists():
            out.rmdir()
        os.replace(temporary, out)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    return len(specs)


def balanced(specs: list[ClipSpec], count: int | None) -> list[ClipSpec]:
    """`count` of the clips, each time the first one of the rarest class so far, by whoever is seen least so far."""
    if count is None:
        return specs
    if not 2 <= count <= len(specs):
        raise UserError(f"{count} clips of a set of {len(specs)} were asked for: expected 2 to {len(specs)}")
    labels, subjects = Counter[str](), Counter[str]()
    left = list(range(len(specs)))
    chosen = []
    for _ in range(count):
        best = min(left, key=lambda i: (labels[specs[i].label], subjects[specs[i].subject], i))
        left.remove(best)
        chosen.append(best)
        labels[specs[best].label] += 1
        subjects[specs[best].subject] += 1
    return [specs[i] for i in sorted(chosen)]


def _check(name: str, out: Path, layout: str, size: int) -> None:
    if layout not in LAYOUTS:
        raise UserError(f"no layout is called {layout!r}: choose one of {', '.join(LAYOUTS)}")
    if layout not in ("folder", name):
        raise UserError(f"the layout of {_TITLES[layout]} has no place for the set {name}: choose the set {layout}")
    if size % 2 or not 48 <= size <= 2048:
        raise UserError(f"frames of {size} pixels were asked for: expected an even number from 48 to 2048")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UserError(f"{out} is not empty: choose a new folder, or empty this one first")


def _write_clip(spec: ClipSpec, root: Path, layout: str, video: bool, size: int) -> None:
    clip = render_clip(spec, size)
    if layout == "ck+":
        _write_ck_plus(clip, spec, root)
    elif layout == "oulu":
        _write_oulu_casia(clip, spec, root)
    elif layout == "mmi":
        _write_mmi(clip, spec, root)
    else:
        _write_folder(clip, spec, root, video)


def _write_folder(clip: RenderedClip, spec: ClipSpec, root: Path, video: bool) -> None:
    path = root / spec.label / f"{spec.subject}__{_clip_name(spec)}"
    if video:
        _write_video(path.with_name(f"{path.name}.mp4"), clip.frames, "mp4v")
    else:
        for number, frame in enumerate(clip.frames, start=1):
            _write_image(path / f"frame{number:04d}.png", frame)


def _write_ck_plus(clip: RenderedClip, spec: ClipSpec, root: Path) -> None:
    """Images with and without colour, as in CK+, landmarks of every frame, and the emotion of the last one."""
    place, name = Path(spec.subject, _clip_name(spec)), f"{spec.subject}_{_clip_name(spec)}"
    in_colour = spec.subject_number % 2 == 1
    for number, (frame, points) in enumerate(zip(clip.frames, clip.landmarks, strict=True), start=1):
        image = np.repeat(frame[..., None], 3, axis=2) if in_colour else frame
        _write_image(root / "cohn-kanade-images" / place / f"{name}_{number:08d}.png", image)
        lines = "".join(f"   {x:.7e}   {y:.7e}\n" for x, y in points.tolist())
        _write_text(root / "Landmarks" / place / f"{name}_{number:08d}_landmarks.txt", lines)
    label = f"   {EMOTIONS.index(spec.label) + 1:.7e}\n"
    _write_text(root / "Emotion" / place / f"{name}_{len(clip.frames):08d}_emotion.txt", label)


def _write_oulu_casia(clip: RenderedClip, spec: ClipSpec, root: Path) -> None:
    folder = root / "OriginalImg" / "VL" / "Strong" / spec.subject / spec.label.capitalize()
    for number, frame in enumerate(clip.frames):
        _write_image(folder / f"{number:03d}.jpeg", frame)


def _write_mmi(clip: RenderedClip, spec: ClipSpec, root: Path) -> None:
    """A video on its side, or a dual view whose other half shows an empty wall: profiles cannot be drawn."""
    session = 100 * (spec.subject_number + 1) + spec.clip_number
    folder, name = root / "Sessions" / str(session), f"{spec.subject}-{_clip_name(spec)}"
    if half := FRONTAL_HALF.get(spec.subject):
        wall = np.full_like(clip.frames, 128)
        frames = np.concatenate([clip.frames, wall] if half == "left" else [wall, clip.frames], axis=2)
    else:
        frames = np.rot90(clip.frames, axes=(1, 2))  # anticlockwise: a quarter turn clockwise sets it upright
    _write_video(folder / f"{name}.avi", frames, "MJPG")
    code = next(code for code, label in CODES.items() if label == spec.label)
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    track = f'<track type="Video" view="{2 if half else 0}" filename="{name}.avi"/>'
    _write_text(folder / "session.xml", f'{head}<session sessionId="{session}">\n  {track}\n</session>\n')
    emotion = f'<Metatag Name="Emotion" Value="{code}"/>'
    _write_text(folder / f"{name}.xml", f"{head}<Annotation>\n  {emotion}\n</Annotation>\n")


def _clip_name(spec: ClipSpec) -> str:
    return spec.name.removeprefix(f"{spec.subject}_")


def _write_text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def _write_image(path: Path, image: np.ndarray) -> None:
    import cv2

    path.parent.mkdir(parents=True, exist_ok=True)
    encoded = cv2.imencode(path.suffix, image)[1]
    path.write_bytes(encoded.tobytes())


def _write_video(path: Path, frames: np.ndarray, codec: str) -> None:
    """A video of grey frames (F, H, W) uint8, read back to see that all of them arrived."""
    import cv2

    path.parent.mkdir(parents=True, exist_ok=True)
    _, height, width = frames.shape
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*codec), _FRAME_RATE, (width, height))
    for frame in frames:
        writer.write(cv2.cvtColor(np.ascontiguousarray(frame), cv2.COLOR_GRAY2BGR))
    writer.release()
    video = cv2.VideoCapture(str(path))
    written = int(video.get(cv2.CAP_PROP_FRAME_COUNT)) if video.isOpened() else 0
    video.release()
    if written != len(frames):
        raise UserError(
            f"{path.name}: only {written} of {len(frames)} frames were written as {codec} video: is the disk full? "
            "Otherwise this build of OpenCV cannot write it; the layouts of images still work (--format png)"
        )
