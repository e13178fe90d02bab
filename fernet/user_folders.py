"""Where the operating system keeps a user's data and caches for a program."""

import os
import sys
from pathlib import Path


def data_folder() -> Path:
    """For files that are fetched once and kept, such as a landmark model."""
    return _folder("XDG_DATA_HOME", mac="Application Support", linux=".local/share")


def cache_folder() -> Path:
    """For files that can be made again; the environment variable FERNET_CACHE names another folder."""
    if chosen := os.environ.get("FERNET_CACHE"):
        return Path(chosen)
    return _folder("XDG_CACHE_HOME", mac="Caches", linux=".cache")


def _folder(variable: str, mac: str, linux: str) -> Path:
    """The folder that the environment variable names, on any system; otherwise the usual place on this one."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / mac
    else:
        base = Path.home() / linux
    return Path(os.environ.get(variable) or base) / "fernet"
