"""Arrays and their description in one .npz file, which is checked while it is read."""

import io
import json
import math
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from fernet.errors import UserError, first_line
from fernet.files import parse_json, whole_file

_DESCRIPTION = "description.json"  # stored beside the .npy members; np.load reads the arrays and ignores it
_LARGEST_DESCRIPTION = 2**20
_HEADER = 4096  # bytes; the .npy headers written here are shorter


def save_arrays(path: Path, description: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
    """Write `arrays` and their `description` (JSON), whole or not at all."""
    with whole_file(path) as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        # A fixed date: the same contents give the same bytes.
        archive.writestr(zipfile.ZipInfo(_DESCRIPTION), json.dumps(description, ensure_ascii=False, indent=1))
        for name, array in arrays.items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.ascontiguousarray(array), allow_pickle=False)


class ArrayFile:
    """An open file written by `save_arrays`. Arrays are read one by one, and only in the shape the caller expects."""

    def __init__(self, path: Path, what: str) -> None:
        """`what` names the kind of file in messages, e.g. "a fernet model"."""
        self.path, self.what = path, what
        if path.exists() and not path.is_file():  # a pipe would wait, a device might never end
            raise UserError(f"{path} is not {what}: expected a file, not a folder, pipe or device")
        try:
            self._archive = zipfile.ZipFile(path)
            self._size = path.stat().st_size
        except FileNotFoundError:
            raise UserError(f"{path} does not exist: expected {what}") from None
        except OSError as error:
            raise UserError(f"{path} cannot be opened: {error.strerror or error}; expected {what}") from None
        except Exception as error:  # damaged headers raise errors of many kinds in zipfile
            raise UserError(f"{path} is not {what}, or is cut short ({first_line(error)})") from None
        try:
            self.description = self._read_description()
        except BaseException:
            self._archive.close()
            raise

    def _read_description(self) -> dict[str, Any]:
        try:
            description = parse_json(self._member(_DESCRIPTION, _LARGEST_DESCRIPTION))
        except UserError:
            raise
        except ValueError as error:
            raise UserError(f"{self.path} is not {self.what}: its description cannot be read ({error})") from None
        if not isinstance(description, dict):
            raise UserError(f"{self.path} is not {self.what}: its description is not a JSON object")
        return description

    def read(self, name: str, shape: tuple[int, ...], dtype: type) -> np.ndarray:
        """The array `name`, which must have this shape and type and hold finite numbers."""
        expected = math.prod(shape) * np.dtype(dtype).itemsize
        content = self._member(f"{name}.npy", expected + _HEADER)
        data = io.BytesIO(content)
        try:
            found, by_columns, kind = _npy_header(data)
        except Exception as error:  # NumPy reads headers with Python's parser, which raises errors of many kinds
            raise UserError(f"{self.path}: array {name} cannot be read ({first_line(error)})") from None
        if found != shape or kind != dtype:
            raise UserError(
                f"{self.path}: array {name} is {kind} of shape {found}, expected {np.dtype(dtype)} of "
                f"{shape}: the file was made for other settings"
            )
        values = np.frombuffer(content, np.uint8)[data.tell() :]
        if values.size != expected:
            raise UserError(
                f"{self.path}: array {name} cannot be read (it has {values.size} bytes, expected {expected})"
            )
        array = values.view(dtype).reshape(shape, order="F" if by_columns else "C").copy()
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise UserError(f"{self.path}: array {name} holds values that are not finite numbers")
        return array

    def _member(self, name: str, most: int) -> bytes:
        """The bytes of one member; its size and compression are checked before anything is read."""
        try:
            member = self._archive.getinfo(name)
        except KeyError:
            raise UserError(f"{self.path} is not {self.what}: it holds no {name}") from None
        if member.file_size > most:
            raise UserError(
                f"{self.path}: {name} has {member.file_size} bytes, expected at most {most}: made for other settings"
            )
        # Compressed data may unfold to any size, whatever the header promises.
        if member.compress_type != zipfile.ZIP_STORED or member.compress_size != member.file_size:
            raise UserError(f"{self.path}: {name} is compressed, expected it uncompressed; make the file again")
        if member.header_offset + member.file_size > self._size:
            raise UserError(f"{self.path} is damaged: {name} would end after the end of the file")
        try:
            return self._archive.read(member)
        except Exception as error:  # a damaged header raises errors of many kinds in zipfile
            raise UserError(f"{self.path} is damaged: {name} cannot be read ({first_line(error)})") from None

    def __enter__(self) -> "ArrayFile":
        return self

    def __exit__(self, *_: object) -> None:
        self._archive.close()


def _npy_header(data: io.BytesIO) -> tuple[tuple[int, ...], bool, np.dtype]:
    """Shape, whether the order is Fortran's, and type; the stream is left at the first value."""
    version = np.lib.format.read_magic(data)
    readers = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    if version not in readers:
        raise ValueError(f"its .npy version is {version}, expected one of {', '.join(map(str, readers))}")
    with warnings.catch_warnings():  # of headers that Python 2 could have written
        warnings.simplefilter("ignore")
        return readers[version](data, max_header_size=_HEADER)
