"""`evaluate --classes`: data with fewer classes than the model, others, or the same with other names."""

import json
from dataclasses import replace

import numpy as np
import pytest
from test_run import SETTINGS
from toy_set import toy_set

from fernet.clips.prepared_file import PreparedSet, save_prepared
from fernet.errors import UserError
from fernet.experiments.held_out import class_pairs, with_classes_of
from fernet.networks.dtagn import DTAGN
from fernet.progress import Progress
from fernet.training.run import Run


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """The folder of a run on the toy clips."""
    out = tmp_path_factory.mktemp("model")
    Run(replace(SETTINGS, networks="dtgn"), toy_set(), out, Progress()).train_all()
    return out


def evaluated(command, model, clips, folder, *arguments):
    """Metrics and notes, without that on people of the training, to whom all these clips belong."""
    save_prepared(folder / "set.npz", PreparedSet(clips))
    status, out, err = command(
        "evaluate", model, "--data", folder / "set.npz", "--json", "--backend", "numpy", *arguments
    )
    assert status == 0, err
    notes = [line for line in err.splitlines(keepends=True) if "people of the same names" not in line]
    assert len(notes) == len(err.splitlines()) - 1
    return json.loads(out), "".join(notes)


def of_classes(clips, *numbers):
    """Only the clips of these classes, which alone are named."""
    kept = np.flatnonzero(np.isin(clips.labels, numbers))
    return replace(
        clips.subset(kept),
        classes=tuple(clips.classes[i] for i in numbers),
        labels=np.array([numbers.index(label) for label in clips.labels[kept]]),
    )


def test_fewer_classes_are_scored_over_those_that_occur(model, command, toy_clips, tmp_path):
    whole, notes = evaluated(command, model, toy_clips, tmp_path)
    assert notes == ""
    metrics, notes = evaluated(command, model, of_classes(toy_clips, 2, 0), tmp_path)
    assert metrics["classes"] == ["calm", "glad", "sad"]
    assert metrics["clips"] == 16
    assert notes == "note: there are no clips of glad, but the model can still predict them\n"
    for row, expected in enumerate(whole["confusion"]["dtgn"]):
        assert metrics["confusion"]["dtgn"][row] == (expected if row != 1 else [0, 0, 0])
    right = [whole["confusion"]["dtgn"][row][row] for row in (0, 2)]
    assert metrics["accuracy"]["dtgn"] == sum(right) / 16
    assert metrics["mean_recall"]["dtgn"] == pytest.approx(np.mean(right) / 8)


def test_renamed_classes_give_the_same_numbers(model, command, toy_clips, tmp_path):
    whole, _ = evaluated(command, model, toy_clips, tmp_path)
    other = replace(toy_clips, classes=("calm", "joy", "grief"))
    pairs = ("--classes", "joy=glad, grief=sad")
    assert evaluated(command, model, other, tmp_path, *pairs) == (whole, "")
    swapped = replace(toy_clips, classes=("sad", "calm", "glad"))
    pairs = ("--classes", "sad=calm,calm=glad,glad=sad")
    assert evaluated(command, model, swapped, tmp_path, *pairs) == (whole, "")


def test_the_order_of_the_classes_does_not_matter(model, command, toy_clips, tmp_path):
    whole, _ = evaluated(command, model, toy_clips, tmp_path)
    assert evaluated(command, model, of_classes(toy_clips, 1, 2, 0), tmp_path)[0]["accuracy"] == whole["accuracy"]


def test_classes_that_the_model_lacks_are_left_out_and_named(model, command, toy_clips, tmp_path):
    other = replace(toy_clips, classes=("calm", "glad", "proud"))
    metrics, notes = evaluated(command, model, other, tmp_path)
    assert metrics["clips"] == 16
    assert "8 clips of proud are left out, since the model has no such class" in notes
    assert "there are no clips of sad" in notes
    assert metrics == evaluated(command, model, of_classes(toy_clips, 0, 1), tmp_path)[0]


def test_two_classes_can_be_one_of_the_model(toy_clips):
    other = replace(toy_clips, classes=("calm", "joy", "laughter"))
    clips, notes = with_classes_of(
        DTAGN(("glad", "calm"), other.preprocessing, np.zeros(1)), other, {"joy": "glad", "laughter": "glad"}
    )
    np.testing.assert_array_equal(clips.labels, np.where(toy_clips.labels == 0, 1, 0))
    assert (clips.classes, notes) == (("glad", "calm"), [])


@pytest.mark.parametrize("text", ["", "glad", "=glad", "glad=", "glad=sad,", "glad=sad,glad=calm"])
def test_pairs_that_are_none_are_refused(text, command, model):
    with pytest.raises(UserError, match="as in happy=happiness,sad=sadness"):
        class_pairs(text)
    if text:
        assert command("evaluate", model, "--data", "x.npz", "--classes", text)[0] == 2


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        ("gald=sad", "the data have no class 'gald' (did you mean glad?): expected one of calm, glad, sad"),
        ("glad=bad", "the model has no class 'bad' (did you mean sad?): expected one of calm, glad, sad"),
    ],
)
def test_classes_that_do_not_exist_are_refused(pairs, words, model, command, toy_clips, tmp_path):
    save_prepared(tmp_path / "set.npz", PreparedSet(toy_clips))
    status, out, err = command("evaluate", model, "--data", tmp_path / "set.npz", "--classes", pairs)
    assert (status, out) == (2, "")
    assert words in err


def test_data_without_any_class_of_the_model_are_refused(model, command, toy_clips, tmp_path):
    save_prepared(tmp_path / "set.npz", PreparedSet(replace(toy_clips, classes=("a", "b", "c"))))
    status, out, err = command("evaluate", model, "--data", tmp_path / "set.npz")
    assert (status, out) == (2, "")
    assert "the model has the classes calm, glad, sad, the data have a, b, c" in err
    assert "say with --classes which of them are the same" in err


def test_the_clips_of_the_run_have_its_classes(model, command):
    status, _, err = command("evaluate", model, "--classes", "a=glad")
    assert status == 2
    assert "without --data the clips are read as in the run: leave out --classes" in err
