"""A page made of a template and its parts; it needs no network and no other file."""

import base64
import hashlib
from importlib.resources import files

_PAGE = files("fernet.reporting").joinpath("page")


def page_text(template: str, parts: dict[str, str]) -> str:
    """The template of this name with its parts filled in; they are HTML, in which names are escaped already."""
    script = _PAGE.joinpath("report.js").read_text(encoding="utf-8")
    parts = {
        "style": _PAGE.joinpath("report.css").read_text(encoding="utf-8"),
        "script": script,
        # The browser runs only this script, whatever a name may contain.
        "script hash": f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}",
        **parts,
    }
    # Split first, fill in afterwards: the contents of a part are never searched for placeholders.
    head, *rest = _PAGE.joinpath(template).read_text(encoding="utf-8").split("[[")
    filled = [head]
    for piece in rest:
        name, text = piece.split("]]", 1)
        filled += [parts[name], text]
    return "".join(filled)
