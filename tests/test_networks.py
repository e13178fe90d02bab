"""The notation, the networks built from it, and the paper's parameter counts."""

import numpy as np
import pytest

from fernet import threads
from fernet.errors import UserError
from fernet.layers import AcrossMapsNorm, ContrastNorm, Dropout, MultiframeConv, ResponseNorm
from fernet.losses import softmax_cross_entropy
from fernet.networks import paper
from fernet.networks.build import Network
from fernet.networks.notation import parse
from fernet.networks.options import NetworkOptions
from fernet.networks.summary import summarise

PAPER = [
    "I64-C(5,64)-L5-P2-C(5,64)-L3-P2-FC500-FC500-S7",
    "D1176-FC100-FC600-S7",
    "I64-C(5,32)-P3-C(3,32)-FC30-S6",
    "D1176-FC100-FC200-S6",
]


@pytest.mark.parametrize("text", [*PAPER, "I8-S2", "D1-S1", "I12-P2-L3-C(3,4)-C(2,5)-FC6-S3"])
def test_notation_prints_back_to_itself(text):
    assert str(parse(text)) == text
    assert str(Network(parse(text), NetworkOptions()).notation) == text


def test_the_papers_networks():
    assert [
        str(n) for n in (paper.dtan(7), paper.dtgn(7), paper.dtan(6, small=True), paper.dtgn(6, small=True))
    ] == PAPER


@pytest.mark.parametrize(
    ("text", "where", "why"),
    [
        ("", "character 1 ", "expected one of"),
        ("I64-C(5,64)-X3-S7", r"character 13 \('X3'\)", "expected one of"),
        ("I64--S7", "character 5 ", "expected one of"),
        ("C(5,64)-S7", "character 1 ", "starts with its input"),
        ("I64-S7-FC5", "character 8 ", "nothing can follow"),
        ("I64-FC5-C(3,4)-S7", "character 9 ", "come before FC"),
        ("D64-C(3,4)-S7", "character 5 ", "work on images"),
        ("I64-I64-S7", "character 5 ", "only once"),
        ("I64-C(5,0)-S7", "character 5 ", "whole numbers from 1"),
        ("I64-C(99,4)-S7", "character 5 ", "1 to 31"),
        ("I64-FC007-S7", "character 5 ", "without leading zeros"),
        ("I64-C(5, 64)-S7", "character 5 ", "expected one of"),
        ("I64-FC٣-S7", "character 5 ", "expected one of"),
        ("D10-FC" + "9" * 400 + "-S7", "character 5 ", "whole numbers"),
        ("D10-FC5", "ends in FC5", "must end in S<classes>"),
        ("I8-C(5,4)-C(5,4)-S7", r"part C\(5,4\)", "does not fit into 4 x 4"),
        ("I8-P9-S7", "part P9", "does not fit into 8 x 8"),
        ("I512-FC65536-S7", "part FC65536", "parameters"),
    ],
)
def test_bad_notation_says_where_and_why(text, where, why):
    with pytest.raises(UserError, match=where) as caught:
        Network(parse(text), NetworkOptions())
    assert why in str(caught.value)


@pytest.mark.parametrize(
    ("notation", "options", "count"),
    [
        (PAPER[0], {}, 5_769_835),
        (PAPER[0], {"padding": "same"}, 8_553_835),
        (PAPER[1], {}, 182_507),
        (PAPER[2], {}, 711_736),
        (PAPER[2], {"ceil_pooling": True}, 764_536),
        (PAPER[3], {}, 139_106),
    ],
)
def test_parameter_counts(notation, options, count):
    assert sum(row.parameters for row in summarise(Network(parse(notation), NetworkOptions(**options)))) == count


def test_map_sizes_of_the_paper_network():
    rows = {row.name: row for row in summarise(Network(parse(PAPER[0]), NetworkOptions()))}
    assert [rows[name].output_shape for name in ("conv1", "pool1", "conv2", "pool2", "flatten")] == [
        (60, 60, 64),
        (30, 30, 64),
        (26, 26, 64),
        (13, 13, 64),
        (10816,),
    ]
    assert rows["conv1"].multiply_adds == 60 * 60 * 64 * 75
    assert rows["fc1"].multiply_adds == 10816 * 500
    assert rows["conv1"].activation_bytes == 60 * 60 * 64 * 4


def test_options_choose_the_layers():
    kinds = {"contrast": ContrastNorm, "response": ResponseNorm, "across": AcrossMapsNorm}
    for name, kind in kinds.items():
        layers = dict(Network(parse(PAPER[0]), NetworkOptions(normalisation=name)).layers)
        assert type(layers["norm1"]) is kind
    network = Network(parse(PAPER[0]), NetworkOptions(normalisation="none", dropout=0.0, frames=1))
    assert not any(isinstance(layer, (ContrastNorm, ResponseNorm, Dropout)) for _, layer in network.layers)
    assert isinstance(network.layers[0][1], MultiframeConv)
    assert network.params["conv1.W"].shape == (5, 5, 1, 64)


