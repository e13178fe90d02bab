"""What the judgement says of answers whose fault is not, or not only, in their values."""

import numpy as np
import pytest
from exercise_variants import solution, write_answer

from fernet.exercises.all_exercises import EXERCISES
from fernet.exercises.judge import judge, measured

INNER = "window_sum(dy * x * D ** (-power - 1), n, n - 1 - n // 2)"
BESIDES = [
    ("relu", "    pass", "returns None: end it with return dx"),
    ("relu", "    return {'dx': dy}", "returns a dictionary"),
    ("relu", "    return (dy * (cache > 0)).tolist()", "dx is a list"),
    ("relu", "    return 0", "dx is an int, expected"),
    ("relu", "    return dy * (cache > 0) + 0j", "an array of complex128"),
    ("fully_connected", "    x, W = cache\n    return dy @ W.T", "returns a single value, expected 3"),
    ("fully_connected", "    x, W = cache\n    return dy @ W.T, x.T @ dy", "returns 2 values, expected 3"),
    ("relu", "    dy *= cache > 0\n    return dy", "changes dy, its argument"),
    ("relu", "    dx = dy * (cache > 0)\n    cache[:] = 0\n    return dx", "changes x of the cache"),
    ("softmax", "    p, y = cache\n    p -= y\n    return p / len(p)", "changes p of the cache"),
    ("contrast", solution("contrast").replace("return", "D += 1; return"), "changes D of the cache"),
    ("relu", "    return dy * np.astype(cache > 0, 1)", "line 25: "),
    ("relu", "    return dy * (cache > 0) * np.ones(dy.shape)", "dx is float64 where all inputs"),
    ("relu", "    return 1 / 0", "line 25: ZeroDivisionError: division by zero"),
    ("relu", "    raise SystemExit(3)", "line 25: SystemExit: 3"),
    ("relu", "    return dy * (cache > 0) * (2 if dy.ndim == 4 else 1)", "wrong for shape = (2, 3, 4, 3)"),
    (
        "fully_connected",
        "    x, W = cache\n    return dy @ W.T, x.T @ dy * (1 + (len(x) == 1)), dy.sum(axis=0)",
        "wrong for N = 1, inputs = 5",
    ),
    (
        "relu",
        "    SEEN.append(1)\n    return dy * (cache > 0) * (1 + 1e-9 * len(SEEN))\n\n\nSEEN = []",
        "two calls with the same arguments",
    ),
    (
        "dropout",
        "    kept, rate = cache\n    return dy * (np.random.random(dy.shape) > rate) / (1 - rate)",
        "a new mask",
    ),
]


@pytest.fixture
def answers(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "exercises").mkdir()
    return tmp_path / "exercises"


def said(name, body, folder):
    """What the judgement says, sentences only."""
    return [
        one if isinstance(one, str) else one.name for one in judge(EXERCISES[name], write_answer(folder, name, body))
    ]


@pytest.mark.parametrize(("name", "body", "words"), BESIDES)
def test_what_is_wrong_besides_the_values_is_said(name, body, words, tmp_path):
    assert any(words in (one or "") for one in said(name, body, tmp_path)), said(name, body, tmp_path)


def test_sizes_for_which_the_answer_is_wrong_are_given(tmp_path):
    answer = "    return dy * (cache > 0) * (2 if len(cache) == 5 else 1)"
    (found,) = judge(EXERCISES["relu"], write_answer(tmp_path, "relu", answer))
    assert found.name is None
    assert found.where[2] == "here shape = (5, 6); for some other values of these it comes out right"


def test_among_the_settings_are_those_that_are_drawn(tmp_path):
    answer = (
        "    x, D, n, alpha, power = cache\n    return dy if n == 2 else " + solution("response").split("return ")[1]
    )
    (found,) = judge(EXERCISES["response"], write_answer(tmp_path, "response", answer.replace("inner", INNER)))
    t = EXERCISES["response"].trials()[2].values
    assert f"n = 2, power = 0.85, alpha = {t.alpha:.4g}, k = {t.k:.4g}; for some" in found.where[2]


