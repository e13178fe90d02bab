"""`exercise` as a learner uses it."""

import ast
import inspect
from importlib import import_module

import pytest
from exercise_variants import solution, write_answer

from fernet.exercises.all_exercises import EXERCISES
from fernet.exercises.answers import page_text
from fernet.exercises.bugs import BUGS, broken_lines


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def answers(own_folder):
    (own_folder / "exercises").mkdir()
    return own_folder / "exercises"


def test_without_a_name_the_exercises_are_listed_with_what_is_solved(command, answers):
    status, out, _ = command("exercise")
    assert (status, out.count("\n")) == (0, 18)
    assert all(name in out for name in EXERCISES)
    assert "0 of 13 solved" in out
    write_answer(answers, "relu", solution("relu"))
    write_answer(answers, "dropout", "    return dy")
    command("exercise", "dropout", "--hint")
    out = command("exercise")[1].splitlines()
    assert next(line for line in out if " relu " in line).endswith("solved")
    assert next(line for line in out if " dropout " in line).split()[-2:] == ["begun", "1"]
    assert any("1 of 13 solved" in line for line in out)


@pytest.mark.parametrize("name", EXERCISES)
def test_the_file_is_written_once_and_is_empty(command, name, own_folder):
    status, out, _ = command("exercise", name)
    path = own_folder / "exercises" / f"{name}.py"
    assert status == 0
    assert f"lesson {EXERCISES[name].lesson}" in out
    assert path.read_text() == page_text(name)
    path.write_text("mine")
    status, _, err = command("exercise", name)
    assert status == 2
    assert "exists already" in err
    assert path.read_text() == "mine"
    path.write_text(page_text(name))
    status, out, _ = command("exercise", name, "--check")
    assert (status, out) == (1, f"backward is still to be written: open exercises/{name}.py\n")


@pytest.mark.parametrize("name", EXERCISES)
def test_a_page_stands_alone_and_has_the_equation_of_the_source(name):
    text = page_text(name)
    tree = ast.parse(text)
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert imported == {"numpy"}
    assert not any(isinstance(node, ast.ImportFrom) for node in ast.walk(tree))
    exercise = EXERCISES[name]
    assert f"lesson {exercise.lesson}, docs/lessons" in text
    of_source = "".join(inspect.getdoc(getattr(import_module(exercise.source), exercise.solved_by)).split())
    equations = [line.strip() for line in ast.get_docstring(tree).split("\n") if line.startswith("    ")]
    shared = [line for line in equations if line.startswith(("d", "h_q")) and "".join(line.split()) in of_source]
    assert shared, equations
    code = text[text.index("def backward") :]
    assert code.count("\n") < 6


def test_hints_come_one_after_the_other_and_their_number_is_kept(command, own_folder):
    texts = [command("exercise", "softmax", "--hint")[1] for _ in range(5)]
    heads = [
        *(f"hint {number} of 4" for number in (1, 2, 3, 4)),
        "hint 4 of 4, once more: there is no further hint",
    ]
    assert [text.split("\n")[0] for text in texts] == heads
    assert "dlogits = (p - y) / len(p)" in texts[3]
    command("exercise", "relu", "--hint")
    kept = own_folder / "exercises" / "hints.txt"
    assert kept.read_text() == "softmax 4\nrelu 1\n"
    kept.write_text("relu many\n")
    status, _, err = command("exercise", "relu", "--hint")
    assert status == 2
    assert "'relu many'" in err


def test_a_right_answer_is_praised_with_its_error(command, answers):
    write_answer(answers, "fully_connected", solution("fully_connected"))
    status, out, _ = command("exercise", "fully_connected", "--check")
    assert status == 0
    assert "fully_connected is solved" in out
    assert out.count("against central differences") == 3


def test_a_wrong_answer_is_named_located_and_has_its_lesson(command, answers):
    write_answer(
        answers,
        "contrast",
        """
    x, d, D, pixels, n, alpha, power = cache
    h = -2 * power * alpha * d * window_sum(dy * x * D ** (-power - 1), n, n - 1 - n // 2)
    return dy * D**-power + h - window_sum(h, n, n - 1 - n // 2) / n**2""",
    )
    status, out, err = command("exercise", "contrast", "--check")
    assert (status, err) == (1, "")
    assert "by n^2, not by n_p: windows at the border hold fewer pixels" in " ".join(out.split())
    assert "of the border" in out
    assert "yours" in out
    assert "measured" in out
    assert "(lesson 9)" in out
    assert max(map(len, out.split("\n"))) < 80


def test_the_bugs_are_shown_and_judged(command):
    status, out, _ = command("exercise", "bugs")
    assert status == 0
    assert sum(bug.exercise in out for bug in BUGS) == 12
    status, out, _ = command("exercise", "bugs", 9)
    assert status == 0
    assert "class ResponseNorm(Layer):" in out
    (line,) = broken_lines(BUGS[8])
    for other, direction in ((line + 1, "up"), (line - 1, "down")):
        status, out, _ = command("exercise", "bugs", 9, "--line", other)
        assert status == 1
        assert out.endswith(f"The mistake is further {direction}.\n")
    status, out, _ = command("exercise", "bugs", 9, "--line", line)
    assert status == 0
    assert "not mirrored" in " ".join(out.split())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("conv",), "no exercise is called 'conv': choose one of fork, "),
        (("relu", "--check"), "does not exist"),
        (("relu", "--check", "--hint"), "give one of them"),
        (("--check",), "need the name of an exercise"),
        (("relu", "3"), "are for bugs"),
        (("relu", "--line", "3"), "are for bugs"),
        (("bugs", "13"), "no bug 13: choose one from 1 to 12"),
        (("bugs", "1", "--line", "99"), "no line 99"),
        (("bugs", "--line", "9"), "needs the number of a bug"),
        (("bugs", "1", "--check"), "are for exercises"),
    ],
)
def test_misuse_is_one_sentence_with_status_2(arguments, words, command):
    status, out, err = command("exercise", *arguments)
    assert (status, out) == (2, "")
    assert words in err
