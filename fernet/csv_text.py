"""Rows as CSV text in which a spreadsheet finds no formulas, and back."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

_FORMULA = re.compile(r"'*[=+\-@\t\r＝＋－＠]")
_MARKED = re.compile(r"'+[=+\-@\t\r＝＋－＠]")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def csv_text(rows: Iterable[Sequence[str]]) -> str:
    """The rows as CSV with commas; `csv_rows` restores them.

    Spreadsheets take cells that begin with = + - @ or a tab for formulas, and names of files may begin so. Such a cell
    is written with an apostrophe in front, the spreadsheets' own mark of text, unless it is a number.
    """
    return "".join(csv_line(row) for row in rows)


def csv_line(row: Sequence[str]) -> str:
    """One row, with its end of line."""
    text = io.StringIO()
    csv.writer(text).writerow([_as_text(cell) for cell in row])  # with \r\n as end of line, it quotes cells with either
    return text.getvalue().removesuffix("\r\n") + "\n"


def csv_rows(text: str) -> list[list[str]]:
    """The rows from which `csv_text` made `text`; csv.Error if it is not CSV."""
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    return [[cell[1:] if _MARKED.match(cell) else cell for cell in row] for row in rows]


def _as_text(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell
