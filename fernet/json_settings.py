"""Settings, which are frozen dataclasses, as JSON and back."""

from dataclasses import asdict, fields
from typing import Any

from fernet.errors import UserError


def to_json(settings: Any) -> dict[str, Any]:
    """Settings as plain dictionaries."""
    return asdict(settings)


def checked(kind: type, values: Any) -> dict[str, Any]:
    """`values` if it is a dictionary with exactly the fields of the dataclass `kind` and values of their types.

    UserError for anything else.
    """
    expected = {field.name: field.type for field in fields(kind)}
    if not isinstance(values, dict) or set(values) != set(expected):
        got = ", ".join(sorted(map(str, values))) if isinstance(values, dict) else type(values).__name__
        raise UserError(f"settings with the entries {got}, expected {', '.join(sorted(expected))}: of another version")
    for name, value in values.items():
        if expected[name] in _PLAIN and not _PLAIN[expected[name]](value):
            raise UserError(f"{kind.__name__} settings: {name} is {value!r}, expected {expected[name].__name__}")
        if expected[name] == (str | None) and not (value is None or isinstance(value, str)):
            raise UserError(f"{kind.__name__} settings: {name} is {value!r}, expected text or nothing")
        if expected[name] == (int | None) and not (value is None or _PLAIN[int](value)):
            raise UserError(f"{kind.__name__} settings: {name} is {value!r}, expected a whole number or nothing")
        if expected[name] == tuple[str, ...] and not _texts(value):
            raise UserError(f"{kind.__name__} settings: {name} is {value!r}, expected a list of names")
    return values


def _texts(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(text, str) for text in value)


_PLAIN = {
    int: lambda value: isinstance(value, int) and not isinstance(value, bool),
    float: lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    bool: lambda value: isinstance(value, bool),
    str: lambda value: isinstance(value, str),
}
