"""The folder of a run: starting a new one, and opening an existing one."""

import json
from pathlib import Path

from fernet.errors import UserError
from fernet.training.settings import RunSettings, run_settings_from_json


def free_folder(data: str) -> Path:
    """A folder below runs/, named after `data`, that holds no run yet: runs/demo, runs/demo-2, ..."""
    name = Path(data.removeprefix("synthetic:")).name or "run"
    number = 1
    while _holds_run(folder := Path("runs") / (name if number == 1 else f"{name}-{number}")):
        number += 1
    return folder


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
    except ValueError as error:  # a UserError or an error of JSON
        raise UserError(f"{path} cannot be read: {error}") from None
    if (folder / "metrics.json").exists():
        raise UserError(f"the run in {folder} is complete: `evaluate {folder}` repeats its numbers")
    return settings


def _holds_run(folder: Path) -> bool:
    return any((folder / name).exists() for name in ("settings.json", "crossval.json"))