@pytest.mark.parametrize(
    "options", [{"normalisation": "batch"}, {"padding": "full"}, {"dropout": 1.0}, {"normalisation_scale": -1.0}]
)
def test_bad_options_are_refused(options):
    with pytest.raises(UserError, match=str(next(iter(options.values())))):
        NetworkOptions(**options)


def test_same_seed_same_weights_other_seed_others():
    first, same, other = (Network(parse(PAPER[3]), NetworkOptions(), seed).params for seed in (1, 1, 2))
    assert all(np.array_equal(first[name], same[name]) for name in first)
    assert not np.array_equal(first["fc1.W"], other["fc1.W"])


def test_each_layer_halves_the_scale_of_activations_at_the_start():
    network = Network(parse("D1176-FC1000-FC1000-S7"), NetworkOptions(dropout=0.0))
    x = np.random.default_rng(0).standard_normal((50, 1176)).astype(np.float32)
    hidden = network.part(0, 4).forward(x)[0]
    assert np.sqrt(np.mean(hidden**2)) == pytest.approx(1 / 4, rel=0.08)  # two layers
    assert set(network.decayed) == {"fc1.W", "fc2.W", "softmax.W"}


@pytest.mark.parametrize("notation", [PAPER[0], PAPER[3]])
def test_the_first_loss_is_close_to_that_of_equal_probabilities(notation):
    """In training, with dropout; that of a network that gives every class the same probability is ln C."""
    network = Network(parse(notation), NetworkOptions(), seed=1)
    x = np.random.default_rng(0).standard_normal((16, *network.input_shape)).astype(np.float32)
    logits, _ = network.forward(x, train=True, rng=np.random.default_rng(1))
    labels = np.arange(16) % network.notation.classes
    assert softmax_cross_entropy(logits, labels)[0] == pytest.approx(np.log(network.notation.classes), rel=0.1)


@pytest.mark.parametrize(
    "notation", ["I20-C(3,8)-L3-P2-C(3,40)-L3-P2-FC30-S3", "I24-C(3,32)-C(7,32)-FC9-S3", "D40-FC200-S3"]
)
def test_bits_do_not_depend_on_the_number_of_threads(notation, rng):
    network = Network(parse(notation), NetworkOptions())
    x = rng.standard_normal((13, *network.input_shape)).astype(np.float32)

    def run(count):
        with threads.worker_threads(count):
            y, caches = network.forward(x, train=True, rng=np.random.default_rng(1))
            return y, network.backward(np.sin(y), caches)

    y, (dx, grads) = run(1)
    for count in (2, 3, 7):
        other_y, (other_dx, other_grads) = run(count)
        np.testing.assert_array_equal(y, other_y)
        np.testing.assert_array_equal(dx, other_dx)
        assert all(np.array_equal(grads[name], other_grads[name]) for name in network.params)


def test_skipping_the_input_gradient_changes_no_other(rng):
    network = Network(parse("I12-C(3,4)-P2-FC5-S3"), NetworkOptions())
    x = rng.standard_normal((6, 12, 12, 3)).astype(np.float32)
    y, caches = network.forward(x, train=True, rng=rng)
    _, grads = network.backward(y, caches)
    dx, without = network.backward(y, caches, input_gradient=False)
    assert dx is None
    assert set(grads) == set(without) == set(network.params)
    assert all(np.array_equal(grads[name], without[name]) for name in grads)


def test_references_and_twins_agree_on_the_whole_network(rng, monkeypatch):
    network = Network(parse("I24-C(5,8)-L5-P2-C(3,70)-L3-P2-FC30-S3"), NetworkOptions(normalisation_scale=2.0))
    x = rng.standard_normal((5, 24, 24, 3)).astype(np.float32)

    def run():
        y, caches = network.forward(x, train=True, rng=np.random.default_rng(1))
        return y, network.backward(np.cos(y), caches)

    y, (dx, grads) = run()
    monkeypatch.setenv("FERNET_REFERENCE", "1")
    expected_y, (expected_dx, expected_grads) = run()
    np.testing.assert_allclose(y, expected_y, rtol=0, atol=1e-5)
    np.testing.assert_allclose(dx, expected_dx, rtol=0, atol=2e-5 * np.abs(expected_dx).max())
    for name, expected in expected_grads.items():
        np.testing.assert_allclose(grads[name], expected, rtol=0, atol=2e-5 * np.abs(expected).max(), err_msg=name)
