"""A table that can be written as Markdown and as CSV."""

import re
from dataclasses import dataclass
from pathlib import Path

from fernet.csv_text import csv_text
from fernet.files import write_text

# Names of classes and datasets come from folders: they must not break the table or become markup. A link is also made
# of an address or a mail address without any marks around it, and formulas in dollars may hold links.
_ENTITIES = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;", "$": "&#36;", "@": "&#64;", "\n": " ", "\r": " "}
)
_MARKUP = re.compile(r"[\\`*_\[\]~!]")
_ADDRESS = re.compile(r"(?i)(https?|ftp|mailto|xmpp|javascript|vbscript|data):|(www)\.")


@dataclass(frozen=True)
class Table:
    """Cells are formatted text; `origin` says what this run's numbers were measured on."""

    name: str  # name of its files, such as table-2-accuracy
    title: str
    origin: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def markdown(self) -> str:
        """Title, table and origin; numbers are aligned to the right."""
        lines = [f"### {self.title}", "", _row(self.header), _row(["---"] + ["---:"] * (len(self.header) - 1))]
        lines += [_row(row) for row in self.rows]
        return "\n".join([*lines, "", f"This run: {_escaped(self.origin)}.", ""])

    def csv(self) -> str:
        """The same rows; each includes the origin, since files become separated from their context."""
        return csv_text([[*self.header, "this run"], *([*row, self.origin] for row in self.rows)])


def write_tables(tables: list[Table], folder: Path) -> None:
    """NAME.md and NAME.csv of every table, and all of them in tables.md."""
    for table in tables:
        write_text(folder / f"{table.name}.md", table.markdown())
        write_text(folder / f"{table.name}.csv", table.csv())
    write_text(folder / "tables.md", "\n".join(table.markdown() for table in tables))


def _row(cells: "list[str] | tuple[str, ...]") -> str:
    return "| " + " | ".join(_escaped(cell) for cell in cells) + " |"


def _escaped(text: str) -> str:
    text = _MARKUP.sub(r"\\\g<0>", text).translate(_ENTITIES)
    return _ADDRESS.sub(lambda found: f"{found[1]}&#58;" if found[1] else f"{found[2]}&#46;", text)
