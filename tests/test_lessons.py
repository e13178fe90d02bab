"""docs/lessons cannot drift from the code. The rules for a page, NN-name.md, checked here with tests/lessons.py:

- At most 150 lines (Markdown needs no empty lines around fences). A page that derives a backward pass has the eight
  sections of `lessons.SECTIONS`, in this order. "Forward" and "Worked example" print numbers, "Check and cost" runs
  gradcheck, "Typical mistakes" names an exercise.
- A comment on the line above a fence says what the fence is; NAME is a class of fernet.layers, or a loss:

      <!-- source fernet.layers.Conv.backward -->   python fence: the source without a docstring, word for
                                                    word; not executed. `python tests/lessons.py --write` brings all
                                                    of them up to date
      <!-- equation NAME -->                        text fence: consecutive lines of the docstring of NAME
      <!-- derivation NAME dx -->                   python fence: dx_1, ..., dx_n, one for each line of the math, and
                                                    dx_layer, what the layer returns
      <!-- loops NAME -->                           python fence: plain loops; ends with by_loops and by_layer, two
                                                    arrays or tuples of arrays, computed from `rng`,
                                                    which the page has defined before

- The other python fences run from top to bottom, all in one namespace, in the folder docs/lessons, from which they may
  import `differences`. A text fence that follows one is its output, to the last character; without one it must not
  print. Printed numbers have at most four decimals, or are round like 0.00005, and have no exponent, so that they are
  the same on every machine.
- A derivation is a chain of equations in math fences whose lines end in (1), (2), ..., (n) before the line break; a
  list with a reason for each, "- **(1)** ..."; and the fence. The lines of the fence may take several statements each,
  but none may use another line. (1) is measured: it calls `measured`. Each is equal to the next, in shape too.
- The formulas themselves are computed, too (formula_reader.py says what can be read), and each must equal the code of
  its line. Lines that cannot be read are named in the tag: "derivation Conv dx without 5 6". Inline arithmetic such as
  $`1 + 2 = 3`$ must be right.
- The loops run on three seeds. They use each indexed array of the equations of NAME above them, with the same indices
  (an index n for the image may stand before them): `dy[i-r, j-s, k]`, in code `dy[n, i - r, j - s, k]`.
- `$ python cli.py ...` in a console fence is run, in an empty folder that is the same for the whole page, and must
  print what follows, up to the next `$`. Errors such as 1.1e-09 are compared by their form only, and a line [...]
  stands for any number of lines. In an sh fence the command and its options must exist; it is not run.
- Everything with a backward pass (`lessons.subjects`) has, on one page, an equation, a derivation, loops, and the
  source of its backward pass. Every exercise is named on the page of its lesson.
- Mathematics stands in math fences and in $`...`$, in forms that GitHub renders (`test_mathematics`).
- docs/lessons/pictures/NAME.svg is what `svg()` in NAME.py returns; pictures are shown on a page, with a text.
"""

import contextlib
import io
import re
import sys

import lesson_commands
import lesson_formulas
import lessons
import pytest

from fernet.exercises.all_exercises import EXERCISES

PAGES = lessons.pages()
ALL_PAGES = [lessons.LESSONS / "README.md", *PAGES]
EVERY_PAGE = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


def run(page, command, folder, monkeypatch) -> tuple[int, int]:
    """Run every fence of the page and check what it must be; the numbers of equal lines and of formulas computed."""
    monkeypatch.setattr(sys, "path", [str(lessons.LESSONS), *sys.path])
    monkeypatch.chdir(folder)
    values, equalities, formulas, found = {}, 0, 0, lessons.fences(page)
    for number, fence in enumerate(found):
        above, printed = found[:number], ""
        kind = fence.tag[0] if fence.tag else fence.language
        place = f"{page.name}, line {fence.line + 1}"
        if kind in ("python", "derivation", "loops"):
            with contextlib.redirect_stdout(io.StringIO()) as out:
                exec(compile(fence.text, place, "exec"), values)
            printed = out.getvalue()
        if kind == "source":
            assert fence.text == lessons.source(fence.tag[1]), f"{place}: run python tests/lessons.py --write"
        elif kind == "equation":
            assert lessons.in_docstring(fence.text, fence.tag[1]), f"{place}: not in the docstring of {fence.tag[1]}"
        elif kind == "derivation":
            equalities += lessons.check_derivation(fence, above, values)
            formulas += lesson_formulas.check_formulas(fence, above, values)
        elif kind == "loops":
            equations = [one for one in above if one.tag == ("equation", fence.tag[1])]
            lessons.check_loops(fence, equations, values)
        elif kind == "console":
            lesson_commands.check_commands(fence.text, command, place)
        elif kind == "sh":
            lesson_commands.check_options(fence.text)
        else:
            assert kind in ("python", "text", "math"), f"{place}: what is {kind}?"
        follows = found[number + 1] if number + 1 < len(found) else None
        if printed or (kind == "python" and follows and follows.language == "text" and not follows.tag):
            assert follows, f"{place} prints\n{printed}"
            assert (follows.language, follows.before.strip()) == ("text", ""), f"{place} prints\n{printed}"
            assert printed.rstrip() == follows.text.rstrip(), f"{place} prints\n{printed}"
            assert not re.search(r"[1-9]\d*\.\d{5}|\.\d*[1-9]\d{4}|\de[-+]?\d", printed), (
                f"{place}: more decimals than every machine shares"
            )
    return equalities, formulas


