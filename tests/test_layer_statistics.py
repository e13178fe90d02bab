"""What a run tells of its layers: right numbers, the same model with or without them, and remarks where due."""

import csv
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from recorded_progress import RecordedProgress
from test_graph_step import BATCHES, LABELS, Stream, X, library
from test_run import SETTINGS, StopAfter, assert_same_run, train

from fernet import fast
from fernet.errors import UserError
from fernet.networks.build import Network
from fernet.networks.notation import parse
from fernet.networks.options import NetworkOptions
from fernet.training import layer_file, layer_statistics
from fernet.training import run as run_module
from fernet.training.graph_step import GraphStep
from fernet.training.layer_file import LAYER_COLUMNS, read_layers, write_layers
from fernet.training.layer_remarks import LayerRemarks
from fernet.training.layer_statistics import LayerRow, LayerWatch, probe_samples
from fernet.training.objectives import NetworkObjective
from fernet.training.random_numbers import step_generator
from fernet.training.recording import Recording
from fernet.training.run import Run
from fernet.training.settings import Schedule
from fernet.training.step import Step
from fernet.training.tally import Tally


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    from toy_set import toy_set

    out = tmp_path_factory.mktemp("watched")
    train(out, toy_set())
    return out


def rows_of(out, network, layer=None):
    return [row for row in read_layers(out) if row.network == network and layer in (None, row.layer)]


# The file


def test_a_watched_model_has_the_bits_of_an_unwatched_one(watched, toy_clips, tmp_path, monkeypatch):
    class Blind(LayerWatch):
        before_training = first_step = epoch_ended = lambda *arguments: None

    monkeypatch.setattr(run_module, "LayerWatch", Blind)
    train(tmp_path, toy_clips)
    assert read_layers(tmp_path) == []
    assert_same_run(watched, tmp_path)


def test_every_layer_of_every_epoch_has_a_row(watched):
    with open(watched / "layers.csv", newline="") as file:
        assert tuple(next(csv.reader(file))) == LAYER_COLUMNS
    layers = {
        "dtan": ["conv1", "norm1", "pool1", "fc1", "softmax"],
        "dtgn": ["fc1", "softmax"],
        "joint": ["dtan", "dtgn"],
        "l3": ["dtan", "dtgn"],
        "concatenation": ["top"],
    }
    expected = [
        (network, epoch, layer)
        for network, names in layers.items()
        for epoch in range(4 if network in ("dtan", "dtgn") else 3)
        for layer in names
    ]
    rows = read_layers(watched)
    assert [row[:3] for row in rows] == expected
    for row in rows:
        has_weights, is_top = row.layer not in ("norm1", "pool1"), row.network not in ("dtan", "dtgn")
        assert (row.gradient is not None, row.update is not None) == (has_weights, has_weights)
        assert (row.units is None, row.zeros is None, row.deviation is None) == (is_top,) * 3
        assert (row.dead is not None) == (not is_top and row.layer in ("conv1", "fc1"))
        assert (row.loss is not None) == (row.epoch == 0 and row.layer in ("softmax", "dtgn", "top"))
    assert {row.layer: row.units for row in rows_of(watched, "dtan")} == {
        **dict.fromkeys(("conv1", "norm1", "pool1"), 4),
        "fc1": 12,
        "softmax": 3,
    }


@pytest.mark.parametrize("batches", [1, 13, 30, 47, 60, 75])
def test_after_an_interruption_the_file_ends_with_the_same_bytes(batches, watched, toy_clips, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path, toy_clips, progress=StopAfter(batches))
    train(tmp_path, toy_clips, resume=True)
    assert (tmp_path / "layers.csv").read_bytes() == (watched / "layers.csv").read_bytes()


def test_rows_that_were_written_before_a_kill_are_not_written_twice(watched, toy_clips, tmp_path, monkeypatch):
    """The process ends between layers.csv and the state, in the first epoch and in the third."""
    for fatal in (1, 3):
        real, calls = run_module.state_file.save, []

        def killed(*arguments, calls=calls, real=real, fatal=fatal):
            calls.append(None)
            if len(calls) == fatal:
                raise KeyboardInterrupt
            return real(*arguments)

        monkeypatch.setattr(run_module.state_file, "save", killed)
        with pytest.raises(KeyboardInterrupt):
            train(tmp_path, toy_clips, resume=fatal > 1)
        monkeypatch.undo()
    assert max(row.epoch for row in read_layers(tmp_path)) == 3
    train(tmp_path, toy_clips, resume=True)
    assert (tmp_path / "layers.csv").read_bytes() == (watched / "layers.csv").read_bytes()


