"""What the header of an image file declares: size, number of pictures, orientation, and whether the file is whole."""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from fernet.faces.image_exif import orientation_in, orientation_of_text
from fernet.faces.image_tiff import BrokenTiff, tiff_pages

_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # markers SOFn, whose segments hold the size
_ALONE = frozenset((*range(0xD0, 0xD9), 0x00, 0x01))  # markers without a length
_START_OF_SCAN, _END_OF_IMAGE, _APP1 = 0xDA, 0xD9, 0xE1
_DAMAGED = "a damaged {}; copy it again, or leave it out"
_PNM = re.compile(rb"P([1-6])(?:\s|#[^\n]*\n)+(\d{1,9})(?:\s|#[^\n]*\n)+(\d{1,9})(?:\s+(\d{1,5})\s)?")


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """`fault` says what makes the picture unfit, and what to do; `pages` number the pictures within the file."""

    width: int = 0
    height: int = 0
    pages: tuple[int, ...] = (0,)
    orientation: int = 1  # as in Exif; TIFF keeps 1, since OpenCV turns it by itself
    whole: bool = True
    fault: str = ""


def header_of(data: bytes, kind: str) -> ImageHeader:
    """The header of an image of a `kind` named by `image_format.kind_of`; sizes are the largest that it declares."""
    return {"JPEG": _jpeg, "PNG": _png, "WebP": _webp, "TIFF": _tiff, "BMP": _bmp, "PNM": _pnm, "GIF": _gif}[kind](data)


def _jpeg(data: bytes) -> ImageHeader:
    width, height, orientation, scan = 0, 0, 1, 0
    for marker, start, end in _jpeg_segments(data):
        if marker in _JPEG_FRAMES:
            width, height = _big(data[start + 7 : start + 9]), _big(data[start + 5 : start + 7])
        if marker == _APP1 and data[start + 4 : start + 10] == b"Exif\0\0" and orientation == 1:
            orientation = orientation_in(data[start + 4 : end])
        if marker == _START_OF_SCAN:
            scan = start
    whole = scan > 0 and data.find(b"\xff\xd9", scan) >= 0  # the end marker; scans escape these bytes
    return ImageHeader(width, height, orientation=orientation, whole=whole)


def without_stray_bytes(jpeg: bytes) -> bytes:
    """The JPEG without bytes between its segments: libjpeg skips them, but then reports no damage of the scan."""
    parts = [jpeg[:2]]
    for marker, start, end in _jpeg_segments(jpeg):
        parts.append(jpeg[start:] if marker == _START_OF_SCAN else jpeg[start:end])
    return b"".join(parts)


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """(marker, start, end) up to the start of the first scan, which is the last."""
    at = data.find(b"\xff", 2)
    while 0 <= at <= len(data) - 4:
        marker = data[at + 1]
        if marker == _END_OF_IMAGE:
            return
        if marker == 0xFF:  # padding
            at += 1
            continue
        end = at + 2 if marker in _ALONE else at + 2 + _big(data[at + 2 : at + 4])
        if marker not in _ALONE:
            yield marker, at, end
        if marker == _START_OF_SCAN:
            return
        at = data.find(b"\xff", end)


def _png(data: bytes) -> ImageHeader:
    size, pictures, orientation, at, whole, intact = (_big(data[16:20]), _big(data[20:24])), 0, 1, 8, False, True
    while at + 12 <= len(data) and not whole:
        end = at + 8 + _big(data[at : at + 4])
        if end + 4 > len(data):
            break
        name, chunk = data[at + 4 : at + 8], data[at + 8 : end]
        intact = intact and zlib.crc32(data[at + 4 : end]) == _big(data[end : end + 4])
        pictures += name == b"fcTL"  # one for each picture of an animation
        if name == b"eXIf":
            orientation = orientation_in(chunk)
        elif name in (b"tEXt", b"zTXt") and orientation == 1:
            orientation = orientation_of_text(chunk, name == b"zTXt")
        whole, at = name == b"IEND", end + 4
    # OpenCV reserves the memory that a damaged length promises, and checks no sums in animations.
    if (not whole and data.find(b"IEND", 24) >= 0) or (pictures and whole and not intact):
        return ImageHeader(*size, fault=_DAMAGED.format("PNG"))
    return ImageHeader(*size, tuple(range(max(1, pictures))), orientation, whole)


