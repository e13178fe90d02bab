"""Clips listed in a CSV: path, label, subject and, optionally, landmarks; paths are relative to the CSV's folder."""

import csv
import io
import os
from pathlib import Path, PurePosixPath, PureWindowsPath

from fernet.clips.clip_list import ClipEntry, ClipList
from fernet.datasets.layouts.collected import clip_list, one_spelling
from fernet.datasets.layouts.dataset_folder import VIDEO_SUFFIXES, DatasetFolder
from fernet.datasets.layouts.layout import Layout
from fernet.errors import UserError

_EXPECTED = "rows of path,label,subject[,landmarks]: a video or a folder of images, its class, its subject"
_SUFFIXES = (".csv", ".tsv", ".txt")
_REQUIRED = ("path", "label", "subject")
_LARGEST = 64 << 20  # bytes: about a million rows


def is_csv(path: Path) -> bool:
    """Whether the name of a file is that of a CSV."""
    return path.suffix.lower() in _SUFFIXES


def find_csv_clips(path: Path) -> ClipList:
    """The clips that the CSV at `path` lists; a row that cannot be used is skipped and named by its line."""
    folder = DatasetFolder(path.parent)
    clips: dict[Path, ClipEntry] = {}
    for line, row in _rows(path):
        where = Path(f"{path}:{line}")
        if None in row or None in row.values():
            folder.skip(where, "a row with too many or too few fields")
        elif not all(row[column] for column in _REQUIRED):
            folder.skip(where, "a row without a path, a label or a subject")
        elif clip := _clip(folder, where, row):
            known = clips.setdefault(_first_file(clip), clip)
            if known.label != clip.label:
                raise UserError(
                    f"{where}: {row['path']} is labelled {clip.label!r}, earlier {known.label!r}: expected one "
                    "label for each clip; correct the CSV"
                )
            if known is not clip:
                folder.skip(where, "a clip that is already listed above")
    return clip_list(f"{path.name} (CSV of clips)", list(clips.values()), folder.skipped)


def _rows(path: Path) -> list[tuple[int, dict]]:
    """Line number and fields of every row."""
    text = _text(path)
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
    return one_spelling(value.strip()) if isinstance(value, str) else value


def _text(path: Path) -> str:
    try:
        size = path.stat().st_size
        if size > _LARGEST:
            raise UserError(f"{path}: a CSV of {size} bytes, expected at most {_LARGEST}; is it a list of clips?")
        raw = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); expected a CSV of clips") from None
    has_utf16_mark = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ["utf-16"] if has_utf16_mark else ["utf-8-sig", "latin-1"]:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise UserError(f"{path}: not text in UTF-8, UTF-16 or Latin-1; save it as CSV in UTF-8")


def _clip(folder: DatasetFolder, where: Path, row: dict) -> ClipEntry | None:
    source = _inside(folder, where, row["path"])
    if source is None:
        return None
    if source.is_dir():
        frames: Path | tuple[Path, ...] = folder.images(source)
        if not frames:
            return None
    elif source.suffix.lower() in VIDEO_SUFFIXES:
        frames = source
    else:
        folder.skip(where, f"neither a folder of images nor a video ({', '.join(VIDEO_SUFFIXES)})")
        return None
    landmarks = None
    if row.get("landmarks"):
        landmark_folder = _inside(folder, where, row["landmarks"])
        if landmark_folder is None:
            return None
        landmarks = tuple(folder.files(landmark_folder, (".txt",))) if landmark_folder.is_dir() else ()
        if not landmarks or (isinstance(frames, tuple) and len(landmarks) != len(frames)):
            folder.skip(where, "landmarks must name a folder of text files, one for each frame")
            return None
    name = str(PurePosixPath(row["path"].replace("\\", "/")))
    return ClipEntry(name, row["label"], row["subject"], frames, landmarks)


def _inside(folder: DatasetFolder, where: Path, text: str) -> Path | None:
    """The existing file or folder that `text` names, unless it is outside the CSV's folder."""
    if PurePosixPath(text).is_absolute() or PureWindowsPath(text).drive:
        folder.skip(where, "an absolute path: expected one relative to the folder of the CSV")
        return None
    if "\0" in text or ".." in (parts := PurePosixPath(text.replace("\\", "/")).parts):
        folder.skip(where, "a path that leads out of the folder of the CSV")
        return None
    path = folder.root.joinpath(*parts)
    if not os.path.exists(path):  # unlike Path.exists, false for a name that is too long
        folder.skip(where, "no file or folder of that name")
        return None
    if not folder.inside(path):
        folder.skip(where, "a link that leads out of the folder of the CSV")
        return None
    return path


def _first_file(clip: ClipEntry) -> Path:
    return clip.frames[0] if isinstance(clip.frames, tuple) else clip.frames


LAYOUT = Layout("csv", "a CSV of path,label,subject", _EXPECTED, is_csv, find_csv_clips, is_file=True)
