"""The hints are right: the loops of hint 3 and the lines of hint 4 solve the exercises."""

import re

import pytest

from fernet.exercises.all_exercises import EXERCISES
from fernet.exercises.answers import page_text
from fernet.exercises.judge import judge

CONV = "(_, P, Q, K), R, C = dy.shape, len(W), W.shape[2]; N, H, width, _ = x.shape"
ZEROS = {
    "fork": "dx = np.zeros_like(x); N, H, W, C = x.shape",
    "fully_connected": "dx, dW, db = np.zeros_like(x), np.zeros_like(W), np.zeros_like(W[0])",
    "softmax": "dlogits = np.zeros_like(p); N = len(p); labels = y.argmax(axis=1)",
    "conv_weights": f"dW, db = np.zeros_like(W), np.zeros_like(W[0, 0, 0]); {CONV}",
    "conv_pixels": f"dx = np.zeros_like(x); {CONV}",
    "multiframe": f"dx, dW, db = np.zeros_like(x), np.zeros_like(W), np.zeros_like(W[0, 0, 0]); {CONV}",
    "max_pool": "dx = np.zeros_like(x); _, P, Q, _ = dy.shape",
    "joint_loss": "dlogits1, dlogits2 = np.zeros_like(p1), np.zeros_like(p1); N = len(y)",
}
# Upper limits of the letters in the loops of each exercise.
LIMITS = {
    "fork": "n=N i=H j=W c=C",
    "fully_connected": "n=x.shape[0] i=W.shape[0] o=W.shape[1]",
    "softmax": "n=p.shape[0] i=p.shape[1]",
    "conv_weights": "n=N i=P j=Q k=K r=R s=R c=C",
    "conv_pixels": "n=N i=P j=Q k=K r=R s=R c=C",
    "multiframe": "n=N i=P j=Q k=K r=R s=R t=C",
    "max_pool": "m=dy.shape[0] i=P j=Q c=dy.shape[3]",
    "joint_loss": "n=p1.shape[0] i=p1.shape[1]",
}
LINE = {"conv_weights": "r=R s=R", "conv_pixels": "r=R s=R", "multiframe": "t=C r=R s=R", "max_pool": "u=n v=n"}
AFTER = ("db =", "_, H", "dx = dx[")  # lines of hint 4 that follow the loops


def solved_with(name, lines, folder):
    head = page_text(name)
    end = f"return {', '.join(EXERCISES[name].gradients)}"
    path = folder / f"{name}.py"
    body = "".join(f"    {line}\n" for line in [*lines, end])
    path.write_text(head[: head.index("    raise NotImplementedError")] + body)
    return judge(EXERCISES[name], path)


def loops(limits, letters):
    limit = dict(one.split("=") for one in limits.split())
    return f"for {', '.join(letters)}, in np.ndindex({', '.join(limit[one] for one in letters)}):"


@pytest.mark.parametrize("name", LIMITS)
def test_the_loops_of_hint_3_solve_the_exercise(name, tmp_path):
    def python(match):
        return match[1] + loops(LIMITS[name], match[2].split(", "))

    text = re.sub(r"^( *)for ((?:\w, )*\w):", python, EXERCISES[name].hints[2], flags=re.M)
    lines = [line for line in text.split("\n") if not line.startswith("dx = zeros")]
    assert solved_with(name, [ZEROS[name], *lines, *cut_off(name)], tmp_path) == []


def cut_off(name):
    return ["_, H, width, _ = x.shape", "dx = dx[:, before : H - after, before : width - after]"] * (
        name == "conv_pixels"
    )


@pytest.mark.parametrize("name", EXERCISES)
def test_the_lines_of_hint_4_solve_the_exercise(name, tmp_path):
    lines = EXERCISES[name].hints[3].split("\n")
    if name in LINE:
        limits = LINE[name]
        inner = [line for line in lines if not line.startswith(AFTER)]
        after = [line for line in lines if line.startswith(AFTER)]
        lines = [ZEROS[name], loops(limits, [one[0] for one in limits.split()])]
        lines += [f"    {line}" for line in inner] + after
    assert solved_with(name, lines, tmp_path) == []


def test_across_has_the_letters_of_its_page():
    across = EXERCISES["across"]
    for text in (*(slip.text for slip in across.slips), *across.hints):
        assert not re.search(r"(?<![a-zA-Z])[pq]\b|pixel|place", text), text
    assert any("only m = c is counted" in slip.text for slip in across.slips)


@pytest.mark.parametrize("name", EXERCISES)
def test_there_are_four_hints_and_code_fits_a_terminal(name):
    hints = EXERCISES[name].hints
    assert len(hints) == 4
    assert all(len(line) <= 75 for hint in hints[2:] for line in hint.split("\n"))
    assert all("\n" not in hint for hint in hints[:2])
