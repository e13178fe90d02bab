"""Whether a decoded video is as long as its file declares."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np

from fernet.errors import UserError
from fernet.faces.video_streams import missing_of_asf

_TOLERATED_LOSS = 0.1  # of the frames, or of the time, declared: containers estimate, but a larger loss means damage
_LARGEST_INDEX = 64 << 20  # bytes of a table of frames; that of an hour of film has about 2 million
_MOST_FRAMES = 10_000_000
_MOST_PARTS = 10_000  # parts of a file among which its table of frames is looked for


def check_length(path: Path, count: int, last: float, declared: float, rate: float) -> None:
    """UserError if the `count` frames that were decoded, the last of them at `last` seconds, are fewer than declared.

    declared  OpenCV's number of frames: as stored, or estimated from the duration and the `rate` in frames per second
    """
    with open(path, "rb") as stream:
        if (missing := missing_of_asf(stream)) > _TOLERATED_LOSS:  # of which OpenCV has no number of frames once cut
            raise UserError(
                f"{path}: the video ends after {count} frames, and {missing:.0%} of the file is missing: it is damaged "
                "or cut short; copy it again, or convert it to MP4 to keep what is left"
            )
        if _enough(count, declared):
            return
        stream.seek(0)
        start = stream.read(12)
        is_avi = start.startswith(b"RIFF")
        shown = _avi_frames(stream) if is_avi else _mp4_frames(stream) if start[4:8] == b"ftyp" else None
        if shown is not None:  # `declared` also counts empty frames and those that an edit list leaves out
            if _enough(count, shown):
                return
            declared = shown
        elif not is_avi:  # elsewhere than in AVI the number of frames is an estimate
            if rate > 0 and _enough(last * rate + 1, declared):
                return
            if start.startswith(b"\x1a\x45\xdf\xa3") and _matroska_is_whole(stream):  # the sound may be longer
                return
    raise UserError(
        f"{path}: the video ends after {count} of its {declared:.0f} frames: it is damaged or cut short; "
        "copy it again, or convert it to MP4 to keep what is left"
    )


def _enough(count: float, declared: float) -> bool:
    return count >= declared * (1 - _TOLERATED_LOSS) - 1


def _avi_frames(stream: BinaryIO) -> int | None:
    """The number of frames in the index of an AVI file, without those that only lengthen the one before; None if lost.

    Each entry of the index has 16 bytes: the chunk (00dc is a frame of stream 0), flags, place and size.
    """
    at, end = 12, os.fstat(stream.fileno()).st_size
    for _ in range(_MOST_PARTS):
        stream.seek(at)
        kind, size = stream.read(4), int.from_bytes(stream.read(4), "little")
        if kind in (b"", b"RIFF"):  # the end, or a large file, whose first index is not all
            return None
        if kind == b"idx1":
            if at + 8 + size > end or size > _LARGEST_INDEX:
                return None
            index = np.frombuffer(stream.read(size // 16 * 16), "<u4").reshape(-1, 4)
            sized = index[index[:, 3] > 0, 0].astype("<u4").tobytes()
            chunks = [sized[place : place + 4] for place in range(0, len(sized), 4)]
            first = next((chunk for chunk in chunks if chunk[2:] in (b"dc", b"db")), None)
            return chunks.count(first) or None
        at += 8 + size + size % 2
    return None


def _mp4_frames(stream: BinaryIO) -> int | None:
    """The number of frames that the video track of an MP4 or MOV file shows; None if it has no table of them."""
    stream.seek(0)
    movie = next((data for kind, data in _file_boxes(stream) if kind == b"moov"), b"")
    movie_scale = _scale(_inside(movie, b"mvhd"))
    for track in (data for kind, data in _boxes(movie) if kind == b"trak"):
        if _inside(track, b"mdia", b"hdlr")[8:12] == b"vide":
            times = _frame_times(_inside(track, b"mdia", b"minf", b"stbl"))
            scale = _scale(_inside(track, b"mdia", b"mdhd"))
            if times is None or not scale or not movie_scale:
                return None
            parts = _edits(_inside(track, b"edts", b"elst"))
            if not parts:
                return len(times)
            ends = ((start, start + length * scale / movie_scale) for length, start in parts if start >= 0)
            return sum(int(((times >= start) & (times < end)).sum()) for start, end in ends)
    return None


def _frame_times(tables: bytes) -> np.ndarray | None:
    """Times (F,) at which frames are shown, in units of the track, from the tables of durations and of delays."""
    durations = _repeated(_inside(tables, b"stts"))
    if durations is None:
        return None
    decoded = np.cumsum(durations) - durations
    delays = _repeated(_inside(tables, b"ctts"))  # of frames that are stored in another order than shown
    return decoded if delays is None or len(delays) != len(decoded) else decoded + delays


def _repeated(table: bytes) -> np.ndarray | None:
    """(F,) int64 from pairs (number of frames, value); None for an empty table or one of absurd length."""
    pairs = np.frombuffer(table[8 : 8 + len(table[8:]) // 8 * 8], ">i4").reshape(-1, 2).astype(np.int64)
    if not len(pairs) or pairs[:, 0].min() < 0 or not 0 < pairs[:, 0].sum() <= _MOST_FRAMES:
        return None
    return np.repeat(pairs[:, 1], pairs[:, 0])


def _edits(table: bytes) -> list[tuple[int, int]]:
    """(duration in units of the movie, start in units of the track, -1 for a pause) of each part that is shown."""
    wide = table[:1] == b"\x01"
    row, half = (20, 8) if wide else (12, 4)
    whole = range(8, len(table) - row + 1, row)
    cuts = ((table[at : at + half], table[at + half : at + 2 * half]) for at in whole)
    return [(int.from_bytes(length, "big"), int.from_bytes(start, "big", signed=True)) for length, start in cuts]


def _scale(header: bytes) -> int:
    """Units per second, from the header of a movie or a track."""
    at = 20 if header[:1] == b"\x01" else 12
    return int.from_bytes(header[at : at + 4], "big")


def _inside(data: bytes, *kinds: bytes) -> bytes:
    """The content of the first box of the first kind in `data`, then of the second kind in that, and so on."""
    for kind in kinds:
        data = next((content for found, content in _boxes(data) if found == kind), b"")
    return data


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if size < 8:  # a box of unknown or 64-bit size: none of those looked for here
            return
        yield data[at + 4 : at + 8], data[at + 8 : at + size]
        at += size


def _file_boxes(stream: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """The boxes of the file, with the content of "moov" only."""
    at, end = 0, os.fstat(stream.fileno()).st_size
    for _ in range(_MOST_PARTS):
        if at >= end:
            return
        stream.seek(at)
        head = stream.read(16)
        size, kind, start = int.from_bytes(head[:4], "big"), head[4:8], 8
        if size == 1:
            size, start = int.from_bytes(head[8:16], "big"), 16
        if size < start:
            return
        stream.seek(at + start)
        yield kind, stream.read(min(size - start, _LARGEST_INDEX)) if kind == b"moov" else b""
        at += size


def _matroska_is_whole(stream: BinaryIO) -> bool:
    """Whether a Matroska or WebM file is as long as its segment declares."""
    stream.seek(0)
    head = stream.read(4096)
    size, at = _vint(head, 4)
    at += size
    if head[at : at + 4] != b"\x18\x53\x80\x67":
        return False
    size, at = _vint(head, at + 4)
    return os.fstat(stream.fileno()).st_size >= at + size


def _vint(data: bytes, at: int) -> tuple[int, int]:
    """A number of variable length, as Matroska stores sizes, and the place after it."""
    length = 9 - data[at : at + 1].ljust(1, b"\0")[0].bit_length()
    value = int.from_bytes(data[at : at + length], "big") & ((1 << 7 * length) - 1)
    return value, at + length
