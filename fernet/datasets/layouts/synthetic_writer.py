"""Procedural clips written to disk in the layouts of the databases, so that every loader can be tried on pixels."""

from collections import Counter
from pathlib import Path

from fernet.datasets.layouts import LAYOUTS, WRITABLE
from fernet.datasets.layouts.clip_files import ClipFiles
from fernet.errors import UserError
from fernet.files import whole_folder
from fernet.progress import SILENT, Progress
from fernet.synthetic.in_parallel import for_each_clip
from fernet.synthetic.render import render_clip
from fernet.synthetic.sets import ClipSpec, clip_specs

_README = """The faces in this folder are procedural: they show no real person and belong to no database.
They were rendered by fernet (set {name}, seed {seed}) in the layout of {title}.
"""


def write_set(
    name: str,
    out: Path,
    layout: str = "folder",
    *,
    video: bool = True,
    seed: int = 0,
    clips: int | None = None,
    size: int = 192,
    progress: Progress = SILENT,
) -> int:
    """Write the clips of the set `name` below `out`, a new or empty folder; returns their number.

    layout  "folder" takes any set, the layout of a database only the set of that name
    video   in the layout "folder": mp4 files instead of folders of png files
    clips   number of clips, chosen so that classes and people are balanced; by default all
    size    side of the square frames, in pixels

    The folder appears once all clips are written; if the work is interrupted, nothing of it remains.
    """
    _check(name, out, layout, size)
    specs = balanced(clip_specs(name, seed), clips)
    chosen = LAYOUTS[layout]
    with whole_folder(out.resolve()) as temporary:  # a link stays a link
        files = ClipFiles(temporary, as_video=video)
        files.text(Path("README.txt"), _README.format(name=name, seed=seed, title=chosen.title))
        for_each_clip(lambda spec: chosen.write_clip(render_clip(spec, size), spec, files), specs, "clips", progress)
    return len(specs)


def balanced(specs: list[ClipSpec], count: int | None) -> list[ClipSpec]:
    """`count` of the clips: repeatedly the first one of the class, and then of the person, chosen least so far."""
    if count is None:
        return specs
    if not 2 <= count <= len(specs):
        raise UserError(f"{count} clips of a set of {len(specs)} were requested: expected 2 to {len(specs)}")
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
    if layout not in WRITABLE:
        raise UserError(f"no layout is called {layout!r}: choose one of {', '.join(WRITABLE)}")
    if layout not in ("folder", name):
        raise UserError(
            f"the layout of {LAYOUTS[layout].title} has no place for the set {name}: choose the set {layout}"
        )
    if size % 2 or not 48 <= size <= 2048:
        raise UserError(f"frames of {size} pixels were requested: expected an even number from 48 to 2048")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UserError(f"{out} is not empty: choose a new folder, or empty this one first")
