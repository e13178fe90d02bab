"""The folder of a run: starting a new one, opening an existing one, and working in it alone."""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from fernet.errors import UserError
from fernet.files import read_json
from fernet.training import state_file
from fernet.training.finished import fault_in_results
from fernet.training.settings import RunSettings, run_settings_from_json

LOCK = ".lock"
_UNFINISHED = re.compile(r"\..+\.(0|[a-z0-9_]{8})\.part", re.DOTALL)  # the names that `files.whole_file` gives
_HELD_BY_ANOTHER = (errno.EAGAIN, errno.EACCES)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Work in `folder`, which is made if need be, while no other process does; UserError if one is at work there.

    The system releases the lock when the process ends, however it ends, so a run that was killed can be resumed at
    once. What a killed process left half-written is deleted. On disks without locks nothing is excluded. The folder
    disappears again if the block fails and leaves nothing in it.
    """
    descriptor = _lock(folder)
    failed = True
    try:
        for place in (folder, folder / "tables", folder / "figures", *folder.glob("tasks/*")):
            remove_unfinished(place)
        yield
        failed = False
    finally:
        with suppress(OSError):  # Windows deletes no open file: there the empty file stays
            (folder / LOCK).unlink()
        os.close(descriptor)
        if failed:
            with suppress(OSError):
                folder.rmdir()  # removes only an empty folder


def free_folder(data: str) -> Path:
    """Create a folder below runs/, named after `data`, for this run alone: runs/demo, runs/demo-2, ..."""
    path = Path(data.removeprefix("synthetic:"))
    name = (path.stem if path.suffix.lower() in (".npz", ".csv") else path.name) or "run"
    runs = Path("runs")
    runs.mkdir(exist_ok=True)
    for number in count(1):
        folder = runs / (name if number == 1 else f"{name}-{number}")
        with suppress(FileExistsError):  # another run has it, perhaps one that has written nothing yet
            folder.mkdir()
            return folder
    raise AssertionError("unreachable")


def remove_unfinished(folder: Path) -> None:
    """Delete the files in `folder` that a killed process has left half-written. No other process may write there."""
    with suppress(OSError):  # they are in nobody's way
        for path in folder.iterdir():
            if _UNFINISHED.fullmatch(path.name) and path.is_file():
                path.unlink(missing_ok=True)


def start_run(folder: Path) -> None:
    """Create the folder of a new run; UserError if it already holds one."""
    if folder.exists() and not folder.is_dir():
        raise UserError(f"{folder} is a file: choose another --out")
    if _holds_run(folder):
        way_on = "" if (folder / "metrics.json").exists() else f"resume it with `train --resume {folder}` or "
        raise UserError(f"{folder} already holds a run: {way_on}choose another --out")
    folder.mkdir(parents=True, exist_ok=True)


def open_run(folder: Path) -> RunSettings:
    """Settings of the run in `folder`; UserError if there is none or it is complete."""
    settings = read_settings(folder)
    if (folder / "metrics.json").exists() and fault_in_results(folder) is None:
        state_file.remove(folder)  # left, as those below, by a process that was killed at the very end
        remove_unfinished(folder)
        raise UserError(f"the run in {folder} is complete: `evaluate {folder}` repeats its numbers")
    return settings


def read_settings(folder: Path) -> RunSettings:
    """Settings of the run in `folder`; UserError if there is none or they are damaged."""
    path = folder / "settings.json"
    try:
        return run_settings_from_json(read_json(path))
    except FileNotFoundError:
        raise UserError(f"{folder} holds no run: it has no settings.json") from None
    except ValueError as error:  # a UserError or an error of JSON
        raise UserError(f"{path} cannot be read: {error}") from None


def _holds_run(folder: Path) -> bool:
    return any((folder / name).exists() for name in ("settings.json", "crossval.json"))


def _lock(folder: Path) -> int:
    """A descriptor of the lock file, which keeps the lock until it is closed."""
    path = folder / LOCK
    while True:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except FileExistsError:
            raise UserError(f"{folder} is a file: choose another --out") from None
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            _lock_file(descriptor)
        except OSError as error:
            if error.errno in _HELD_BY_ANOTHER:
                os.close(descriptor)
                raise UserError(
                    f"another process is at work in {folder}: wait until it has ended, or choose another --out"
                ) from None
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(descriptor), os.stat(path)):
                return descriptor
        os.close(descriptor)  # its owner has just ended and deleted it: another process may hold a new one


def _lock_file(descriptor: int) -> None:
    """Lock the file, without waiting; OSError if another process holds it, or if the disk has no locks."""
    try:
        import fcntl
    except ImportError:
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