@pytest.fixture(scope="module")
def counts():
    """What `run` returned for each page, so that each is run once."""
    return {}


@EVERY_PAGE
def test_fences(page, counts, command, tmp_path, monkeypatch):
    counts[page] = run(page, command, tmp_path, monkeypatch)


def test_number_of_equalities(counts, command, tmp_path, monkeypatch):
    for page in PAGES:
        counts[page] = counts.get(page) or run(page, command, tmp_path, monkeypatch)
    equalities, formulas = map(sum, zip(*counts.values(), strict=True))
    assert equalities >= 40
    assert formulas >= 40


@EVERY_PAGE
def test_sections(page):
    text, found = lessons.read(page), lessons.fences(page)
    assert len(text.splitlines()) <= 150
    if not any(fence.tag[:1] == ("derivation",) for fence in found):
        return
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == lessons.SECTIONS
    for section in ("Forward", "Worked example"):
        numbers = [one for one in found if one.section == section and one.language == "text" and not one.tag]
        assert numbers, f"{section} prints no number"
    assert any(
        "gradcheck" in one.text for one in found if one.section == "Check and cost" and one.language == "console"
    )
    assert re.search(r"`python cli\.py exercise \w+`", text.split("## Typical mistakes")[1])
    kinds = {one.tag[0]: one.section for one in found if one.tag}
    assert kinds.pop("derivation") == "Derivation"
    assert set(kinds.values()) == {"Equation, loops, code"}


@pytest.mark.parametrize("name", lessons.subjects())
def test_everything_with_a_backward_pass_has_its_lesson(name):
    for page in PAGES:
        tags = [fence.tag for fence in lessons.fences(page) if fence.tag]
        code = [tag[1] for tag in tags if tag[0] == "source"]
        parts = {tag[0] for tag in tags if tag[1] == name}
        shown = any(re.search(rf"\.{name}(\.backward|\.weight_gradients)?$", path) for path in code)
        if shown and parts >= {"equation", "derivation", "loops"}:
            return
    pytest.fail(f"no page of docs/lessons has an equation, a derivation, loops and the source for {name}")


@pytest.mark.parametrize("name", EXERCISES)
def test_every_exercise_is_named_in_its_lesson(name):
    here = [page for page in PAGES if page.name.startswith(f"{EXERCISES[name].lesson:02d}-")]
    assert here, f"lesson {EXERCISES[name].lesson} does not exist"
    assert any(f"`python cli.py exercise {name}`" in lessons.read(page) for page in here)


@pytest.mark.parametrize("page", ALL_PAGES, ids=lambda page: page.stem)
def test_mathematics(page):
    prose = lessons.prose(page)
    fenced = re.findall(r"^```math\n(.*?)^```$", prose, re.MULTILINE | re.DOTALL)
    prose = re.sub(r"^```math\n.*?^```$", "", prose, flags=re.MULTILINE | re.DOTALL)
    inline = re.findall(r"\$`([^`\n]*)`\$", prose)
    assert not re.search(r"[\w-]\$`|`\$[\w]", prose), "mathematics touches a letter, a digit or a hyphen"
    assert not re.search(r"\[[^\]]*\$`[^\]]*\]\(|<details>|\[\^", prose), "mathematics in a link; details; a footnote"
    rest = re.sub(r"`[^`\n]*`", "", re.sub(r"\$`[^`\n]*`\$", "", prose))
    assert "$" not in rest, "mathematics stands in $`...`$ or in a math fence"
    for math in [*fenced, *inline]:
        assert math.count("{") - math.count(r"\{") == math.count("}") - math.count(r"\}"), math
        assert re.findall(r"\\begin\{(\w+)\}", math) == re.findall(r"\\end\{(\w+)\}", math)[::-1], math
        assert math.count(r"\left") - math.count(r"\leftarrow") == math.count(r"\right") - math.count(r"\rightarrow")
        assert not re.search(r"\\operatorname|\S[<>]|[<>]\S|\\\||\$|^\s*$(?!\Z)", math, re.MULTILINE), math
    assert not any(re.search(r"\\\\|\|", math) for math in inline), "a line break or a bar in inline mathematics"


@EVERY_PAGE
def test_sums_by_hand(page):
    assert not [formula for formula, sides in lesson_formulas.sums_by_hand(lessons.prose(page)) if len(set(sides)) > 1]


@pytest.mark.parametrize("page", ALL_PAGES, ids=lambda page: page.stem)
def test_links(page):
    for text, target in re.findall(r"\[([^\]\n]+)\]\(([^)#\s]+)[^)]*\)", lessons.prose(page)):
        assert text.strip()
        assert target.startswith("https://") or (page.parent / target).exists(), f"{page.name} links {target}"


def test_the_index_lists_every_page_and_exercise():
    index = lessons.read(ALL_PAGES[0])
    assert [page.name for page in PAGES] == re.findall(r"^\| \d+[a-z]? \| \[[^\]]+\]\(([^)]+)\)", index, re.MULTILINE)
    assert not [name for name in EXERCISES if f"`{name}`" not in index]


@pytest.mark.parametrize("picture", sorted(lessons.PICTURES.glob("*.svg")), ids=lambda picture: picture.stem)
def test_pictures_are_what_their_scripts_draw(picture):
    assert picture.read_text(encoding="utf-8") == lessons.drawn(picture.with_suffix(".py"))
    assert any(f"](pictures/{picture.name})" in lessons.read(page) for page in ALL_PAGES)
