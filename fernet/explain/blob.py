"""All arrays of a page in one compressed block of bytes."""

import base64
import zlib
from typing import Any

import numpy as np

_STEPS = 2**20  # of the largest value of a row of i3: an error of 5e-7 of it


class Blob:
    """Arrays one after the other. `add` returns what the page needs to find an array again.

    Each array is divided into planes, first the lowest byte of every value, then the next: neighbours within a plane
    resemble each other, and compress better. Kinds: u1, f2 and f4 as in NumPy, little-endian; i3 is for several arrays
    that differ little, as whole numbers of 24 bits: the first array, and then differences from one to the next.
    """

    def __init__(self) -> None:
        self._planes: list[bytes] = []
        self._length = 0

    def add(self, array: np.ndarray, kind: str) -> dict[str, Any]:
        """Append `array`; for i3 it is (arrays, rows, values)."""
        place: dict[str, Any] = {"kind": kind, "at": self._length, "shape": list(array.shape)}
        if kind == "i3":
            largest = np.abs(array).max(axis=(0, 2), keepdims=True)
            factors = np.where(largest > 0, largest, 1) / _STEPS
            place["factors"] = factors[0, :, 0].tolist()
            values = np.diff(np.rint(array / factors), axis=0, prepend=0).astype("<i4")
            bytes_of = np.ascontiguousarray(values).view(np.uint8).reshape(-1, 4)[:, :3]
        else:
            values = np.ascontiguousarray(array, np.dtype(kind).newbyteorder("<"))
            bytes_of = values.view(np.uint8).reshape(-1, values.itemsize)
        planes = np.ascontiguousarray(bytes_of.T).tobytes()
        self._planes.append(planes)
        self._length += len(planes)
        return place

    def base64(self) -> str:
        """The compressed block (zlib), as text."""
        return base64.b64encode(zlib.compress(b"".join(self._planes), 9)).decode()
