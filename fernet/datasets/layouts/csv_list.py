"""Clips listed in a CSV: path, label, subject and, optionally, landmarks; paths are relative to the CSV's folder."""

import codecs
import csv
import io
import os
import unicodedata
from pathlib import Path, PurePosixPath, PureWindowsPath

from fernet.clips.clip_list import ClipEntry, ClipList
from fernet.datasets.layouts.collected import clip_list, one_spelling, spelling_key
from fernet.datasets.layouts.dataset_folder import (
    A_LINK,
    NOT_STORED,
    DatasetFolder,
    has_control_characters,
    is_stored,
)
from fernet.datasets.layouts.layout import Layout
from fernet.datasets.layouts.single_files import why_no_clip
from fernet.errors import UserError

_EXPECTED = "rows of path,label,subject[,landmarks]: a video or a folder of images, its class, its subject"
_SUFFIXES = (".csv", ".tsv", ".txt")
_REQUIRED = ("path", "label", "subject")
_LARGEST = 64 << 20  # bytes: about a million rows


def is_csv(path: Path, follow_links: bool) -> bool:
    """Whether the name of a file is that of a CSV."""
    return path.suffix.lower() in _SUFFIXES


def find_csv_clips(path: Path, follow_links: bool) -> ClipList:
    """The clips that the CSV at `path` lists; a row that cannot be used is skipped and named by its line."""
    folder = DatasetFolder(path.parent, follow_links)
    clips: dict[Path, ClipEntry] = {}
    names: set[str] = set()
    for line, row in _rows(path, folder):
        where = Path(f"{path}:{line}")
        if None in row or None in row.values():
            folder.skip(where, "a row with too many or too few fields")
        elif not all(row[column] for column in _REQUIRED):
            folder.skip(where, "a row without a path, a label or a subject")
        elif any(has_control_characters(row.get(column, "")) for column in (*_REQUIRED, "landmarks")):
            folder.skip(where, "a row with control characters")
        elif clip := _clip(folder, where, row):
            if clip.name in names and _first_file(clip) not in clips:
                folder.skip(where, "another clip has the same name, apart from the way its accents are encoded")
                continue
            names.add(clip.name)
            known = clips.setdefault(_first_file(clip), clip)
            if spelling_key(known.label) != spelling_key(clip.label):
                raise UserError(
                    f"{where}: {row['path']} is labelled {clip.label!r}, earlier {known.label!r}: expected one "
                    "label for each clip; correct the CSV"
                )
            if known is not clip:
                folder.skip(where, "a clip that is already listed above")
    return clip_list(f"{path.name} (CSV of clips)", list(clips.values()), folder.skipped)


def _rows(path: Path, folder: DatasetFolder) -> list[tuple[int, dict]]:
    """Line number and fields of every row.

    Old spreadsheets write an encoding that depends on the country, and nearly any bytes can be read in any of them.
    So a CSV that is not Unicode is read only if the names of files confirm the encoding of western Europe.
    """
    raw = _bytes(path)
    has_utf16_mark = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = raw.decode("utf-16" if has_utf16_mark else "utf-8-sig")
    except UnicodeDecodeError as error:
        rows = [] if has_utf16_mark else _western_rows(path, folder, raw)
        if not rows:
            line = raw.count(b"\n", 0, error.start) + 1
            expected = "UTF-16" if has_utf16_mark else "UTF-8"
            raise UserError(
                f"{path}: line {line} is not {expected}, and the names of files do not show another encoding; expected "
                "UTF-8, or UTF-16 with its mark: save it as CSV in UTF-8"
            ) from None
        return rows
    if "\0" in text:
        raise UserError(f"{path}: not text in UTF-8, nor in UTF-16 with its mark; save it as CSV in UTF-8")
    return _parsed(path, text)


def _western_rows(path: Path, folder: DatasetFolder, raw: bytes) -> list[tuple[int, dict]]:
    """The rows read as Windows-1252 if that gives the accented names of existing files, otherwise none."""
    try:
        rows = _parsed(path, raw.decode("cp1252"))
    except ValueError:  # a byte without a meaning in it, or columns whose names are in another encoding
        return []
    accented = [name for _, row in rows if isinstance(name := row.get("path"), str) and not name.isascii()]
    return rows if accented and all(_existing(folder, name) for name in accented) else []


