"""The orientation that a camera stored with a picture."""

import zlib

import numpy as np

_ORIENTATION = 0x0112
_LARGEST_PROFILE = 1 << 20  # bytes
_PREFIX = b"Exif\0\0"


def turned(picture: np.ndarray, orientation: int) -> np.ndarray:
    """`picture` (H, W) as it should be seen, for an Exif orientation from 1 to 8; from 5 on, (W, H)."""
    if orientation >= 5:
        picture = picture.T
    if orientation in (2, 3, 6, 7):
        picture = picture[:, ::-1]
    if orientation in (3, 4, 7, 8):
        picture = picture[::-1]
    return np.ascontiguousarray(picture)


def orientation_in(exif: bytes) -> int:
    """The orientation, 1 to 8, in Exif data with or without the prefix of JPEG; 1 if there is none."""
    exif = exif.removeprefix(_PREFIX)
    if exif[:4] not in (b"II*\0", b"MM\0*"):
        return 1
    order = "little" if exif[:1] == b"I" else "big"
    start = int.from_bytes(exif[4:8], order)
    entries = int.from_bytes(exif[start : start + 2], order)
    for at in range(start + 2, min(start + 2 + 12 * entries, len(exif) - 11), 12):
        if int.from_bytes(exif[at : at + 2], order) == _ORIENTATION:
            value = int.from_bytes(exif[at + 8 : at + 10], order)
            return value if 1 <= value <= 8 else 1
    return 1


def orientation_of_text(chunk: bytes, compressed: bool) -> int:
    """The orientation in a tEXt or zTXt chunk of a PNG: older programs store Exif there as hexadecimal digits."""
    keyword, _, text = chunk.partition(b"\0")
    if keyword.lower() not in (b"raw profile type exif", b"raw profile type app1"):
        return 1
    try:
        if compressed:
            text = zlib.decompressobj().decompress(text[1:], _LARGEST_PROFILE)
        _, length, digits = text.strip().split(None, 2)
        return orientation_in(bytes.fromhex(digits.decode("ascii"))[: int(length)])
    except (zlib.error, ValueError):  # a damaged profile is as good as none
        return 1
