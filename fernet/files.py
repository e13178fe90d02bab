"""Files and folders that appear whole or not at all, and files that are checked before they are read into memory."""

import json
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

_LARGEST_TEXT = 64 << 20  # bytes
_DEEPEST_JSON = 50  # levels; the files written here have at most six


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Open a temporary file beside `path`; rename it to `path` when the block ends, delete it if the block fails.

    If the process is killed, the temporary file remains until `path` is written again.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = _temporary_file(path)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
            if fcntl:  # the lock ends when the file is closed, and until then no one else may write into it
                _rename_file(temporary, path)
        if not fcntl:  # Windows renames only files that are closed
            _rename_file(temporary, path)
        _sync_folder(path.parent)
    except BaseException as error:
        Path(temporary).unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename is None:
            error.filename = str(path)  # the error of a full disk does not name the file
        raise


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """A temporary folder beside `path`, which is new or empty; as `whole_file`, it is renamed when the block ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary, descriptor = _temporary_folder(path)
    try:
        yield temporary
        if path.exists():
            path.rmdir()
        os.replace(temporary, path)
        _sync_folder(path.parent)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    finally:
        if descriptor is not None:
            os.close(descriptor)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text, whole or not at all."""
    with whole_file(path) as stream:
        stream.write(text.encode())


def write_json(path: Path, value: object) -> None:
    """Write `value` as indented JSON, whole or not at all."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def read_text(path: Path) -> str:
    """The UTF-8 text in `path`; ValueError says why a file cannot hold such a text, without its name."""
    if not stat.S_ISREG((found := path.stat()).st_mode):  # a pipe would wait, a device might never end
        raise ValueError("it is a folder, pipe or device, expected a file")
    if found.st_size > _LARGEST_TEXT:
        raise ValueError(f"it has {found.st_size} bytes, expected at most {_LARGEST_TEXT}")
    try:
        return path.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise ValueError(f"byte {error.start} is not UTF-8") from None


def read_json(path: Path) -> Any:
    """The value in a JSON file; ValueError says why there is none, without the name of the file."""
    return parse_json(read_text(path))


def parse_json(text: str | bytes) -> Any:
    """The value that `text` describes; ValueError for anything that fernet would not have written."""
    try:
        value = json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    level = [value]
    for _ in range(_DEEPEST_JSON):
        inner = (one.values() if isinstance(one, dict) else one for one in level if isinstance(one, (dict, list)))
        level = [one for values in inner for one in values]
    if level:
        raise ValueError("it is nested too deeply")
    if not _encodable(value):
        raise ValueError("it holds characters that are not Unicode")
    return value


def _encodable(value: Any) -> bool:
    """Whether the value can be written again: JSON may name halves of characters, which no encoding has."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _temporary_file(path: Path) -> tuple[int, str]:
    """An empty file beside `path`: one left by a process that was killed, or a new one; locked where possible."""
    if fcntl:
        name = path.with_name(f".{path.name}.0.part")
        with suppress(OSError):
            descriptor = os.open(name, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            if _is_ours(descriptor, name, stat.S_ISREG) and os.fstat(descriptor).st_nlink == 1:
                os.ftruncate(descriptor, 0)
                return descriptor, str(name)
            os.close(descriptor)
    return tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")


def _temporary_folder(path: Path) -> tuple[Path, int | None]:
    """An empty folder beside `path`, as `_temporary_file`; the descriptor keeps the lock."""
    if fcntl:
        folder = path.with_name(f".{path.name}.0.part")
        with suppress(OSError):
            folder.mkdir(exist_ok=True)
            descriptor = os.open(folder, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            if _is_ours(descriptor, folder, stat.S_ISDIR):
                for left in folder.iterdir():
                    shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()
                return folder, descriptor
            os.close(descriptor)
    folder = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part"))
    folder.chmod(0o777 & ~_umask())  # mkdtemp creates folders that only their owner can open
    return folder, None


def _is_ours(descriptor: int, name: Path, kind: Any) -> bool:
    """Whether no living process writes to the open file or folder, and `name` still is its name."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        found = os.fstat(descriptor)
        return kind(found.st_mode) and os.path.samestat(found, os.stat(name, follow_symlinks=False))
    except OSError:
        return False


def _rename_file(temporary: str, path: Path) -> None:
    with suppress(OSError):  # some network and Windows disks have no such permissions
        os.chmod(temporary, 0o666 & ~_umask())  # temporary files can be read by their owner only
    os.replace(temporary, path)


def _sync_folder(folder: Path) -> None:
    """Write the new name to the disk, where the system can do so: a power cut must not bring the old file back."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
