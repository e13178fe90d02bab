"""Videos whose frames are not counted in the file: Windows Media (ASF), and MPEG streams."""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

_ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_ASF_DATA = bytes.fromhex("3626b2758e66cf11a6d900aa0062ce6c")
_NO_DATA = 50  # bytes of a data object without packets, as it stands in a file that was never completed
_PACKET = 188  # bytes of a packet of an MPEG transport stream


def missing_of_asf(stream: BinaryIO) -> float:
    """The fraction of the packets of an ASF file (.wmv) that are missing at its end; 0 for any other file.

    The header is followed by one object with all packets, which states its own size.
    """
    stream.seek(0)
    head = stream.read(24)
    if head[:16] != _ASF:
        return 0.0
    start = int.from_bytes(head[16:24], "little")
    end = os.fstat(stream.fileno()).st_size
    if start + 24 > end:
        return 1.0
    stream.seek(start)
    data = stream.read(24)
    size = int.from_bytes(data[16:24], "little")
    if data[:16] != _ASF_DATA or size <= _NO_DATA:
        return 0.0
    return max(0, start + size - end) / size


def note_on_lengths(paths: Iterable[Path]) -> str | None:
    """That the length of MPEG streams among the files `paths` cannot be checked; None if there are none."""
    found = [path for path in paths if _is_mpeg_stream(path)]
    if not found:
        return None
    others = f" and {len(found) - 1} others" if len(found) > 1 else ""
    return (
        f"{found[0]}{others}: an MPEG stream (.mpg, .vob, .ts) does not store its length, so a recording that was cut "
        "short cannot be told from a whole one"
    )


def _is_mpeg_stream(path: Path) -> bool:
    """Whether the file begins as an MPEG program, transport or elementary video stream does."""
    with suppress(OSError):
        if path.is_file():
            with open(path, "rb") as stream:
                start = stream.read(2 * _PACKET)
            # Cameras put a time of 4 bytes before each packet.
            packets = (start[::_PACKET], start[4 :: _PACKET + 4])
            return start[:4] in (b"\0\0\1\xba", b"\0\0\1\xb3") or b"GG" in packets
    return False
