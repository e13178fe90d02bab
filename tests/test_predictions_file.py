import os

import numpy as np
import pytest

from fernet.errors import UserError
from fernet.evaluation.predictions_file import Predictions, read_predictions, write_predictions


@pytest.fixture
def predictions(rng):
    scores = {method: rng.dirichlet(np.ones(3), 5).astype(np.float32) for method in ("dtan", "joint")}
    names = ("plain", 'with "quotes", commas', "zwei\nZeilen", "ñandú", "=1+1")
    return Predictions(names, tuple("abcab"), np.array([0, 1, 2, 1, 0]), ("calm", "glad", "sad"), scores)


def test_reading_gives_back_every_bit(tmp_path, predictions):
    write_predictions(tmp_path / "p.csv", predictions)
    back = read_predictions(tmp_path / "p.csv")
    assert (back.names, back.subjects, back.classes) == (predictions.names, predictions.subjects, predictions.classes)
    assert (back.labels == predictions.labels).all()
    for method, scores in predictions.scores.items():
        assert back.scores[method].tobytes() == scores.tobytes()


def test_a_missing_file_means_an_unfinished_run(tmp_path):
    with pytest.raises(UserError, match="does not exist: expected the predictions of a finished run"):
        read_predictions(tmp_path / "p.csv")


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: "one,two\n1,2\n",
        lambda text: text.splitlines()[0] + "\n",
        lambda text: text[: len(text) // 2],
        lambda text: text.replace("glad", "gone", 1),
        lambda text: text.replace(",dtan,", ",,"),
        lambda text: "\n".join(text.splitlines()[:-1]),
        lambda text: "\n".join(line.rsplit(",", 1)[0] for line in text.splitlines()),
        lambda text: text.replace(",joint,glad,", ",joint,sad,", 1),
        lambda text: text + "x,a,calm,dtan\n",
    ],
)
def test_a_damaged_file_is_named_and_the_way_out_told(tmp_path, predictions, damage):
    path = tmp_path / "p.csv"
    write_predictions(path, predictions)
    path.write_text(damage(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(UserError, match=r"p\.csv holds no predictions \(.*\): expected those of a finished run"):
        read_predictions(path)


@pytest.mark.parametrize("number", ["nan", "inf", "x"])
def test_scores_that_are_no_numbers_are_refused(tmp_path, predictions, number):
    path = tmp_path / "p.csv"
    write_predictions(path, predictions)
    first = f"{predictions.scores['dtan'][0, 0]:.9g}"
    path.write_text(path.read_text(encoding="utf-8").replace(first, number, 1), encoding="utf-8")
    with pytest.raises(UserError, match="holds no predictions"):
        read_predictions(path)


@pytest.mark.parametrize("number", ["-0.1", "0.999999"])
def test_scores_that_are_no_probabilities_are_refused(tmp_path, predictions, number):
    test_scores_that_are_no_numbers_are_refused(tmp_path, predictions, number)


def test_a_pipe_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "p.csv")
    with pytest.raises(UserError, match="folder, pipe or device"):
        read_predictions(tmp_path / "p.csv")


def test_a_huge_file_is_refused_before_it_is_read(tmp_path):
    with (tmp_path / "p.csv").open("wb") as file:
        file.truncate(1 << 40)  # takes no space on the disk
    with pytest.raises(UserError, match="it has 1099511627776 bytes, expected at most"):
        read_predictions(tmp_path / "p.csv")
