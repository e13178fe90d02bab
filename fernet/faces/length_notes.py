"""Notes on videos that may be shorter than the recording: those without a length, and files that were cut short."""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from fernet.faces.video_streams import note_on_lengths

_MOST_BOXES = 10_000  # of an MP4 or MOV file


def notes_on_lengths(paths: Iterable[Path]) -> list[str]:
    """What the user should know of the lengths of the videos among the files `paths`; only their headers are read."""
    paths = list(paths)
    notes = [note_on_lengths(paths), _note_on_cut_files([path for path in paths if _is_cut(path)])]
    return [note for note in notes if note is not None]


def _note_on_cut_files(found: list[Path]) -> str | None:
    """A small loss is not refused, since decoders drop single frames of whole files, too."""
    if not found:
        return None
    others = f" and {len(found) - 1} others" if len(found) > 1 else ""
    return f"{found[0]}{others}: cut short, so frames at the end may be missing; copy the recording again"


def _is_cut(path: Path) -> bool:
    """Whether the file is an AVI, MP4 or MOV file that ends before one of its outermost parts does."""
    with suppress(OSError):
        if path.is_file():
            with open(path, "rb") as stream:
                end, at = os.fstat(stream.fileno()).st_size, 0
                head = stream.read(12)
                if head[:4] == b"RIFF" and head[8:] == b"AVI ":
                    return 8 + int.from_bytes(head[4:8], "little") > end
                for _ in range(_MOST_BOXES if head[4:8] == b"ftyp" else 0):
                    stream.seek(at)
                    head = stream.read(16)
                    size = int.from_bytes(head[8:16] if head[:4] == b"\0\0\0\1" else head[:4], "big")
                    if size < 8 or at + size >= end:  # a size of 0 stands for all the rest of the file
                        return at + size > end
                    at += size
    return False
