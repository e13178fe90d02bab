"""The text of a message, with a word such as FILE in place of everything that varies."""

import ast
import re

PLACEHOLDERS = {  # the words for what varies, by the names in its expression; the first that fits
    "REASON": "error reason fault why sentence strerror",
    "LIST": "join sorted",
    "N": "len count number size st_size width height shape frames sum bytes total minutes",
    "URL": "url",
    "FILE": "path file model_path image",
    "FOLDER": "folder root out parent top",
    "OPTION": "option options",
    "KIND": "kind expected",
    "NAME": "name label method key given entry",
    "VALUE": "",
}


def placeholder(node: ast.expr) -> str:
    """The word that stands for an expression in a message."""
    names = [name_of(part) for part in ast.walk(node) if isinstance(part, ast.Name | ast.Attribute)]
    fitting = (word for word, own in PLACEHOLDERS.items() if set(names) & set(own.split()))
    return next(fitting, "VALUE")


def readable(text: str) -> str:
    """One line, in which placeholders, marked by NUL, are words of their own."""
    text = re.sub(r"(?<=\w)\0(?=[A-Z]+\0)|(?<=[A-Z])\0(?=\w|\0)", " ", text)
    return " ".join(text.replace("\0", "").split()).removeprefix("note: ")


def normal(text: str) -> str:
    """Equal for messages that differ only in the words for their placeholders and in blanks."""
    hole = rf"\b({'|'.join(PLACEHOLDERS)})\b"
    text = " ".join(text.split()).removeprefix("note: ")
    return re.sub(r"\s*\0(\s*\0)*\s*", "\0", re.sub(hole, "\0", text))


def says_something(text: str, inside: bool) -> bool:
    """Whether a text is a message, or in a hole a clause of one, rather than a name or a unit."""
    words = [word for word in normal(text).replace("\0", " ").split() if re.search("[A-Za-z]{2}", word)]
    return sum(map(len, words)) >= 7 and (len(words) >= 4 and text[0] not in ",;.(" if inside else " " in text)


def name_of(node: ast.AST) -> str:
    """The last part of a name: `c` for `c` and for `a.b.c`; empty for other expressions."""
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