def _webp(data: bytes) -> ImageHeader:
    width = height = pictures = 0
    orientation, at, size = 1, 12, 8 + _little(data[4:8])
    while at + 8 <= min(size, len(data)):
        end = at + 8 + _little(data[at + 4 : at + 8])
        name, chunk = data[at : at + 4], data[at + 8 : min(end, at + 8 + (1 << 20))]
        if name == b"VP8X":
            width, height = _little(chunk[4:7]) + 1, _little(chunk[7:10]) + 1
        elif name == b"VP8 " and not width:
            width, height = _little(chunk[6:8]) & 0x3FFF, _little(chunk[8:10]) & 0x3FFF
        elif name == b"VP8L" and not width:
            bits = _little(chunk[1:5])
            width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        elif name == b"EXIF":
            orientation = orientation_in(chunk)
        pictures += name == b"ANMF"
        at = end + end % 2
    return ImageHeader(width, height, tuple(range(max(1, pictures))), orientation, len(data) >= size)


def _tiff(data: bytes) -> ImageHeader:
    try:
        pages = tiff_pages(data)
    except BrokenTiff:
        return ImageHeader(whole=False)
    numbers = tuple(number for number, page in enumerate(pages) if not page.reduced)
    kept = [pages[number] for number in numbers]
    if not kept:
        return ImageHeader(
            fault="a TIFF that holds nothing but a thumbnail, as raw files of cameras do; save the picture as PNG"
        )
    widest = max(pages, key=lambda page: max(page.width * page.height, page.tile_width * page.tile_height))
    planes = any(page.planar and page.samples > 1 and page.bits > 8 for page in kept)
    return ImageHeader(
        max(widest.width, widest.tile_width),
        max(widest.height, widest.tile_height),
        numbers,
        whole=all(page.end <= len(data) for page in kept),
        fault="a TIFF that stores its colours in separate planes of more than 8 bits; save it as PNG" if planes else "",
    )


def _bmp(data: bytes) -> ImageHeader:
    if data[14] == 12:
        return ImageHeader(_little(data[18:20]), _little(data[20:22]))
    return ImageHeader(*(abs(int.from_bytes(data[at : at + 4], "little", signed=True)) for at in (18, 22)))


def _pnm(data: bytes) -> ImageHeader:
    found = _PNM.match(data[:4096])
    if not found:
        return ImageHeader(fault=_DAMAGED.format("PNM"))
    width, height = int(found[2]), int(found[3])
    if found[1] in b"56" and found[4]:
        values = width * height * (3 if found[1] == b"6" else 1)
        if data[found.end() + values * (2 if int(found[4]) > 255 else 1) :].lstrip().startswith(b"P" + found[1]):
            return ImageHeader(fault="a PNM with several pictures; expected one: save them one by one")
    return ImageHeader(width, height)


def _gif(data: bytes) -> ImageHeader:
    size = _little(data[6:8]), _little(data[8:10])
    pictures, at = 0, 13 + _palette(data[10:11])
    while at < len(data) and data[at] != 0x3B:
        if data[at] == 0x2C:
            start = at + 11 + _palette(data[at + 9 : at + 10])
        elif data[at] == 0x21:
            start = at + 2
        elif data[at] == 0:  # padding
            at += 1
            continue
        else:
            return ImageHeader(*size, fault=_DAMAGED.format("GIF"))
        pictures, at = pictures + (data[at] == 0x2C), _after_blocks(data, start)
    # Some programs leave out the last byte, so that a file is whole if its last picture is.
    return ImageHeader(*size, tuple(range(pictures)), whole=at <= len(data) and pictures > 0)


def _after_blocks(data: bytes, at: int) -> int:
    """The place after the blocks of a GIF that start at `at`, beyond the end if the last one is missing."""
    while at < len(data):
        if not data[at]:
            return at + 1
        at += 1 + data[at]
    return len(data) + 1


def _palette(flags: bytes) -> int:
    return 3 << (flags[0] & 7) + 1 if flags and flags[0] & 0x80 else 0


def _big(data: bytes) -> int:
    return int.from_bytes(data, "big")


def _little(data: bytes) -> int:
    return int.from_bytes(data, "little")