def test_a_run_of_an_earlier_version_resumes_without_the_file(watched, toy_clips, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path, toy_clips, progress=StopAfter(13))
    (tmp_path / "layers.csv").unlink()
    train(tmp_path, toy_clips, resume=True)
    assert_same_run(watched, tmp_path)
    assert min(row.epoch for row in rows_of(tmp_path, "dtan")) > 0


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("dtan,0,conv1", "../dtan,0,conv1", "is not a layer that a run can have"),
        ("dtan,0,conv1", "dtan,0,con/v1", "is not a layer that a run can have"),
        ("dtan,0,conv1", "dtan,first,conv1", "invalid literal"),
        ("units", "unit", "'units'"),
        ("dtan,1,conv1,4", "dtan,1,conv1,four", "invalid literal"),
    ],
)
def test_a_damaged_file_is_one_sentence(old, new, words, watched, tmp_path):
    text = (watched / "layers.csv").read_text()
    assert old in text
    (tmp_path / "layers.csv").write_text(text.replace(old, new))
    with pytest.raises(UserError) as caught:
        read_layers(tmp_path)
    assert str(caught.value).startswith(f"{tmp_path / 'layers.csv'} cannot be read (")
    assert words in str(caught.value)
    assert str(caught.value).endswith("): delete it to go on without it")


def test_rows_that_are_read_are_written_again_with_the_same_bytes(watched, tmp_path):
    rows = [
        *read_layers(watched),
        LayerRow("dtan", 9, "fc1", 5, 0, 1 / 3, float("nan"), float("inf"), 1e-30, None, 2.0),
    ]
    write_layers(tmp_path, rows)
    before = (tmp_path / "layers.csv").read_bytes()
    write_layers(tmp_path, read_layers(tmp_path))
    assert (tmp_path / "layers.csv").read_bytes() == before


def test_a_file_that_another_program_holds_open_is_written_after_the_next_epoch(
    watched, toy_clips, tmp_path, monkeypatch
):
    real, calls, progress = layer_file.write_text, [], RecordedProgress()

    def locked_for_a_while(path, text):
        calls.append(path)
        if len(calls) in (2, 3, 12):
            raise PermissionError(13, "Permission denied", str(path))
        real(path, text)

    monkeypatch.setattr(layer_file, "write_text", locked_for_a_while)
    train(tmp_path, toy_clips, progress=progress)
    assert (tmp_path / "layers.csv").read_bytes() == (watched / "layers.csv").read_bytes()
    assert len([note for note in progress.notes if f"{tmp_path / 'layers.csv'} cannot be written" in note]) == 2


# The numbers


def test_the_probe_is_a_third_of_the_clips_as_they_are():
    samples = probe_samples(112, 14)
    assert len(set(samples.tolist())) == len(samples) == 38
    assert (samples % 14 == 0).all()
    assert samples.max() < 112 * 14
    np.testing.assert_array_equal(samples, probe_samples(112, 14))
    assert len(probe_samples(5000, 14)) == 256
    np.testing.assert_array_equal(probe_samples(1, 14), [0])


def activations(network, x):
    """The output of every layer by name, outside training, layer after layer."""
    found = {}
    for name, layer in network.layers:
        x, _ = layer.forward(x)
        found[name] = x
    return found


def check(found, network, x, tolerance=1e-5):
    y = activations(network, x)
    after = {"conv1": "relu1", "conv2": "relu2", "fc1": "fc_relu1", "fc2": "fc_relu2"}
    assert list(found) == [
        name for name, _ in network.layers if name[:4] in ("conv", "norm", "pool", "soft", "fc1", "fc2")
    ]
    for name, own in found.items():
        out = y[after.get(name, name)]
        flat = out.reshape(-1, out.shape[-1])
        assert own["units"] == out.shape[-1]
        assert own["dead"] == ((flat == 0).all(axis=0).sum() if name in after else None), name
        assert own["zeros"] == pytest.approx((out == 0).mean(), abs=1e-3)
        assert own["mean"] == pytest.approx(out.mean(), abs=tolerance)
        assert own["deviation"] == pytest.approx(out.std(), rel=10 * tolerance)


@pytest.fixture
def damaged_network():
    """A network with two dead maps in conv1, one in conv2, and three dead units; and input for it."""
    network = Network(parse("I16-C(3,8)-L3-P2-C(3,16)-P2-FC12-FC10-S3"), NetworkOptions(), seed=4)
    params = network.params
    params["conv1.b"][[1, 6]] = params["conv2.b"][5] = params["fc2.b"][[0, 4, 9]] = -1e3
    return network, np.random.default_rng(2).standard_normal((70, 16, 16, 3)).astype(np.float32)


def test_statistics_of_activations_by_hand(damaged_network):
    network, x = damaged_network
    found = LayerWatch("dtan", [], network, x)._activations()
    assert (found["conv1"]["dead"], found["conv2"]["dead"]) == (2, 1)
    assert found["fc2"]["dead"] >= 3
    check(found, network, x)
    with fast.references():
        check(LayerWatch("dtan", [], network, x)._activations(), network, x)


