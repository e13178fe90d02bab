"""The pages of docs/lessons: their fences, and the checks that tests/test_lessons.py makes on each.

`python tests/lessons.py --write` brings the source fences and the pictures up to date.
"""

import ast
import importlib.util
import inspect
import pkgutil
import re
import sys
import textwrap
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

import fernet.exercises.fork
import fernet.layers
import fernet.losses

LESSONS = Path(__file__).parents[1] / "docs" / "lessons"
PICTURES = LESSONS / "pictures"
TO_A_STEP, TO_A_MEASUREMENT = 1e-12, 1e-6  # difference of two lines of a derivation, relative to the largest value
SECTIONS = ["Question", "Forward", "Shapes", "Derivation"]
SECTIONS += ["Equation, loops, code", "Worked example", "Check and cost", "Typical mistakes"]


@dataclass(frozen=True)
class Fence:
    """A fenced block. `tag` holds the words of the comment `<!-- ... -->` on the line above it."""

    language: str
    tag: tuple[str, ...]
    section: str
    before: str  # the prose between this fence and the one above
    text: str
    line: int  # of the opening fence, counted from 0


def pages() -> list[Path]:
    return sorted(LESSONS.glob("[0-9][0-9]-*.md"))


def read(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def fences(page: Path) -> list[Fence]:
    found, section, start, body, before = [], "", None, [], []
    for number, line in enumerate(read(page).splitlines()):
        if start is None and line.startswith("```"):
            start, opening, body = number, line, []
        elif start is not None and line == "```":
            tag = re.fullmatch(r"<!-- (.+) -->", before[-1]) if before else None
            words = tuple(tag[1].split()) if tag else ()
            text = "\n".join(body)
            found.append(Fence(opening[3:], words, section, "\n".join(before), text, start))
            start, before = None, []
        elif start is not None:
            body.append(line)
        else:
            section = line[3:] if line.startswith("## ") else section
            before.append(line)
    assert start is None, f"{page.name}: the fence of line {start + 1} does not end"
    return found


def prose(page: Path) -> str:
    """The page without its fences, except those of mathematics."""
    return re.sub(r"^```(?!math)\w*\n.*?^```$", "", read(page), flags=re.MULTILINE | re.DOTALL)


def subject(name: str):
    """The class or function that a tag calls `name`."""
    place = next(one for one in (fernet.layers, fernet.losses, fernet.exercises.fork) if hasattr(one, name))
    return getattr(place, name)


def subjects() -> list[str]:
    """Everything with a backward pass."""
    layers = [name for name in fernet.layers.__all__ if name != "Layer"]
    return [*layers, "softmax_cross_entropy", "joint_loss", "Fork"]


def source(path: str) -> str:
    """The source of `fernet.layers.Conv.backward`, indented as at the top level and without its docstring."""
    thing = pkgutil.resolve_name(path)
    lines = textwrap.dedent(inspect.getsource(thing)).splitlines()
    if thing.__doc__:
        docstring = ast.parse("\n".join(lines)).body[0].body[0]
        del lines[docstring.lineno - 1 : docstring.end_lineno]
    return "\n".join(lines)


def in_docstring(equation: str, name: str) -> bool:
    """Whether the lines of the equation stand word for word, one below the other, in the docstring of `name`."""
    lines = [line.strip() for line in inspect.getdoc(subject(name)).splitlines()]
    wanted = [line.strip() for line in equation.splitlines()]
    return any(lines[start : start + len(wanted)] == wanted for start in range(len(lines)))


def terms(text: str) -> set[str]:
    """The indexed arrays in an equation or in code, without spaces, stars and the image n: `dy[i-r,j-s,k]`."""
    found = re.findall(r"[A-Za-z]\w*\[[^\[\]]+\]", text)
    return {re.sub(r"[ *]", "", term).replace("[n,", "[") for term in found}


def steps(fence: Fence) -> dict[str, str]:
    """The lines of a derivation in its Python fence, "dx_1" to "dx_n" and "dx_layer", and the code of each."""
    found: dict[str, str] = {}
    for statement in ast.parse(fence.text).body:
        names = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
        names = {name for name in names if re.fullmatch(rf"{fence.tag[2]}_(\d+|layer)", name)}
        assert len(names) <= 1, f"a line of the derivation uses another one: {ast.unparse(statement)}"
        for name in names:
            found[name] = found.get(name, "") + ast.unparse(statement) + "\n"
    return found


def check_derivation(fence: Fence, above: list[Fence], values: dict) -> int:
    """Every line of the derivation equals the next; the number of these equalities."""
    _, about, name = fence.tag[:3]
    assert about in subjects(), f"{about} has no backward pass"
    numbers = list(range(1, len(code := steps(fence))))
    lines = [f"{name}_{number}" for number in numbers] + [f"{name}_layer"]
    assert list(code) == lines, f"{name}: the fence has the lines {list(code)}"
    math = "\n".join(one.text for one in above if one.language == "math")
    in_math = [int(number) for number in re.findall(r"\((\d+)\) *(?:\\\\)?$", math, re.MULTILINE)]
    # The last chain of equations on the page up to here is the one that is derived.
    assert in_math[-len(numbers) :] == numbers, f"{name}: the equations are numbered {in_math}, the code {numbers}"
    text = "\n".join(one.before for one in [*above, fence])
    reasons = [int(number) for number in re.findall(r"^- \*\*\((\d+)\)\*\* ", text, re.MULTILINE)]
    assert reasons[-len(numbers) :] == numbers, f"{name}: the reasons are numbered {reasons}, the code {numbers}"
    assert "measured(" in code[lines[0]], f"{lines[0]} must be measured"
    assert re.search(r"\.backward\(|\.weight_gradients\(|softmax_cross_entropy\(|joint_loss\(", code[lines[-1]])
    assert len({text.split("=", 1)[1] for text in code.values()}) == len(code), f"{name}: two lines are the same"
    for one, other in pairwise(lines):
        tolerance = TO_A_MEASUREMENT if "measured(" in code[one] + code[other] else TO_A_STEP
        check_equal(values[one], values[other], tolerance, f"{one} is not {other}")
    return len(numbers)


def check_loops(fence: Fence, equations: list[Fence], values: dict) -> None:
    """The loops of the fence give what the layer gives, on three seeds, and have the indices of the equation."""
    code = compile(fence.text, "loops", "exec")
    assert re.search(r"\brng\.(?![\s\S]*default_rng)", fence.text), "the loops take their numbers from rng"
    for seed in (1, 2, 3):
        scope = values | {"rng": np.random.default_rng(seed)}
        exec(code, scope)
        by_loops, by_layer = scope["by_loops"], scope["by_layer"]
        if not isinstance(by_loops, tuple):
            by_loops, by_layer = (by_loops,), (by_layer,)
        for one, other in zip(by_loops, by_layer, strict=True):
            check_equal(one, other, TO_A_STEP, f"the loops are not {fence.tag[1]} (seed {seed})")
    missing = {term for one in equations for term in terms(one.text)} - terms(fence.text)
    assert not missing, f"the loops lack the terms {missing} of the equation"
    assert not re.search(r"@|einsum|dot\(", fence.text), "these are not plain loops"


def check_equal(one, other, tolerance: float, what: str) -> None:
    one, other = np.asarray(one), np.asarray(other)
    assert one.shape == other.shape, f"{what}: shapes {one.shape} and {other.shape}"
    largest = np.abs(other).max()
    assert largest > 0.01, f"{what}: all values are almost 0, which proves nothing"
    assert np.abs(one - other).max() <= tolerance * largest, f"{what}: they differ by {np.abs(one - other).max():.1e}"


def drawn(script: Path) -> str:
    """The picture of docs/lessons/pictures/NAME.py: what its function `svg` returns."""
    sys.path.insert(0, str(PICTURES))
    try:
        spec = importlib.util.spec_from_file_location(f"picture_{script.stem}", script)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(PICTURES))
    return module.svg()


def write() -> None:
    for page in pages():
        lines = read(page).splitlines()
        for fence in reversed(fences(page)):
            if fence.tag[:1] == ("source",):
                end = fence.line + len(fence.text.splitlines()) + 1
                lines[fence.line + 1 : end] = source(fence.tag[1]).splitlines()
        page.write_text("\n".join(lines) + "\n", encoding="utf-8")
    for picture in PICTURES.glob("*.svg"):
        picture.write_text(drawn(picture.with_suffix(".py")), encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit(__doc__)
    write()
