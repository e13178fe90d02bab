"""The pages that a TIFF declares, read without decoding them."""

from dataclasses import dataclass

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 16: 8}  # bytes of the unsigned types
_MOST_PAGES = 100_000


@dataclass(frozen=True, slots=True)
class TiffPage:
    """Sizes in pixels; `end` is where the last strip or tile ends in the file; `reduced`: a thumbnail or mask."""

    width: int
    height: int
    tile_width: int
    tile_height: int
    bits: int
    samples: int
    planar: bool
    reduced: bool
    end: int


class BrokenTiff(ValueError):
    """A TIFF whose directories lie outside the file, or in a circle."""


def tiff_pages(data: bytes) -> list[TiffPage]:
    """The pages of a TIFF or BigTIFF in order; BrokenTiff if they cannot be followed to the end."""
    order = "little" if data[:1] == b"I" else "big"
    big = 43 in data[2:4]
    at, word = (8, 8) if big else (4, 4)
    pages, seen = [], set()
    at = _number(data, at, word, order)
    while at:
        if at in seen or len(pages) == _MOST_PAGES:
            raise BrokenTiff
        seen.add(at)
        tags, at = _directory(data, at, big, order)
        pages.append(_page(tags))
    return pages


def _page(tags: dict[int, tuple[int, ...]]) -> TiffPage:
    def first(tag: int, default: int) -> int:
        return tags[tag][0] if tags.get(tag) else default

    starts, sizes = tags.get(273) or tags.get(324) or (), tags.get(279) or tags.get(325) or ()
    return TiffPage(
        width=first(256, 0),
        height=first(257, 0),
        tile_width=first(322, 0),
        tile_height=first(323, 0),
        bits=first(258, 1),
        samples=first(277, 1),
        planar=first(284, 1) == 2,
        reduced=bool(first(254, 0) & 5),
        end=max((start + size for start, size in zip(starts, sizes, strict=False)), default=0),
    )


_WANTED = frozenset((254, 256, 257, 258, 273, 277, 279, 284, 322, 323, 324, 325))


def _directory(data: bytes, at: int, big: bool, order: str) -> tuple[dict[int, tuple[int, ...]], int]:
    """The wanted tags of the directory at `at`, and the place of the next one, 0 after the last."""
    count_size, entry, word = (8, 20, 8) if big else (2, 12, 4)
    entries = _number(data, at, count_size, order)
    at += count_size
    if at + entries * entry > len(data):
        raise BrokenTiff
    tags = {}
    for place in range(at, at + entries * entry, entry):
        tag, kind = _number(data, place, 2, order), _number(data, place + 2, 2, order)
        if tag not in _WANTED or kind not in _SIZES:
            continue
        size, count = _SIZES[kind], _number(data, place + 4, word, order)
        start = place + 4 + word
        if size * count > word:
            start = _number(data, start, word, order)
        if start + size * count > len(data):
            raise BrokenTiff
        tags[tag] = tuple(_number(data, start + size * n, size, order) for n in range(count))
    at += entries * entry
    return tags, _number(data, at, word, order) if at + word <= len(data) else 0


def _number(data: bytes, at: int, size: int, order: str) -> int:
    if at + size > len(data):
        raise BrokenTiff
    return int.from_bytes(data[at : at + size], order)