def _parsed(path: Path, text: str) -> list[tuple[int, dict]]:
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)  # spreadsheets in some languages write semicolons
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    try:
        columns = [name.strip().casefold() for name in reader.fieldnames or ()]
        missing = [name for name in _REQUIRED if columns.count(name) != 1]
        if missing:
            raise UserError(
                f"{path}: the first line must name each of the columns path, label, subject once (landmarks may "
                f"follow); it reads {first.strip()[:80]!r}, where {', '.join(missing)} is missing or repeated"
            )
        reader.fieldnames = columns
        return [(reader.line_num, {key: _stripped(value) for key, value in row.items()}) for row in reader]
    except csv.Error as error:
        raise UserError(f"{path}: not a CSV after line {reader.line_num} ({error}); save it as CSV in UTF-8") from None


def _stripped(value: str | list | None) -> str | list | None:
    return value.strip() if isinstance(value, str) else value


def _bytes(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > _LARGEST:
            raise UserError(f"{path}: a CSV of {size} bytes, expected at most {_LARGEST}; is it a list of clips?")
        return path.read_bytes()
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); expected a CSV of clips") from None


def _clip(folder: DatasetFolder, where: Path, row: dict) -> ClipEntry | None:
    source = _inside(folder, where, row["path"])
    if source is None:
        return None
    if source.is_dir():
        frames: Path | tuple[Path, ...] = folder.images(source)
        if not frames:
            return None
    elif reason := why_no_clip(source):
        folder.skip(where, reason)
        return None
    else:
        frames = source
    landmarks = None
    if row.get("landmarks"):
        landmark_folder = _inside(folder, where, row["landmarks"])
        if landmark_folder is None:
            return None
        landmarks = tuple(folder.files(landmark_folder, (".txt",))) if landmark_folder.is_dir() else ()
        if not landmarks or (isinstance(frames, tuple) and len(landmarks) != len(frames)):
            folder.skip(where, "landmarks must name a folder of text files, one for each frame")
            return None
    name = one_spelling(str(PurePosixPath(_slashes(row["path"]))))
    return ClipEntry(name, one_spelling(row["label"]), one_spelling(row["subject"]), frames, landmarks)


def _inside(folder: DatasetFolder, where: Path, text: str) -> Path | None:
    """The existing file or folder that `text` names, unless its path leads out of the CSV's folder."""
    if PurePosixPath(text).is_absolute() or PureWindowsPath(text).drive:
        folder.skip(where, "an absolute path: expected one relative to the folder of the CSV")
        return None
    if "\0" in text or ".." in PurePosixPath(_slashes(text)).parts:
        folder.skip(where, "a path that leads out of the folder of the CSV")
        return None
    path = _existing(folder, text)
    if path is None:
        folder.skip(where, "no file or folder of that name")
        return None
    if not folder.may_read(path):
        folder.skip(where, A_LINK)
        return None
    try:
        if not is_stored(path):
            folder.skip(where, NOT_STORED)
            return None
    except OSError as error:
        folder.skip(where, f"cannot be read ({error.strerror})")
        return None
    return path


def _existing(folder: DatasetFolder, text: str) -> Path | None:
    """The file or folder that `text` names, whether its accents are stored composed or decomposed.

    Its name on the disk may be in UTF-8 although the locale has another encoding, such as ASCII in the locale C.
    """
    forms = (text, unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text))
    for form in (*forms, *(os.fsdecode(form.encode()) for form in forms)):
        path = folder.root / _slashes(form)
        if os.path.exists(path):  # unlike Path.exists, false for a name that is too long
            return path
    return None


def _slashes(text: str) -> str:
    return text.replace("\\", "/")


def _first_file(clip: ClipEntry) -> Path:
    return clip.frames[0] if isinstance(clip.frames, tuple) else clip.frames


LAYOUT = Layout("csv", "a CSV of path,label,subject", _EXPECTED, is_csv, find_csv_clips, is_file=True)
