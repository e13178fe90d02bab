"""The page as one file: markup, style, script and numbers; it needs no network and no other file."""

import base64
import hashlib
import json
from html import escape
from importlib.resources import files

from fernet.explain.clips import ShownClip
from fernet.explain.contents import contents
from fernet.networks.dtagn import DTAGN

_SCRIPTS = (  # in the order in which they stand in the page
    "numbers.js",
    "layers.js",
    "normalisation.js",
    "network.js",
    "grids.js",
    "reasons.js",
    "drawing.js",
    "words.js",
    "rail.js",
    "maps.js",
    "why.js",
    "scores.js",
    "faces.js",
    "main.js",
)


def explain_page(model: DTAGN, clips: list[ShownClip], title: str) -> str:
    """The page as text. Names of clips and classes come from outside and are escaped everywhere."""
    page = files("fernet.explain").joinpath("page")
    script = "\n".join(page.joinpath(name).read_text(encoding="utf-8") for name in _SCRIPTS)
    description, block = contents(model, clips)
    parts = {
        "title": escape(title),
        "style": page.joinpath("explain.css").read_text(encoding="utf-8"),
        "script": script,
        # The browser runs only this script, whatever a name may contain.
        "script hash": f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}",
        "description": json.dumps(description).replace("<", "\\u003c"),  # a class named </script> remains text
        "block": block,
    }
    # Split first, fill in afterwards: the contents of a part are never searched for placeholders.
    head, *rest = page.joinpath("explain.html").read_text(encoding="utf-8").split("[[")
    filled = [head]
    for piece in rest:
        name, text = piece.split("]]", 1)
        filled += [parts[name], text]
    return "".join(filled)
