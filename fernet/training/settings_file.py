"""Settings that a user gives in a file: the settings.json of a run, or a part of it, as JSON or TOML."""

import json
import tomllib
from dataclasses import fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from fernet.errors import UserError
from fernet.files import parse_json, read_text
from fernet.json_settings import to_json
from fernet.training.settings import NESTED, RunSettings, run_settings_from_json

_LATER = {
    "precision",
    "small_networks",
    "reading",
    "init",
    "balance",
}  # a settings.json of an earlier version has none of these
_OF_CROSS_VALIDATION = {"run", "seeds", "dataset", "quick"}  # crossval.json, of which `run` is what its runs share


def read_settings_file(path: Path) -> dict[str, Any]:
    """The entries in the file, in tables as in settings.json; of a crossval.json those of its runs.

    UserError if it cannot be read, or has an entry that is no setting.
    """
    try:
        text = read_text(path)
        if path.suffix == ".toml":  # by way of JSON, which has no dates and limits the depth
            text = json.dumps(tomllib.loads(text), default=str)
        elif path.suffix != ".json":
            raise UserError("the file must be called .json or .toml")
        values = parse_json(text)
    except FileNotFoundError:
        raise UserError(f"{path} does not exist: expected settings, such as the settings.json of a run") from None
    except RecursionError:
        raise UserError(f"{path} cannot be read as settings: it is nested too deeply") from None
    except ValueError as error:  # a UserError, or an error of JSON or TOML
        raise UserError(f"{path} cannot be read as settings: {error}") from None
    if isinstance(values, dict) and "run" in values and set(values) <= _OF_CROSS_VALIDATION:
        values = values["run"]
    _check_names(path, "", RunSettings, values)
    for name, kind in NESTED.items():
        if name in values:
            _check_names(path, f"{name}.", kind, values[name])
    if {field.name for field in fields(RunSettings)} - _LATER <= set(values):
        # In earlier versions the name of the data determined the networks.
        values = {"small_networks": values["data"] == "synthetic:mmi", **values}
    return values


def with_entries(defaults: RunSettings, values: dict[str, Any], path: Path) -> RunSettings:
    """`defaults` with the entries that `read_settings_file` read from `path`; UserError if one is of another type."""
    try:
        merged = to_json(defaults) | values
        for name in NESTED:
            merged[name] = to_json(getattr(defaults, name)) | values.get(name, {})
        return run_settings_from_json(merged)
    except UserError as error:
        raise UserError(f"{path} has settings that cannot be used: {error}") from None


def entry_names(values: dict[str, Any]) -> set[str]:
    """The names of all entries, those within tables included."""
    return set(values) | {name for table in NESTED if table in values for name in values[table]}


def _check_names(path: Path, table: str, kind: type, values: Any) -> None:
    if not isinstance(values, dict):
        raise UserError(f"{path}: {table.rstrip('.') or 'the file'} holds {values!r}, expected a table of settings")
    known = [field.name for field in fields(kind)]
    for name in values:
        if name not in known:
            close = get_close_matches(name, known, n=1)
            meant = f" (did you mean {table}{close[0]}?)" if close else ""
            raise UserError(f"{path}: there is no setting {table}{name}{meant}: expected some of {', '.join(known)}")
