"""The pictures of an image file in grey, checked before decoding, since OpenCV fills missing parts with grey."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from fernet.errors import UserError
from fernet.faces.image_exif import turned
from fernet.faces.image_format import UNREADABLE, check_regular_file, kind_of_bytes
from fernet.faces.image_headers import ImageHeader, header_of, without_stray_bytes
from fernet.faces.image_messages import decoder_messages

LARGEST_PICTURE = 64 << 20  # pixels; 8K film has 35 million
_LARGEST_FILE = 1 << 30  # bytes
_DEPTHS = (8, 10, 12, 14)  # bits of sensors, whose values are often stored in 16 bits as they are
_LEFT_OVER = re.compile(r"Corrupt JPEG data: (\d+) extraneous bytes before marker 0xd9")
_DAMAGE = re.compile(r"Corrupt JPEG data|Premature end of JPEG|Inconsistent progression")


def read_image(path: Path) -> np.ndarray:
    """(H, W) uint8 grey; colours are weighted, transparency is ignored, Exif rotation is applied.

    16 bits become 8; a picture that uses less than a quarter of 16 bits is taken for one of 14, 12, 10 or 8 bits.
    UserError, naming `path`, if it is damaged, too large, no image, or holds several pictures.
    """
    picture = _single(path)
    return _grey(picture, int(picture.max(initial=0)))


def read_clip(paths: Sequence[Path]) -> Iterator[np.ndarray]:
    """The images in order, as `read_image`, but with the same number of bits for all, so that dark ones stay dark."""
    return _of_one_depth(lambda: map(_single, paths))


def read_images(path: Path) -> Iterator[np.ndarray]:
    """All pictures of one file in order, as `read_clip`: animated WebP, PNG and GIF, and TIFF of several pages."""
    data, kind, header = _checked(path)
    if len(header.pages) == 1:
        return _of_one_depth(lambda: iter((_one_picture(path, data, kind, header),)))
    if kind == "TIFF":
        return _of_one_depth(lambda: (_decoded(path, kind, partial(_tiff_page, data, page)) for page in header.pages))
    return _of_one_depth(lambda: _animation(path, data, kind, header))


def picture_count(path: Path) -> int:
    """The number of pictures in an image file, from its header; UserError if it is damaged or no image."""
    return len(_checked(path)[2].pages)


def check_gif(path: Path) -> None:
    """UserError if a GIF is cut short, damaged, or too large: ffmpeg would show what is left of it."""
    _checked(path)


def check_size(path: Path, width: int, height: int) -> None:
    """Reject pictures that would fill the memory."""
    if width * height > LARGEST_PICTURE:
        raise UserError(
            f"{path}: {width} x {height} pixels; expected at most {LARGEST_PICTURE / 1e6:.0f} million: make it smaller"
        )


def _checked(path: Path) -> tuple[bytes, str, ImageHeader]:
    """The bytes of an image file whose format is known, whose header promises a size and which is whole."""
    data = _file_bytes(path)
    kind = kind_of_bytes(data)
    if kind is None:
        raise UserError(f"{path}: not an image that OpenCV can read, or damaged; replace it, or leave it out")
    if kind in UNREADABLE:
        raise UserError(f"{path}: {kind}, which OpenCV does not read reliably; expected JPEG or PNG: save it as JPEG")
    header = header_of(data, kind)
    if header.fault:
        raise UserError(f"{path}: {header.fault}")
    if not header.whole:
        raise UserError(f"{path}: the image is cut short ({len(data)} bytes are left); copy it again, or leave it out")
    check_size(path, header.width, header.height)
    return data, kind, header


def _file_bytes(path: Path) -> bytes:
    check_regular_file(path, "an image")
    try:
        size = path.stat().st_size
        if size > _LARGEST_FILE:
            raise UserError(f"{path}: an image of {size} bytes; expected at most {_LARGEST_FILE}")
        with open(path, "rb") as stream:
            data = stream.read(_LARGEST_FILE)
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); expected an image") from None
    if not data:
        raise UserError(f"{path}: an empty file; expected an image: copy it again, or leave it out")
    return data


def _single(path: Path) -> np.ndarray:
    """(H, W) uint8 or uint16, the only picture of a file."""
    data, kind, header = _checked(path)
    if len(header.pages) > 1:
        raise UserError(
            f"{path}: a {kind} with {len(header.pages)} pictures; expected one: give this file by itself as a clip, "
            "or save its pictures one by one"
        )
    return _one_picture(path, data, kind, header)


def _one_picture(path: Path, data: bytes, kind: str, header: ImageHeader) -> np.ndarray:
    if kind == "TIFF":
        return _decoded(path, kind, partial(_tiff_page, data, header.pages[0]))
    # Bytes instead of a name: cv2.imread fails for some names. OpenCV misses the orientation in some formats.
    flags = cv2.IMREAD_ANYDEPTH | cv2.IMREAD_IGNORE_ORIENTATION
    whole = np.frombuffer(without_stray_bytes(data) if kind == "JPEG" else data, np.uint8)
    return turned(_decoded(path, kind, partial(cv2.imdecode, whole, flags), data), header.orientation)


def _tiff_page(data: bytes, page: int) -> np.ndarray | None:
    coded = np.frombuffer(data, np.uint8)
    if page == 0:
        return cv2.imdecode(coded, cv2.IMREAD_ANYDEPTH)
    pictures = cv2.imdecodemulti(coded, cv2.IMREAD_ANYDEPTH, None, (page, page + 1))[1]
    return pictures[0] if pictures else None


def _animation(path: Path, data: bytes, kind: str, header: ImageHeader) -> Iterator[np.ndarray]:
    count = len(header.pages)
    if not hasattr(cv2, "imdecodeanimation"):
        raise UserError(
            f"{path}: a {kind} with {count} pictures, which OpenCV {cv2.__version__} cannot read; expected a video or "
            "a folder of images: convert it to MP4, or install OpenCV 4.12 or later"
        )
    coded = np.frombuffer(data, np.uint8)
    at_once = max(1, LARGEST_PICTURE // max(1, header.width * header.height))
    for start in range(0, count, at_once):
        wanted = min(at_once, count - start)
        found = _decoder_result(lambda s=start, n=wanted: cv2.imdecodeanimation(coded, s, n)[1].frames)[0] or ()
        for frame in found:
            code = cv2.COLOR_BGRA2GRAY if frame.shape[-1] == 4 else cv2.COLOR_BGR2GRAY
            yield turned(frame if frame.ndim == 2 else cv2.cvtColor(frame, code), header.orientation)
        if len(found) != wanted:
            raise UserError(
                f"{path}: {start + len(found)} of {count} pictures can be read: the file is damaged; copy it again, "
                "or leave it out"
            )


def _decoded(path: Path, kind: str, decode: Callable[[], np.ndarray | None], data: bytes = b"") -> np.ndarray:
    """(H, W) uint8 or uint16 from `decode()`; UserError where it fails, or where libjpeg reports a damaged scan."""
    picture, lines = _decoder_result(decode)
    if picture is None:
        raise UserError(f"{path}: not an image that OpenCV can read, or damaged; replace it, or leave it out")
    if kind == "JPEG" and any(_DAMAGE.search(line) and not _padded(line, data) for line in lines):
        raise UserError(f"{path}: a damaged JPEG, parts of the picture are wrong; copy it again, or leave it out")
    if picture.dtype not in (np.uint8, np.uint16):
        raise UserError(f"{path}: an image of {picture.dtype} values; expected 8 or 16 bits, save it as PNG")
    check_size(path, *picture.shape[::-1])
    return picture


def _decoder_result(decode: Callable) -> tuple[Any, list[str]]:
    """What `decode()` returns, None if OpenCV fails, and the lines that its decoders print."""
    with decoder_messages() as lines:
        try:
            result = decode()
        except cv2.error:
            result = None
    return result, lines


def _padded(line: str, jpeg: bytes) -> bool:
    """Whether libjpeg complains of nothing but equal bytes between the scan and the end, which some cameras write."""
    found = _LEFT_OVER.search(line)
    end = jpeg.find(b"\xff\xd9", jpeg.find(b"\xff\xda"))
    return bool(found) and len(set(jpeg[max(0, end - int(found[1])) : end])) == 1


def _of_one_depth(pictures: Callable[[], Iterator[np.ndarray]]) -> Iterator[np.ndarray]:
    """The pictures in grey of 8 bits; those of 16 bits are decoded twice, first for the largest value of all."""
    peak = None
    for picture in pictures():
        if picture.dtype == np.uint16 and peak is None:
            peak = max(int(deep.max(initial=0)) for deep in pictures() if deep.dtype == np.uint16)
        yield _grey(picture, peak or 0)


def _grey(picture: np.ndarray, peak: int) -> np.ndarray:
    """(H, W) uint8; `peak` is the largest value, from which the number of bits in a picture of 16 bits follows."""
    if picture.dtype == np.uint8:
        return picture
    full = next((2**bits - 1 for bits in _DEPTHS if peak < 2**bits), 0xFFFF)
    wide = picture.astype(np.uint32)  # NumPy 1 would keep uint16 beside a scalar of any type
    return ((wide * 255 + full // 2) // full).astype(np.uint8)
