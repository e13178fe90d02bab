"""The format of a picture by its first bytes, since suffixes are missing or wrong often enough."""

import stat
from pathlib import Path

from fernet.errors import UserError

_HEIF_BRANDS = {"heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs", "mif1", "msf1"}
_AVIF_BRANDS = {"avif", "avis"}
_STARTS = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),  # BigTIFF
    (b"MM\0+", "TIFF"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
)
_ENOUGH = 64  # bytes from the start of a file that name its format
UNREADABLE = ("HEIC", "AVIF", "JPEG XL")  # OpenCV reads one tile of such pictures, or nothing, or ignores rotation


def kind_of(path: Path) -> str | None:
    """JPEG, PNG, WebP, TIFF, BMP, PNM, GIF, HEIC, AVIF or JPEG XL; None for anything else, such as a video.

    GIFs are best read as videos, after `image_file.check_gif`. UserError if `path` cannot be read, is empty, or is
    a pipe or a device, which are not opened, since they may have no end.
    """
    check_regular_file(path, "an image or a video")
    try:
        with open(path, "rb") as stream:
            start = stream.read(_ENOUGH)
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); expected an image or a video") from None
    if not start:
        raise UserError(f"{path}: an empty file; expected an image or a video: copy it again, or leave it out")
    return kind_of_bytes(start)


def check_regular_file(path: Path, expected: str) -> None:
    """UserError if `path` is missing, a folder, a pipe, a socket or a device; `expected` says what it should be."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        raise UserError(f"{path}: cannot be read ({getattr(error, 'strerror', error)}); expected {expected}") from None
    if stat.S_ISDIR(mode):
        raise UserError(f"{path}: cannot be read (Is a directory); expected {expected}")
    if not stat.S_ISREG(mode):
        raise UserError(f"{path}: a pipe or a device, which may have no end; expected {expected}: give a file")


def kind_of_bytes(data: bytes) -> str | None:
    """As `kind_of`, for the first 64 bytes of a file, or more."""
    for start, kind in _STARTS:
        if data.startswith(start):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WebP"
    if data[:2] == b"BM" and data[14:18] in {bytes((size, 0, 0, 0)) for size in (12, 40, 52, 56, 64, 108, 124)}:
        return "BMP"
    if len(data) > 2 and data[:1] == b"P" and data[1:2] in b"123456" and data[2:3] in b" \t\r\n#":
        return "PNM"
    if data[4:8] == b"ftyp":
        size = int.from_bytes(data[:4], "big")
        brands = [data[at : at + 4].decode("latin-1") for at in (8, *range(16, min(size, len(data)), 4))]
        if _AVIF_BRANDS.intersection(brands):
            return "AVIF"
        if _HEIF_BRANDS.intersection(brands):
            return "HEIC"
    return None
