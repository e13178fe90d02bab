"""Tables and lists of the pages; every text in them is escaped."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path

from fernet.errors import first_line
from fernet.files import read_json
from fernet.training.data_record import ENVIRONMENT

_REASONS = 200  # shown at most: the page must stay small enough to send
_NAMES = 20  # shown at most for one reason
_PEOPLE = ("held_out_subjects", "training_subjects")
_NETWORKS = ("dtan", "dtgn")

# Somebody without a mouse scrolls a wide table once it has the focus.
SCROLL = '<div class="scroll" tabindex="0" role="group" aria-label="table">'


def html_table(header: Sequence[str], rows: Sequence[Sequence[str]], wrap: bool = False) -> str:
    """A table that scrolls separately if the screen is too narrow for it."""
    kind = ' class="wrap"' if wrap else ""
    return _table(header, ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in rows), kind)


def shaded_table(
    header: Sequence[str], rows: Sequence[tuple[Sequence[str], Sequence[tuple[str, float]]]], colour: str = "heat"
) -> str:
    """Rows of names, then of (text, share): the larger the share, from 0 to 1, the stronger the colour."""

    def cells(names: Sequence[str], values: Sequence[tuple[str, float]]) -> str:
        first = "".join(f"<th>{escape(name)}</th>" for name in names)
        return first + "".join(f"<td{_shade(share, colour)}>{escape(text)}</td>" for text, share in values)

    return _table(header, (cells(names, values) for names, values in rows), "")


def facts(values: Mapping[str, str]) -> str:
    """The numbers at the head of a page, by name."""
    return "".join(f"<div><strong>{escape(value)}</strong>{escape(name)}</div>" for name, value in values.items())


def remark(text: str) -> str:
    """A sentence in small type."""
    return f'<p class="quiet">{escape(text)}</p>'


def left_out_table(left_out: Mapping[str, str]) -> str:
    """What of the data is not in the results, by name, and why: the most frequent reason first."""
    if not left_out:
        return "<p>Nothing was left out.</p>"
    names: dict[str, list[str]] = {}
    for name, reason in left_out.items():
        names.setdefault(reason, []).append(name)
    rows = [
        (str(len(own)), reason, ", ".join(own[:_NAMES]) + (f" and {len(own) - _NAMES} more" * (len(own) > _NAMES)))
        for reason, own in sorted(names.items(), key=lambda item: -len(item[1]))
    ]
    more = remark(f"and {len(rows) - _REASONS} other reasons") if len(rows) > _REASONS else ""
    return html_table(("Number", "Reason", "Which"), rows[:_REASONS], wrap=True) + more


def settings_tables(settings: Mapping[str, object], run: Path) -> str:
    """The settings, then the software versions and whatever else the folder `run` records of its surroundings."""
    return (
        f"{_values('Setting', settings)}<h3>Software, machine and data</h3>"
        f"{_values('What', _environment(run / ENVIRONMENT))}"
    )


def _values(title: str, values: Mapping[str, object]) -> str:
    """A row for each value; what is None is left out, except for the networks, which then are the paper's."""
    values = {name: "the paper's" if name in _NETWORKS and value is None else value for name, value in values.items()}
    rows = [(name.replace("_", " "), _words(value)) for name, value in values.items() if value is not None]
    return html_table((title, "Value"), [row for row in rows if row[1]], wrap=True)


def _table(header: Sequence[str], rows: Iterable[str], kind: str) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" if cell else "<td></td>" for cell in header)
    body = "".join(f"<tr>{cells}</tr>" for cells in rows)
    return f"{SCROLL}<table{kind}><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"


def _shade(share: float, colour: str) -> str:
    return f' style="background: rgba(var(--{colour}), {0.08 + 0.62 * share:.3f})"' if share > 0 else ""


def _environment(path: Path) -> dict[str, object]:
    """What environment.json says, except of people, who stand elsewhere; the page does without it if it is damaged."""
    try:
        values = read_json(path)
    except (OSError, ValueError) as error:
        return {"software versions": f"not known: {path.name} cannot be read ({first_line(error)})"}
    if not isinstance(values, dict):
        return {"software versions": f"not known: {path.name} does not hold names and values"}
    return {name: value for name, value in values.items() if name not in _PEOPLE}


def _words(value: object) -> str:
    """Names and values in words; empty if there are none."""
    if isinstance(value, dict):
        words = {name: _words(inner) for name, inner in value.items() if inner is not None}
        return ", ".join(f"{name.replace('_', ' ')} {text}" for name, text in words.items() if text)
    if isinstance(value, (list, tuple)):
        return ", ".join(_words(inner) for inner in value)
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)