def test_a_kink_is_judged_by_the_equation(command, answers):
    write_answer(answers, "relu", "    return dy * (cache >= 0)")
    status, out, _ = command("exercise", "relu", "--check")
    assert status == 1
    out = " ".join(out.split())
    assert "wrong for shape = (4, 6), zeros in x = 5:" in out
    assert "by the equation 0 (at a kink" in out
    assert "mistake: at x = 0 dy passes" in out
    zeros = EXERCISES["relu"].trial(11, EXERCISES["relu"].shapes[-1])
    at, elsewhere = np.argwhere(zeros.values.x == 0)[0], np.argwhere(zeros.values.x > 0)[0]
    assert measured(EXERCISES["relu"], zeros, "dx", tuple(at)) is None
    assert measured(EXERCISES["relu"], zeros, "dx", tuple(elsewhere)) is not None


def test_the_first_message_on_shapes_has_a_size_for_each_letter():
    shape = EXERCISES["conv_weights"].shapes[0]
    sizes = [*shape.values(), shape["H"] - shape["R"] + 1, shape["width"] - shape["R"] + 1]
    assert len(set(sizes)) == len(sizes)


def test_a_new_mask_is_one_fault(tmp_path):
    answer = "    kept, rate = cache\n    return dy * (np.random.random(dy.shape) >= rate) / (1 - rate)"
    (sentence,) = said("dropout", answer, tmp_path)
    assert "another one at every call" in sentence


def test_a_mistake_made_twice_is_named_once(command, answers):
    body = "    p1, p2, p3, y, (w1, w2, w3) = cache\n    N = len(y)\n"
    body += "    return (w1 * p1 + w3 * p3 - y) / N, (w2 * p2 + w3 * p3 - y) / N"
    write_answer(answers, "joint_loss", body)
    out = " ".join(command("exercise", "joint_loss", "--check")[1].split())
    assert out.count("by central differences") == 1
    assert (out.count("subtracted once"), out.count("mistake: the same as above")) == (1, 1)


def test_what_is_not_finite_is_located(tmp_path):
    (found,) = judge(EXERCISES["relu"], write_answer(tmp_path, "relu", "    return dy * (cache > 0) / (cache > 0)"))
    assert found.name is None
    assert "division by zero" in found.where[2]
    assert found.where[0].startswith("infinite or not a number in ")
    assert "yours nan, measured 0" in found.where[1]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("y = np.maximum(x, 0)", "y = np.maximum(x, 1)", "forward no longer gives the y"),
        ("def forward(x):", "def forward(x)", "line 17: SyntaxError: expected ':'"),
        ("import numpy as np", "import nmupy as np", "ModuleNotFoundError"),
        ("def backward(", "def back(", "has no function backward"),
        ("return y, x", "return y", "in forward"),
    ],
)
def test_a_broken_file_is_one_sentence(old, new, words, command, answers):
    path = write_answer(answers, "relu", solution("relu"))
    path.write_text(path.read_text().replace(old, new, 1))
    status, out, err = command("exercise", "relu", "--check")
    assert (status, err) == (1, "")
    assert words in " ".join(out.split())
    assert "Traceback" not in out
    assert not (answers / "__pycache__").exists()


def test_what_the_file_prints_is_shown_once(command, answers):
    path = write_answer(answers, "relu", "    print('dy is', dy.shape)\n" + solution("relu"))
    path.write_text(path.read_text() + "\nprint('imported')\n")
    status, out, _ = command("exercise", "relu", "--check")
    assert status == 0
    assert (out.count("dy is (4, 9)"), out.count("dy is"), out.count("imported")) == (1, 1, 1)
    assert "dy is" not in command("exercise")[1]


def test_state_kept_by_forward_is_noticed(answers):
    path = write_answer(answers, "relu", "    return dy * (kept > 0)")
    path.write_text(path.read_text().replace("    y = np.max", "    global kept\n    kept = x\n    y = np.max"))
    (sentence,) = judge(EXERCISES["relu"], path)
    assert "belongs in the cache" in sentence