def test_the_same_statistics_from_the_layers_for_cuda(damaged_network, launches):
    network, x = damaged_network
    found = LayerWatch("dtan", [], network, x)._activations()
    assert "relu" not in launches  # that kernel is for training
    assert launches
    check(found, network, x, 1e-3)  # matrix products in TF32


def test_statistics_do_not_depend_on_which_thread_is_first(damaged_network):
    network, x = damaged_network
    watch = LayerWatch("dtan", [], network, x)
    watch._activations()
    tap = watch.taps["conv1"]
    assert np.shape(tap.sums) == (70, 8 + 3)
    pieces = np.random.default_rng(0).random((70, 8 + 3))  # their sums depend on the order, as those of maps may do
    orders = [np.random.default_rng(seed).permutation(70) for seed in range(20)]
    assert len({str(tap.statistics(pieces[order])) for order in orders}) == 1


@pytest.mark.parametrize("batch_size", [32, 300])
def test_steps_and_first_loss_by_hand(batch_size, toy_clips, tmp_path):
    """The second is an epoch of a single batch: its first step is its last."""
    settings = replace(SETTINGS, networks="dtgn", dtgn_schedule=Schedule(1, 0.02, batch_size))
    run = Run(settings, toy_clips, tmp_path, RecordedProgress())
    objective = NetworkObjective(run.model.dtgn, run.samples.trajectories, np)
    order = np.random.default_rng([0, 2, 0]).permutation(len(run.samples))[:batch_size]
    outcome = objective.outcome(objective.inputs(order), run.samples.labels(order), step_generator([0, 2, 0, 0]))
    weights = {name: w.copy() for name, w in run.model.dtgn.params.items()}
    expected = {}
    for layer in ("fc1", "softmax"):
        g, w = outcome.grads[f"{layer}.W"], weights[f"{layer}.W"]
        v = -0.02 * (g + 5e-4 * w)
        expected[layer] = [np.linalg.norm(g), np.linalg.norm(v) / np.linalg.norm(w + v)]
    run.train_all()
    rows = read_layers(tmp_path)
    for row in rows if batch_size == 300 else rows[:2]:
        np.testing.assert_allclose([row.gradient, row.update], expected[row.layer], rtol=1e-4)
    assert [row.loss for row in rows] == [None, pytest.approx(float(outcome.loss), rel=1e-5), None, None]


def test_gradients_and_update_are_those_of_the_last_step(toy_clips, tmp_path):
    """An epoch of seven steps and a last one: the rows of epoch 1 differ from those of epoch 0, which has the first."""
    train(tmp_path, toy_clips, replace(SETTINGS, networks="dtgn"))
    for layer in ("fc1", "softmax"):
        rows = rows_of(tmp_path, "dtgn", layer)
        assert len({row.gradient for row in rows}) == len({row.update for row in rows}) == 4


def test_a_replayed_recording_gives_the_gradients_of_its_latest_step(kernels_on_host, monkeypatch):
    """As on a device: a replay runs no Python, it writes where the recorded step wrote."""

    def record(recording):
        owner = recording.work.__self__
        recording.work(*recording.arrays)
        size = len(recording.arrays[-1])
        recorded, first = owner.kept[size], [True]

        def launch():
            if not first:
                recording.work(*recording.arrays)
                for name, g in owner.kept[size].items():
                    recorded[name][...] = g
                owner.kept[size], owner.gradients = recorded, {}
            first.clear()

        return SimpleNamespace(launch=launch)

    monkeypatch.setattr(Recording, "_record", record)

    def gradients(make_step):
        network, found = Network(parse("D6-FC9-S3"), NetworkOptions(), seed=3), []
        objective = NetworkObjective(network, lambda samples: X[samples], np)
        step = make_step(objective, fast.optimiser(network.params)(network.params, network.decayed, 0.9, 0), Tally(np))
        for epoch in range(5):
            for number, batch in enumerate(BATCHES):
                step(objective.inputs(batch), LABELS[batch], [7, 1, epoch, number], 0.1 if epoch < 4 else 0.01)
                found.append({name: g.copy() for name, g in step.gradients.items()})
        return found

    plain = gradients(Step)
    replayed = gradients(lambda *parts: GraphStep(*parts, library(Stream()), pytest.fail))
    for one, other in zip(plain, replayed, strict=True):
        assert set(one) == set(other) == {"fc1.W", "fc1.b", "softmax.W", "softmax.b"}
        for name, g in one.items():
            np.testing.assert_array_equal(g, other[name], err_msg=name)


