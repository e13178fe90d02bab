"""The learner's folder: files handed out, hints taken. Nothing else is kept, and nothing is hidden."""

from importlib import resources
from pathlib import Path

from fernet.errors import UserError
from fernet.exercises.exercise import Exercise
from fernet.files import read_text, write_text

FOLDER = Path("exercises")
HINTS = "hints.txt"


def page_text(name: str) -> str:
    """The file to fill in."""
    return (resources.files("fernet.exercises.pages") / f"{name}.py").read_text(encoding="utf-8")


def answer_file(exercise: Exercise) -> Path:
    """Where the learner's answer is."""
    return FOLDER / f"{exercise.name}.py"


def hand_out(exercise: Exercise) -> Path:
    """Write the exercise's file; UserError if there already is one."""
    path = answer_file(exercise)
    if path.exists() or path.is_symlink():
        raise UserError(f"{path} exists already: --check judges it; move it away to begin afresh")
    write_text(path, page_text(exercise.name))
    return path


def hints_taken() -> dict[str, int]:
    """How many hints were taken for each exercise, from lines such as `relu 2` in exercises/hints.txt."""
    path = FOLDER / HINTS
    if not path.exists():
        return {}
    try:
        lines = read_text(path).split("\n")
    except ValueError as error:
        raise UserError(f"{path} cannot be read: {error}; delete it to count hints afresh") from None
    taken = {}
    for line in filter(None, map(str.strip, lines)):
        name, _, count = line.partition(" ")
        if not (count.isascii() and count.isdecimal() and len(count) < 3):
            raise UserError(f"{path}: the line {line[:40]!r} is not NAME COUNT; correct it, or delete the file")
        taken[name] = int(count)
    return taken


def next_hint(exercise: Exercise) -> tuple[int, str]:
    """The number of the next hint, from 1, and the hint; the last one again if all are taken."""
    taken = hints_taken()
    number = min(taken.get(exercise.name, 0) + 1, len(exercise.hints))
    taken[exercise.name] = number
    write_text(FOLDER / HINTS, "".join(f"{name} {count}\n" for name, count in taken.items()))
    return number, exercise.hints[number - 1]
