"""Arrays and their description in one .npz file, which is checked while it is read."""

import json
import math
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from fernet.errors import UserError
from fernet.files import whole_file

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
        try:
            self._archive = zipfile.ZipFile(path)
        except FileNotFoundError:
            raise UserError(f"{path} does not exist: expected {what}") from None
        except (zipfile.BadZipFile, OSError, ValueError) as error:
            raise UserError(f"{path} is not {what}, or is cut short ({error})") from None
        self.description = self._read_description()

    def _read_description(self) -> dict[str, Any]:
        try:
            text = self._member(_DESCRIPTION, _LARGEST_DESCRIPTION)
            description = json.loads(text)
        except ValueError as error:
            raise UserError(f"{self.path} is not {self.what}: its description cannot be read ({error})") from None
        if not isinstance(description, dict):
            raise UserError(f"{self.path} is not {self.what}: its description is not a JSON object")
        return description

    def read(self, name: str, shape: tuple[int, ...], dtype: type) -> np.ndarray:
        """The array `name`, which must have this shape and type and hold finite numbers."""
        expected = math.prod(shape) * np.dtype(dtype).itemsize
        data = self._member(f"{name}.npy", expected + _HEADER)
        try:
            array = _parse_npy(data)
        except (ValueError, OSError) as error:
            raise UserError(f"{self.path}: array {name} cannot be read ({error})") from None
        if array.shape != shape or array.dtype != dtype:
            raise UserError(
                f"{self.path}: array {name} is {array.dtype} of shape {array.shape}, expected {np.dtype(dtype)} of "
                f"{shape}: the file was made for other settings"
            )
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise UserError(f"{self.path}: array {name} holds values that are not finite numbers")
        return array

    def _member(self, name: str, most: int) -> bytes:
        try:
            size = self._archive.getinfo(name).file_size
            if size > most:
                raise UserError(
                    f"{self.path}: {name} has {size} bytes, expected at most {most}: made for other settings"
                )
            return self._archive.read(name)
        except KeyError:
            raise UserError(f"{self.path} is not {self.what}: it holds no {name}") from None
        except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
            raise UserError(f"{self.path} is damaged: {name} cannot be read ({error})") from None

    def __enter__(self) -> "ArrayFile":
        return self

    def __exit__(self, *_: object) -> None:
        self._archive.close()


def _parse_npy(data: bytes) -> np.ndarray:
    import io

    return np.lib.format.read_array(io.BytesIO(data), allow_pickle=False, max_header_size=_HEADER)
