"""One image file as a grey picture, checked before decoding, since OpenCV fills missing parts with grey."""

from pathlib import Path

import cv2
import numpy as np

from fernet.errors import UserError

LARGEST_PICTURE = 64 << 20  # pixels; 8K film has 35 million
_LARGEST_FILE = 1 << 30  # bytes
_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8"
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # markers SOFn, whose segments hold the size
_START_OF_SCAN = 0xDA


def read_image(path: Path) -> np.ndarray:
    """(H, W) uint8 grey; colours are weighted, transparency is ignored, 16 bits become 8, Exif rotation is applied."""
    data = _file_bytes(path)
    _check_header(path, data)
    try:  # bytes instead of a name: cv2.imread fails for some names that are not ASCII
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_ANYDEPTH)
    except cv2.error:
        picture = None
    if picture is None:
        raise UserError(f"{path}: not an image that OpenCV can read, or damaged; replace it, or leave it out")
    if picture.dtype not in (np.uint8, np.uint16):
        raise UserError(f"{path}: an image of {picture.dtype} values; expected 8 or 16 bits, save it as PNG")
    check_size(path, *picture.shape[::-1])
    return picture if picture.dtype == np.uint8 else ((picture + np.uint32(128)) // 257).astype(np.uint8)


def check_size(path: Path, width: int, height: int) -> None:
    """Reject pictures that would fill the memory."""
    if width * height > LARGEST_PICTURE:
        raise UserError(
            f"{path}: {width} x {height} pixels; expected at most {LARGEST_PICTURE / 1e6:.0f} million: make it smaller"
        )


def _file_bytes(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > _LARGEST_FILE:
            raise UserError(f"{path}: an image of {size} bytes; expected at most {_LARGEST_FILE}")
        data = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); expected an image") from None
    if not data:
        raise UserError(f"{path}: an empty file; expected an image: copy it again, or leave it out")
    return data


def _check_header(path: Path, data: bytes) -> None:
    """Check the size that a PNG or JPEG declares, and that the file is complete."""
    if data.startswith(_PNG):
        size = (int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big"))
        whole = data.find(b"IEND", 24) >= 0
    elif data.startswith(_JPEG):
        size, scan = _jpeg_size_and_scan(data)
        whole = scan > 0 and data.find(b"\xff\xd9", scan) >= 0  # the end marker; scans escape these bytes
    else:
        return
    if not whole:
        raise UserError(f"{path}: the image is cut short ({len(data)} bytes are left); copy it again, or leave it out")
    check_size(path, *size)


def _jpeg_size_and_scan(data: bytes) -> tuple[tuple[int, int], int]:
    """(width, height) and the start of the first scan, 0 if it is missing; segments are skipped by their lengths."""
    size, at = (0, 0), 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # padding
            at += 1
            continue
        if marker in _JPEG_FRAMES:
            size = (int.from_bytes(data[at + 7 : at + 9], "big"), int.from_bytes(data[at + 5 : at + 7], "big"))
        if marker == _START_OF_SCAN:
            return size, at
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return size, 0
