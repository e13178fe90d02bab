"""The folder of a run: starting one, and finding one again."""

import json
from pathlib import Path

from fernet.errors import UserError
from fernet.training.settings import RunSettings, run_settings_from_json


def start_run(folder: Path) -> None:
    """Make the folder of a new run; UserError if it holds one already."""
    if folder.exists() and not folder.is_dir():
        raise UserError(f"{folder} is a file: choose another --out")
    if (folder / "settings.json").exists():
        raise UserError(f"{folder} holds a run already: go on with `train --resume {folder}` or choose another --out")
    folder.mkdir(parents=True, exist_ok=True)


def open_run(folder: Path) -> RunSettings:
    """Settings of the run in `folder`; UserError if there is none or it is complete."""
    path = folder / "settings.json"
    try:
        settings = run_settings_from_json(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise UserError(f"{folder} holds no run: it has no settings.json") from None
    except ValueError as error:  # UserError and JSON's errors are both
        raise UserError(f"{path} cannot be read: {error}") from None
    if (folder / "metrics.json").exists():
        raise UserError(f"the run in {folder} is complete: `evaluate {folder}` repeats its numbers")
    return settings
