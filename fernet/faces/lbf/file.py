"""The file of an LBF landmark model, checked before OpenCV reads it.

OpenCV trusts such a file. If the header promises more than the file holds, `fit` reads beyond its arrays: the process
crashes or the points are meaningless. So everything is checked here, number by number. The file is YAML as OpenCV
writes it:

    %YAML:1.0
    ---
    sha256: "..."           of everything after this line; only in the files that fernet writes
    stages_n: S    tree_n: T    tree_depth: D    n_landmarks: L = 68        (each on a line of its own)
    regressor_meanshape     L x 2, the mean of (point - centre of box) / (box size / 2)
    tree_k_i_j              2^D x 4 for stage k, landmark i, tree j: two offsets x1 y1 x2 y2 for each node
    thresholds_k_i_j        2^D int32: a pixel difference below its node's threshold goes left
    weights_k               2L x L T 2^(D-1): how far each leaf moves each landmark

A matrix is `!!opencv-matrix` with rows, cols, dt ("d" or "f") and base64 data, whose first 24 bytes repeat the type.
"""

import binascii
import gzip
import hashlib
import re
import zlib
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from fernet.errors import UserError

LARGEST_FILE = 256 << 20  # bytes, uncompressed; the public model has 55 million
_HEADER = {"stages_n": (1, 10), "tree_n": (1, 64), "tree_depth": (2, 10), "n_landmarks": (68, 68)}
_START = re.compile(rb"%YAML[: ]1\.[0-2] *\n---\n")
_CHECKSUM = re.compile(rb'sha256: "([0-9a-f]{64})"\n')
_NUMBER = re.compile(rb" ([0-9]{1,6})\n")
_MATRIX = re.compile(
    rb" !!opencv-matrix\n {1,8}rows: ([0-9]{1,9})\n {1,8}cols: ([0-9]{1,9})\n {1,8}dt: (\w{1,8})\n {1,8}data: (?=!!)"
)
_BINARY = re.compile(rb" ?!!binary \|\n( {1,12})(?! )")
_TYPE_BYTES = 24
_LONGEST_LINE = 256  # characters; OpenCV writes 76
_TYPES = {"d": "<f8", "f": "<f4", "i": "<i4"}
_LARGEST_OFFSET, _LARGEST_WEIGHT, _LARGEST_MEAN = 1.0, 10.0, 3.0


@dataclass(frozen=True)
class LbfHeader:
    """The four numbers that determine all shapes in the file."""

    stages: int
    trees: int  # per landmark
    depth: int
    landmarks: int
    has_checksum: bool = field(default=False, compare=False)


class _Fault(ValueError):
    """What is wrong with the file; the message does not name the path."""


def check_lbf_file(path: Path) -> LbfHeader:
    """The header of the model at `path` (.yaml, or .yaml.gz); UserError names the fault if OpenCV could not use it."""
    try:
        data = _unpacked(path)
        begin, has_checksum = _beginning(data)
        return replace(_check(_entries(data, begin)), has_checksum=has_checksum)
    except OSError as error:
        reason = error.strerror or "is it complete?"
        raise UserError(f"{path}: the landmark model cannot be read ({reason})") from None
    except _Fault as fault:
        raise UserError(
            f"{path}: not an LBF landmark model of 68 points that OpenCV could use safely: {fault}; "
            "fetch it again with `python cli.py landmarks fetch`, or give another file with --landmark-model"
        ) from None


def _unpacked(path: Path) -> bytes:
    packed = path.suffix == ".gz"  # OpenCV, too, decides by the name
    try:
        with gzip.open(path) if packed else open(path, "rb") as stream:
            data = stream.read(LARGEST_FILE + 1)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise _Fault(f"it cannot be unpacked ({error})") from None
    if len(data) > LARGEST_FILE:
        raise _Fault(f"it has more than {LARGEST_FILE >> 20} MB{' when unpacked' if packed else ''}")
    if not packed and data.startswith(b"\x1f\x8b"):
        raise _Fault("it is packed, but its name does not end in .gz")
    return data


def _beginning(data: bytes) -> tuple[int, bool]:
    """Where the entries begin, and whether a checksum precedes them, which must be right."""
    if not (start := _START.match(data)):
        raise _Fault("its first lines are not %YAML:1.0 and ---")
    if not data.startswith(b"sha256:", start.end()):
        return start.end(), False
    stated = _CHECKSUM.match(data, start.end())
    if not stated or hashlib.sha256(data[stated.end() :]).hexdigest().encode() != stated[1]:
        raise _Fault("its contents do not have the checksum that it states: it is damaged")
    return stated.end(), True


def _entries(data: bytes, begin: int) -> dict[str, bytes]:
    """The text after each top-level key from `begin` on, up to the next line that is not indented."""
    if b"\r" in data or b"\t" in data or b"\0" in data:
        raise _Fault("it holds carriage returns, tabs or zero bytes; was it transferred as text?")
    letters = np.frombuffer(data, np.uint8)
    lines = np.flatnonzero(letters[:-1] == ord("\n")) + 1
    first = lines[letters[lines] != ord(" ")]
    first = first[first >= begin].tolist()
    entries: dict[str, bytes] = {}
    for begin, end in zip(first, [*first[1:], len(data)], strict=True):
        colon = data.find(b":", begin, min(end, begin + 64))
        key = data[begin:colon].decode("latin-1")
        if colon < 0 or not re.fullmatch(r"\w+", key):
            raise _Fault(f"byte {begin} begins with {data[begin : begin + 20]!r} where a name and a colon are expected")
        if key in entries:
            raise _Fault(f"{key} occurs twice")
        entries[key] = data[colon + 1 : end]
    return entries


