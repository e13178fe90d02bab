"""Twelve broken backward passes of the package's own source: find the line."""

from dataclasses import dataclass

from fernet.exercises.all_exercises import EXERCISES
from fernet.exercises.catalogue import CATALOGUE
from fernet.exercises.judge import findings
from fernet.exercises.source import Mistake, answer_of, original, patched

# Exercise, and words of the diagnosis: from plain to subtle.
_CHOSEN = (
    ("relu", "the mask is that of dy"),
    ("fully_connected", "divided by N"),
    ("softmax", "number of classes, where N"),
    ("dropout", "division by 1 - rate is missing"),
    ("conv_weights", "dW is flipped in rows and columns"),
    ("conv_pixels", "+= belongs"),
    ("multiframe", "averaged over the frames"),
    ("max_pool", "u and v are swapped"),
    ("response", "not mirrored"),
    ("across", "dy x / D, where dy y / D belongs"),
    ("contrast", "divide by n_p before the sum"),
    ("joint_loss", "own loss is missing"),
)
BUGS: tuple[Mistake, ...] = tuple(
    next(one for one in CATALOGUE if (one.exercise, one.named) == chosen) for chosen in _CHOSEN
)


@dataclass(frozen=True)
class Answer:
    """Whether the named line is a broken one; what is wrong with it, or where the broken one is."""

    found: bool
    line: str  # as it is shown
    was: str  # as it is in the package
    explanation: str  # empty if not found
    direction: str  # from the named line to the broken one, up or down; empty if found


def shown(bug: Mistake) -> list[str]:
    """The lines of the broken class or function; line 1 is the first."""
    return patched(bug).rstrip("\n").split("\n")


def broken_lines(bug: Mistake) -> list[int]:
    """The numbers of the lines that differ from the package's source."""
    right = original(EXERCISES[bug.exercise]).rstrip("\n").split("\n")
    return [number for number, (one, other) in enumerate(zip(shown(bug), right, strict=True), start=1) if one != other]


def answer(bug: Mistake, line: int) -> Answer:
    """What there is to say to someone who names `line`, which must be one of those shown."""
    exercise = EXERCISES[bug.exercise]
    was = original(exercise).split("\n")[line - 1]
    broken = broken_lines(bug)
    if line not in broken:
        return Answer(False, shown(bug)[line - 1].strip(), was.strip(), "", "down" if line < broken[0] else "up")
    wrong = findings(exercise, exercise.trials(), answer_of(bug))
    said = "; ".join(dict.fromkeys(f"{one.gradient}: {one.name}" for one in wrong))
    return Answer(True, shown(bug)[line - 1].strip(), was.strip(), said, "")