@pytest.mark.parametrize("batch_size", [8, 300])
def test_the_device_is_waited_for_at_the_end_of_an_epoch_only(batch_size, toy_clips, tmp_path, monkeypatch):
    waits, real = [], layer_statistics.to_host
    monkeypatch.setattr(layer_statistics, "to_host", lambda x: waits.append(x) or real(x))
    train(tmp_path, toy_clips, replace(SETTINGS, networks="dtan", dtan_schedule=Schedule(3, batch_size=batch_size)))
    assert len(waits) == 1 + (1 + 2) + 2 * 2 + 1  # before; loss; activations and norms of each epoch; norms of epoch 0


# The remarks


def test_a_killed_map_is_in_the_file_and_in_a_remark(toy_clips, tmp_path):
    progress = RecordedProgress()
    run = Run(replace(SETTINGS, networks="dtan"), toy_clips, tmp_path, progress)
    run.model.dtan.params["conv1.b"][2] = -1e3
    run.train_all()
    assert [row.dead for row in rows_of(tmp_path, "dtan", "conv1")] == [1, 1, 1, 1]
    said = [note for note in progress.notes if "never fire" in note]
    assert said[0].startswith("DTAN epoch 1: conv1: 1 of 4 maps")


def remarks(stage, epochs, classes=7):
    """What is said of a stage with these (rows, loss) of its epochs."""
    rows, notes = [LayerRow("other", 1, "conv1", 64, 64, update=1.0)], []
    own = LayerRemarks(stage, stage.upper(), classes, rows, notes.append)
    for number, (found, loss) in enumerate(epochs, 1):
        rows += [LayerRow(stage, 0 if "loss" in one else number, **one) for one in found]
        own.epoch_ended(number, loss, last=number == len(epochs))
    return notes


def conv(dead, update=1e-3):
    return {"layer": "conv2", "units": 64, "dead": dead, "update": update}


def first(loss):
    return {"layer": "softmax", "loss": loss, "update": 0.5}


def test_a_healthy_training_is_silent():
    assert remarks("dtan", [([first(2.1), conv(15)], 1.9), ([conv(15, 2.9e-2)], 1.0)]) == []


def test_dead_units_are_named_at_once_and_at_the_end():
    notes = remarks("dtan", [([conv(40)], 1.9), ([conv(45)], 1.8), ([conv(49)], 1.0)])
    assert [note.split(", ")[0] for note in notes] == [
        "DTAN epoch 1: conv2: 40 of 64 maps never fire",
        "DTAN epoch 3: conv2: 49 of 64 maps never fire",
    ]
    assert all(note.endswith("try a smaller --learning-rate") for note in notes)
    assert len(remarks("dtan", [([conv(40)], 1.9), ([conv(40)], 1.0)])) == 1
    silent = {"layer": "fc1", "units": 100}
    assert "fc1: 50 of 100 units" in remarks("dtgn", [([{**silent, "dead": 50}], 1.0)])[0]
    assert remarks("dtgn", [([{**silent, "dead": 49}], 1.0)]) == []


def test_a_first_loss_above_that_of_a_guess_is_named_once():
    notes = remarks("dtan", [([first(4.13)], 1.9), ([], 1.0)])
    assert len(notes) == 1
    assert "the loss of the first batch is 4.13, more than 1.95, the loss of a guess among 7 classes" in notes[0]
    assert remarks("dtan", [([first(1.09 * np.log(7))], 1.0)]) == []
    assert len(remarks("dtan", [([first(1.11 * np.log(7))], 1.0)])) == 1


def test_large_steps_are_named_once():
    notes = remarks("dtan", [([conv(0, 3.6e-2)], 1.9), ([conv(0, 3.6e-2)], 1.0)])
    assert len(notes) == 1
    assert "DTAN epoch 1: one step changes the weights of conv2 by 3.6%" in notes[0]


@pytest.mark.parametrize(
    ("stage", "guess", "words"),
    [
        ("dtan", np.log(7), "train longer with --epochs, or a smaller --learning-rate"),
        ("dtgn", np.log(7), "--dtgn-epochs"),
        ("joint", 2.1 * np.log(7), "train longer with --joint-epochs, or a smaller learning rate"),
        ("l3", np.log(7), "--joint-epochs"),
        ("concatenation", np.log(7), "--joint-epochs"),
    ],
)
def test_a_training_in_vain_is_named_at_the_end(stage, guess, words):
    assert remarks(stage, [([], 9.0), ([], guess - 0.01)]) == []
    notes = remarks(stage, [([], 9.0), ([], guess)])
    assert len(notes) == 1
    assert f"{stage.upper()} has learned nothing: its loss is {guess:.2f}, not below {guess:.2f}" in notes[0]
    assert words in notes[0]


def test_all_remarks_on_a_training_are_a_few_lines():
    bad = {"layer": "conv1", "units": 64, "dead": 64, "update": 0.5}
    assert len(remarks("dtan", [([first(9.0), bad, conv(40, 0.1)], 9.0), ([bad, conv(64, 0.1)], 9.0)])) == 5
