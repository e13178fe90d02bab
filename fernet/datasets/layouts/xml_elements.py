"""The start tags of a small XML file from an untrusted source."""

import stat
from pathlib import Path
from xml.parsers import expat

_LARGEST = 1 << 20  # bytes; the sessions of MMI have a few thousand


class BadXml(ValueError):
    """The file is not XML that may be read; the message is the reason for skipping it."""


def xml_elements(path: Path) -> list[tuple[str, dict[str, str]]]:
    """Lower-case tag and attributes of every element, in order.

    A document type is rejected where it begins, before it can declare an entity, so none is ever expanded or fetched.
    """
    elements: list[tuple[str, dict[str, str]]] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        elements.append((tag.lower(), {name.lower(): value for name, value in attributes.items()}))

    def refuse(*_: object) -> None:
        raise BadXml("an XML file with a document type, which is refused because it can expand without limit")

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = refuse
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise BadXml("a folder, a pipe or a device in place of an XML file")
        with path.open("rb") as stream:
            content = stream.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise BadXml(f"an XML file larger than {_LARGEST >> 20} MB")
        parser.Parse(content, True)
    except OSError as error:
        raise BadXml(f"an XML file that cannot be read ({error.strerror})") from None
    except BadXml:
        raise
    except (expat.ExpatError, LookupError, ValueError):  # the latter for encodings that the parser cannot use
        raise BadXml("a malformed XML file, or one in an unusual encoding") from None
    return elements
