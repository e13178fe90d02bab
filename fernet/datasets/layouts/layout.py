"""What each layout declares in its own file; `LAYOUTS` lists them all."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fernet.clips.clip_list import ClipList

if TYPE_CHECKING:  # --help reads the list of layouts, and importing NumPy and OpenCV would slow it down
    from fernet.datasets.layouts.clip_files import ClipFiles
    from fernet.synthetic.render import RenderedClip
    from fernet.synthetic.sets import ClipSpec


@dataclass(frozen=True)
class LayoutOption:
    """A choice of a part of a dataset, such as a view; `find_clips` takes an option of the same name."""

    name: str
    values: tuple[str, ...] | tuple[bool, ...]  # the first is the default; (False, True) is a flag on the command line
    help: str


@dataclass(frozen=True)
class Layout:
    """One way in which a dataset is stored on disk.

    name        as in `--layout`
    title       in messages, such as "CK+"
    expected    its folders and files, for the error message when too few clips are found
    recognises  whether the folder (or file, if `is_file`) at a path, with links followed or not, has this layout
    find        the clips at a path, from names and labels alone; its keyword arguments are `follow_links` and the
                `options`
    write_clip  writes one procedural clip in this layout; None if that is not possible
    """

    name: str
    title: str
    expected: str
    recognises: Callable[[Path, bool], bool]
    find: Callable[..., ClipList]
    options: tuple[LayoutOption, ...] = ()
    is_file: bool = False
    write_clip: "Callable[[RenderedClip, ClipSpec, ClipFiles], None] | None" = None
