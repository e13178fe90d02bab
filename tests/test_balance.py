"""`--balance`: every class is drawn equally often, and a run without it has the bits that it always had."""

import json
from dataclasses import replace

import numpy as np
import pytest
from test_run import SETTINGS, StopAfter, assert_same_run, weights
from toy_set import toy_set

from fernet.progress import Progress
from fernet.training.fit import fit
from fernet.training.objectives import Outcome
from fernet.training.run import Run
from fernet.training.run_folder import open_run
from fernet.training.sample_order import balanced, shuffled
from fernet.training.settings import Schedule

LABELS = np.repeat([0, 1, 2], [70, 25, 5])
BALANCED = replace(SETTINGS, balance=True)


def without(clips, label, people):
    """A rare class: of these people no clip has it."""
    kept = [
        i for i, subject in enumerate(clips.subjects) if not (clips.labels[i] == label and subject.split()[1] in people)
    ]
    return clips.subset(np.array(kept))


def test_every_class_is_drawn_equally_often(rng):
    order = balanced(LABELS, rng)
    assert len(order) == 100
    assert sorted(np.bincount(LABELS[order]).tolist()) == [33, 33, 34]
    times = np.bincount(order, minlength=100)
    assert set(times[:70]) == {0, 1}  # a part of a frequent class
    assert set(times[70:95]) == {1, 2}
    assert set(times[95:]) <= {6, 7}  # all samples of a rare class equally often


def test_every_sample_of_a_frequent_class_has_its_turn():
    drawn = np.concatenate([balanced(LABELS, np.random.default_rng([0, epoch])) for epoch in range(40)])
    times = np.bincount(drawn, minlength=100)
    assert times[:70].min() >= 8  # 19 on average
    assert times[:70].max() <= 32
    # What is left over when the classes do not divide the samples is not always given to the same class.
    extra = {np.bincount(LABELS[balanced(LABELS, np.random.default_rng(i))]).argmax() for i in range(30)}
    assert extra == {0, 1, 2}


def test_classes_are_mixed_within_an_epoch(rng):
    drawn = LABELS[balanced(LABELS, rng)]
    for half in (drawn[:50], drawn[50:]):
        assert np.bincount(half, minlength=3).min() >= 8


def test_a_class_that_does_not_occur_is_not_drawn(rng):
    assert np.bincount(np.array([0, 0, 2, 2, 2, 2])[balanced(np.array([0, 0, 2, 2, 2, 2]), rng)]).tolist() == [3, 0, 3]


def test_without_balance_the_order_is_that_of_earlier_versions():
    np.testing.assert_array_equal(
        shuffled(LABELS, np.random.default_rng([3, 1, 0])), np.random.default_rng([3, 1, 0]).permutation(100)
    )


class Recorder:
    """An objective that notes which samples it is given."""

    def __init__(self):
        self.params, self.decayed, self.seen = {"w": np.zeros(1, np.float32)}, set(), []

    def inputs(self, samples):
        return (samples,)

    def outcome(self, inputs, labels, rng):
        self.seen.append((inputs[0], labels))
        return Outcome(np.float32(0), np.int64(0), {"w": np.zeros(1, np.float32)})


def test_the_loop_trains_on_the_samples_drawn_with_their_own_labels():
    from fernet.sgd import SGD

    objective = Recorder()
    optimiser = SGD(objective.params, set(), 0.9, 0.0)
    fit(objective, LABELS, Schedule(epochs=2, batch_size=32), (0, 1), optimiser, order_of=balanced)
    samples = [np.concatenate([seen for seen, _ in objective.seen[first : first + 4]]) for first in (0, 4)]
    for epoch, order in enumerate(samples):
        np.testing.assert_array_equal(order, balanced(LABELS, np.random.default_rng([0, 1, epoch])))
    for seen, labels in objective.seen:
        np.testing.assert_array_equal(labels, LABELS[seen])


@pytest.mark.parametrize("batches", [5, 30])
def test_a_balanced_run_resumes_with_the_same_bits(batches, tmp_path):
    clips = without(toy_set(), 2, "23567")
    Run(BALANCED, clips, tmp_path / "a", Progress()).train_all()
    with pytest.raises(KeyboardInterrupt):
        Run(BALANCED, clips, tmp_path / "b", StopAfter(batches)).train_all()
    Run(open_run(tmp_path / "b"), clips, tmp_path / "b", Progress(), resume=True).train_all()
    assert_same_run(tmp_path / "a", tmp_path / "b")


def test_all_stages_are_balanced(tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr("fernet.training.run.balanced", lambda labels, rng: drawn.append(0) or balanced(labels, rng))
    Run(BALANCED, toy_set(), tmp_path / "a", Progress()).train_all()
    assert len(drawn) == 3 + 3 + 3 * 2
    Run(SETTINGS, toy_set(), tmp_path / "b", Progress()).train_all()
    assert len(drawn) == 12
    assert not np.array_equal(weights(tmp_path / "a")["dtan/conv1.W"], weights(tmp_path / "b")["dtan/conv1.W"])


def test_the_command_balances(command, tmp_path):
    from fernet.clips.prepared_file import PreparedSet, save_prepared
    from fernet.json_settings import to_json

    save_prepared(tmp_path / "toy.npz", PreparedSet(toy_set()))
    quick = replace(SETTINGS, data=str(tmp_path / "toy.npz"), networks="dtgn", preprocessing=toy_set().preprocessing)
    (tmp_path / "quick.json").write_text(json.dumps(to_json(quick)))
    assert command("train", "--config", tmp_path / "quick.json", "--balance", "--out", tmp_path / "run")[0] == 0
    assert json.loads((tmp_path / "run/settings.json").read_text())["balance"] is True
