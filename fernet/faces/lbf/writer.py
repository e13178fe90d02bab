"""A trained cascade as the YAML file that OpenCV's FacemarkLBF loads.

Matrices are the base64 text of a 24-byte header (the type of an element) and little-endian numbers. The checksum is an
entry of its own, which OpenCV ignores.
"""

import base64
import gzip
import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from fernet.errors import UserError
from fernet.faces.lbf.cascade import Cascade
from fernet.files import whole_file

SUFFIXES = (".yaml", ".yaml.gz")
_LINE = 64  # characters of base64 per line; a multiple of 16 aligns the bytes of a float from line to line
_TYPES = {"d": "<f8", "f": "<f4", "i": "<i4"}


def check_model_name(path: Path) -> None:
    """Reject a name from which OpenCV could not tell the format."""
    if not path.name.endswith(SUFFIXES):
        raise UserError(f"{path}: the name of a landmark model ends in {' or '.join(SUFFIXES)}")


def write_cascade(path: Path, cascade: Cascade) -> None:
    """Write `cascade`, whole or not at all, compressed if the name ends in .gz. Equal cascades give equal bytes."""
    check_model_name(path)
    text = with_checksum("".join(_lines(cascade)).encode())
    with whole_file(path) as stream:
        if path.suffix != ".gz":
            stream.write(text)
            return
        with gzip.GzipFile("", "wb", compresslevel=9, fileobj=stream, mtime=0) as compressed:
            compressed.write(text)


def with_checksum(entries: bytes) -> bytes:
    """The text of a model file with these entries, preceded by their SHA-256, which is checked when it is read."""
    return b'%%YAML:1.0\n---\nsha256: "%s"\n' % hashlib.sha256(entries).hexdigest().encode() + entries


def _lines(cascade: Cascade) -> Iterator[str]:
    first = cascade.stages[0].thresholds
    L, T, nodes = first.shape
    yield f"stages_n: {len(cascade.stages)}\ntree_n: {T}\n"
    yield f"tree_depth: {nodes.bit_length() - 1}\nn_landmarks: {L}\n"
    yield _matrix("regressor_meanshape", cascade.mean_shape, "d")
    for number, stage in enumerate(cascade.stages):
        for landmark, tree in np.ndindex(L, T):
            name = f"{number}_{landmark}_{tree}"
            yield _matrix(f"tree_{name}", stage.offsets[landmark, tree], "d")
            yield f"thresholds_{name}: !!binary |\n{_base64(stage.thresholds[landmark, tree], 'i', 3)}"
        yield _matrix(f"weights_{number}", stage.weights, "f")


def _matrix(name: str, matrix: np.ndarray, kind: str) -> str:
    rows, columns = matrix.shape
    head = f"{name}: !!opencv-matrix\n   rows: {rows}\n   cols: {columns}\n   dt: {kind}\n   data: !!binary |\n"
    return head + _base64(matrix, kind, 6)


def _base64(values: np.ndarray, kind: str, indent: int) -> str:
    header = f"1{kind}".ljust(24).encode()
    text = base64.b64encode(header + values.astype(_TYPES[kind]).tobytes()).decode()
    return "".join(f"{' ' * indent}{text[at : at + _LINE]}\n" for at in range(0, len(text), _LINE))