def _check(entries: dict[str, bytes]) -> LbfHeader:
    S, T, D, L = (_header_number(entries, name, *limits) for name, limits in _HEADER.items())
    names = [f"{k}_{i}_{j}" for k in range(S) for i in range(L) for j in range(T)]
    expected = ["regressor_meanshape", *(f"tree_{name}" for name in names), *(f"thresholds_{name}" for name in names)]
    expected += [f"weights_{k}" for k in range(S)]
    if missing := [name for name in expected if name not in entries]:
        raise _Fault(f"{len(missing)} entries are missing although its header announces them, first {missing[0]}")
    if unknown := set(entries) - set(expected) - set(_HEADER):
        raise _Fault(f"{len(unknown)} entries do not belong in it, such as {min(unknown)}")
    mean = _matrix(entries, "regressor_meanshape", (L, 2), "d", _LARGEST_MEAN)
    if mean.std(axis=0).min() < 0.01:
        raise _Fault("regressor_meanshape has all its points in one place or on one line")
    for name in names:
        _matrix(entries, f"tree_{name}", (2**D, 4), "d", _LARGEST_OFFSET)
        _binary(entries[f"thresholds_{name}"], f"thresholds_{name}", "i", 2**D)
    for k in range(S):
        _matrix(entries, f"weights_{k}", (2 * L, L * T * 2 ** (D - 1)), "df", _LARGEST_WEIGHT)
    return LbfHeader(S, T, D, L)


def _header_number(entries: dict[str, bytes], name: str, smallest: int, largest: int) -> int:
    if name not in entries:
        raise _Fault(f"{name} is missing")
    number = _NUMBER.fullmatch(entries[name])
    if not number or not smallest <= int(number[1]) <= largest:
        got = entries[name].decode("latin-1").strip()[:20]
        wanted = f"a whole number from {smallest} to {largest}" if smallest < largest else str(smallest)
        raise _Fault(f"{name} is {got!r}, expected {wanted}")
    return int(number[1])


def _matrix(entries: dict[str, bytes], name: str, shape: tuple[int, int], types: str, largest: float) -> np.ndarray:
    """The matrix `name`, which must have the given shape, one of the given types and values up to +-`largest`."""
    head = _MATRIX.match(entries[name])
    if not head:
        raise _Fault(f"{name} is not an !!opencv-matrix with rows, cols, dt and data")
    rows, cols, kind = int(head[1]), int(head[2]), head[3].decode("latin-1")
    if (rows, cols) != shape:
        raise _Fault(f"{name} has {rows} x {cols} values, the header requires {shape[0]} x {shape[1]}")
    if kind not in tuple(types):
        raise _Fault(f"{name} has values of type {kind!r}, expected {' or '.join(types)}")
    values = _binary(entries[name][head.end() :], name, kind, rows * cols).reshape(shape)
    if not np.isfinite(values).all():
        raise _Fault(f"{name} holds values that are not finite numbers")
    if np.abs(values).max() > largest:
        raise _Fault(f"{name} holds {np.abs(values).max():.3g}, expected values up to {largest:g}")
    return values


def _binary(text: bytes, name: str, kind: str, count: int) -> np.ndarray:
    """`count` numbers from base64 text, whose lines have equal indentation and, except for the last, equal length."""
    head = _BINARY.match(text)
    if not head or not text.endswith(b"\n"):
        raise _Fault(f"{name} has no base64 data, or is cut short")
    indentation, start = len(head[1]), head.start(1)
    width = text.index(b"\n", start) + 1 - start
    letters = np.frombuffer(text, np.uint8)[start:]
    whole = letters[: len(letters) // width * width].reshape(-1, width)  # lines of full length
    last = text[start + whole.size :]
    margins = (whole[:, :indentation] == ord(" ")).all() and (whole[:, -1] == ord("\n")).all()
    if not margins or width > _LONGEST_LINE or (last and not last.startswith(head[1])):
        raise _Fault(f"{name} has lines of unequal length or indentation: text is missing or was inserted")
    packed = whole[:, indentation:-1].tobytes() + last[indentation:-1]
    try:
        data = binascii.a2b_base64(packed, strict_mode=True)
    except ValueError as error:
        raise _Fault(f"{name} has damaged base64 data ({error})") from None
    if data[:_TYPE_BYTES] != f"1{kind}".encode().ljust(_TYPE_BYTES):
        raise _Fault(f"{name} has data that begin with {data[:4]!r}, expected the type '1{kind}'")
    values = np.frombuffer(data[_TYPE_BYTES:], np.uint8)
    size = np.dtype(_TYPES[kind]).itemsize
    if values.size != count * size:
        raise _Fault(f"{name} holds {values.size} bytes, expected {count * size} for {count} values")
    return values.view(_TYPES[kind])
