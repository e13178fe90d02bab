"""The folder of a run: starting a new one, and opening an existing one."""

import json
from contextlib import suppress
from itertools import count
from pathlib import Path

from fernet.errors import UserError
from fernet.training.settings import RunSettings, run_settings_from_json


def free_folder(data: str) -> Path:
    """Create a folder below runs/, named after `data`, for this run alone: runs/demo, runs/demo-2, ..."""
    name = Path(data.removeprefix("synthetic:")).name or "run"
    runs = Path("runs")
    runs.mkdir(exist_ok=True)
    for number in count(1):
        folder = runs / (name if number == 1 else f"{name}-{number}")
        with suppress(FileExistsError):  # another run has it, perhaps one that has written nothing yet
            folder.mkdir()
            return folder
    raise AssertionError("unreachable")


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
    path = folder / "settings.json"
    try:
        settings = run_settings_from_json(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise UserError(f"{folder} holds no run: it has no settings.json") from None
    except (ValueError, RecursionError) as error:  # a UserError or an error of JSON
        raise UserError(f"{path} cannot be read: {error}") from None
    if (folder / "metrics.json").exists():
        raise UserError(f"the run in {folder} is complete: `evaluate {folder}` repeats its numbers")
    return settings


def _holds_run(folder: Path) -> bool:
    return any((folder / name).exists() for name in ("settings.json", "crossval.json"))
