"""Recorded steps compared with plain ones: buffers, keys, last batches and learning rates, with NumPy in CuPy's place.

A stand-in for a CUDA graph repeats the recorded work on the recorded arrays, as a real graph would; philox.cu runs on
the processor. Whether a real device can record a step is tested in test_gpu.py.
"""

from contextlib import contextmanager
from types import SimpleNamespace

import numpy as np
import pytest

from fernet import fast
from fernet.networks.build import Network
from fernet.networks.notation import parse
from fernet.networks.options import NetworkOptions
from fernet.training.graph_step import GraphStep
from fernet.training.objectives import NetworkObjective
from fernet.training.recording import Recording
from fernet.training.step import Step
from fernet.training.tally import Tally

pytestmark = pytest.mark.usefixtures("kernels_on_host")
X = np.random.default_rng(1).standard_normal((20, 6)).astype(np.float32)
LABELS = np.arange(20) % 3
BATCHES = [np.arange(0, 8), np.arange(8, 16), np.arange(16, 20)]  # the last one is smaller


class Stream:
    """Records nothing, and fails where asked to."""

    def __init__(self, fails=None):
        self.fails, self.ended = fails, 0

    def begin_capture(self):
        if self.fails == "begin":
            raise RuntimeError("operation not permitted\nand more")

    def end_capture(self):
        self.ended += 1
        if self.fails:
            raise RuntimeError("capture was invalidated")


def library(stream):
    @contextmanager
    def using_allocator(malloc):
        yield

    cuda = SimpleNamespace(
        MemoryPool=lambda: SimpleNamespace(malloc=None),
        using_allocator=using_allocator,
        get_current_stream=lambda: stream,
    )
    return SimpleNamespace(zeros=np.zeros, asarray=np.asarray, empty=np.empty, empty_like=np.empty_like, cuda=cuda)


@pytest.fixture
def recorded(monkeypatch):
    """How often a recording was replayed, for each batch size."""
    counts = {}

    def record(recording):
        def launch():
            size = len(recording.arrays[-1])
            counts[size] = counts.get(size, 0) + 1
            recording.work(*recording.arrays)

        return SimpleNamespace(launch=launch)

    monkeypatch.setattr(Recording, "_record", record)
    return counts


def trained(make_step, epochs=4):
    """Weights and the totals of the tally after a few epochs; the last one has a lower learning rate."""
    network, totals = Network(parse("D6-FC9-FC8-S3"), NetworkOptions(), seed=3), []
    objective = NetworkObjective(network, lambda samples: X[samples], np)
    tally = Tally(np)
    optimiser = fast.optimiser(network.params)(network.params, network.decayed, 0.9, 5e-4)
    step = make_step(objective, optimiser, tally)
    for epoch in range(epochs):
        tally.restart()
        for number, batch in enumerate(BATCHES):
            step(objective.inputs(batch), LABELS[batch], [7, 1, epoch, number], 0.1 if epoch < epochs - 1 else 0.01)
        totals.append(tally.total())
    return network.params, totals


def assert_same(one, other):
    assert one[1] == other[1]
    for name, w in one[0].items():
        np.testing.assert_array_equal(w, other[0][name], err_msg=name)


def test_a_recorded_step_trains_as_a_plain_one(recorded):
    notes = []
    graph = trained(lambda *parts: GraphStep(*parts, library(Stream()), notes.append))
    assert_same(graph, trained(Step))
    # Of 8 batches of 8 and 4 of 4 the first of each learning rate is plain.
    assert recorded == {8: 5 + 1, 4: 2}
    assert notes == []


@pytest.mark.parametrize("fails", ["begin", "end"])
def test_where_nothing_can_be_recorded_steps_run_plainly_and_one_line_says_so(fails):
    notes, stream = [], Stream(fails)
    graph = trained(lambda *parts: GraphStep(*parts, library(stream), notes.append), epochs=1)
    if fails == "begin":  # a real recording would have run nothing by its end, but NumPy computes at once
        assert_same(graph, trained(Step, epochs=1))
    assert len(notes) == 1
    assert notes[0].endswith(
        "slower (operation not permitted)" if fails == "begin" else "slower (capture was invalidated)"
    )


def test_a_recording_that_fails_in_the_middle_is_ended(monkeypatch):
    notes, stream, taken = [], Stream("middle"), []
    step = GraphStep(None, None, None, library(stream), notes.append)

    def take(*arrays):
        taken.append(len(arrays[-1]))
        if len(taken) == 2:
            raise NotImplementedError("a library call cannot be recorded")

    monkeypatch.setattr(step, "_take", take)
    for number in range(4):
        step((X[:8],), LABELS[:8], [0, 0, 0, number], 0.1)
    assert stream.ended == 1
    assert taken == [8, 8, 8, 8, 8]  # plain; recording fails, then plain; plain; plain
    assert len(notes) == 1
    assert "a library call cannot be recorded" in notes[0]


def test_inputs_are_copied_before_a_step_is_played(recorded):
    step = GraphStep(None, None, None, library(Stream()), lambda text: None)
    seen = []
    step._take = lambda x, labels: seen.append((float(x[0, 0]), int(labels[0])))
    for number in range(4):
        step((np.full((2, 3), number, np.float32),), np.array([number, 0]), [0], 0.1)
    assert seen == [(0.0, 0), (1.0, 1), (2.0, 2), (3.0, 3)]


def test_a_tally_counts_samples_not_batches():
    tally = Tally(np)
    assert tally.latest() == (0.0, 0.0)
    for loss, right, count in ((1.0, 6, 8), (3.0, 1, 4)):
        tally.add(SimpleNamespace(loss=np.float32(loss), correct=np.int64(right)), count)
    assert tally.latest() == tally.total() == (20 / 12, 7 / 12)
    tally.restart()
    assert tally.total() == (0.0, 0.0)
