"""Joint fine-tuning against plain loops over samples, values and classes, and its predictions from known logits.

The loops share only random numbers with the package: the order of the samples in an epoch, and the dropout masks of a
step, which are drawn for DTAN first and from the lowest layer up.
"""

from math import exp, log

import numpy as np
import pytest

from fernet.clips.sequence_set import Preprocessing
from fernet.inputs.samples import Samples
from fernet.networks.build import Network
from fernet.networks.dtagn import DTAGN, ConcatenationTop, JointTop
from fernet.networks.model_file import load_model
from fernet.networks.notation import parse
from fernet.networks.options import NetworkOptions
from fernet.progress import SILENT
from fernet.sgd import SGD
from fernet.training.fit import fit
from fernet.training.objectives import ConcatenationObjective, FrozenBranch, JointObjective
from fernet.training.run import Run
from fernet.training.settings import RunSettings, Schedule

CLASSES = 3


def dense(rows, W, b):
    """x W + b for a list of rows."""
    return [[b[k] + sum(row[j] * W[j][k] for j in range(len(row))) for k in range(len(b))] for row in rows]


def rectified(rows):
    return [[max(0.0, value) for value in row] for row in rows]


def dropped(rows, rate, rng):
    """Inverted dropout."""
    draws = rng.random((len(rows), len(rows[0])), dtype=np.float32)
    return [
        [value / (1 - rate) if draw >= rate else 0.0 for value, draw in zip(row, drawn, strict=True)]
        for row, drawn in zip(rows, draws, strict=True)
    ]


def hidden_by_hand(rows, params, rate, rng):
    """Top hidden activations of FC-FC-S with dropout after both FC layers; `rows` are the inputs, flat."""
    first = rectified(dense(rows, params["fc1.W"].tolist(), params["fc1.b"].tolist()))
    second = dense(dropped(first, rate, rng), params["fc2.W"].tolist(), params["fc2.b"].tolist())
    return dropped(rectified(second), rate, rng)


def softmax_by_hand(logits):
    total = sum(exp(value) for value in logits)
    return [exp(value) / total for value in logits]


def layer_gradients(name, rows, dlogits):
    """dW and db of one top layer: sums over the samples."""
    dW, db = np.zeros((len(rows[0]), CLASSES)), np.zeros(CLASSES)
    for row, dl in zip(rows, dlogits, strict=True):
        for k in range(CLASSES):
            db[k] += dl[k]
            for j in range(len(row)):
                dW[j, k] += row[j] * dl[k]
    return {f"{name}.W": dW, f"{name}.b": db}


def joint_by_hand(top, hidden1, hidden2, labels, weights):
    """Loss (Eq. 8), number of correct predictions of the third softmax, and gradients."""
    w1, w2, w3 = weights
    loss, right, dlogits1, dlogits2 = 0.0, 0, [], []
    all1, all2 = dense(hidden1, top["dtan.W"], top["dtan.b"]), dense(hidden2, top["dtgn.W"], top["dtgn.b"])
    for l1, l2, label in zip(all1, all2, labels, strict=True):
        p1, p2 = softmax_by_hand(l1), softmax_by_hand(l2)
        p3 = softmax_by_hand([a + b for a, b in zip(l1, l2, strict=True)])
        loss -= (w1 * log(p1[label]) + w2 * log(p2[label]) + w3 * log(p3[label])) / len(labels)
        right += p3.index(max(p3)) == label
        dlogits1.append([])
        dlogits2.append([])
        for k in range(CLASSES):
            y = 1.0 if k == label else 0.0
            dlogits1[-1].append((w1 * (p1[k] - y) + w3 * (p3[k] - y)) / len(labels))
            dlogits2[-1].append((w2 * (p2[k] - y) + w3 * (p3[k] - y)) / len(labels))
    return loss, right, layer_gradients("dtan", hidden1, dlogits1) | layer_gradients("dtgn", hidden2, dlogits2)


def concatenation_by_hand(top, hidden1, hidden2, labels):
    """Loss, number of correct predictions and gradients of one top layer on DTAN's activations followed by DTGN's."""
    rows = [one + other for one, other in zip(hidden1, hidden2, strict=True)]
    loss, right, dlogits = 0.0, 0, []
    for logits, label in zip(dense(rows, top["top.W"], top["top.b"]), labels, strict=True):
        p = softmax_by_hand(logits)
        loss -= log(p[label]) / len(labels)
        right += p.index(max(p)) == label
        dlogits.append([(p[k] - (1.0 if k == label else 0.0)) / len(labels) for k in range(CLASSES)])
    return loss, right, layer_gradients("top", rows, dlogits)


def move_by_hand(top, velocity, grads, learning_rate, momentum, decay):
    """SGD with momentum; the weights decay, the biases do not."""
    for name, w in top.items():
        for index in np.ndindex(w.shape):
            pull = grads[name][index] + (decay * w[index] if name.endswith(".W") else 0.0)
            velocity[name][index] = momentum * velocity[name][index] - learning_rate * pull
            w[index] += velocity[name][index]


def fine_tuned_by_hand(top, inputs, params, labels, weights, schedule, seed, rate):
    """The parameters of `top` after the whole schedule, and (loss, accuracy) of each epoch.

    `inputs` and `params` are those of DTAN and DTGN; `weights` are the three of Eq. 8, or None for the concatenation.
    """
    top = {name: np.array(w, np.float64) for name, w in top.items()}
    velocity = {name: np.zeros_like(w) for name, w in top.items()}
    epochs = []
    for epoch in range(schedule.epochs):
        order = np.random.default_rng([*seed, epoch]).permutation(len(labels))
        learning_rate = schedule.learning_rate if epoch < 2 * schedule.epochs / 3 else schedule.learning_rate / 10
        if epoch == 0:
            learning_rate /= 2
        total = [0.0, 0]
        for step, first in enumerate(range(0, len(labels), schedule.batch_size)):
            batch = order[first : first + schedule.batch_size]
            rng = np.random.Generator(np.random.Philox([*seed, epoch, step]))
            hidden = [hidden_by_hand(inputs[i][batch].tolist(), params[i], rate, rng) for i in (0, 1)]
            if weights is None:
                loss, right, grads = concatenation_by_hand(top, *hidden, labels[batch].tolist())
            else:
                loss, right, grads = joint_by_hand(top, *hidden, labels[batch].tolist(), weights)
            move_by_hand(top, velocity, grads, learning_rate, schedule.momentum, schedule.weight_decay)
            total = [total[0] + loss * len(batch), total[1] + right]
        epochs.append((total[0] / len(labels), total[1] / len(labels)))
    return top, epochs


RATE = 0.4
SIX_STEPS = Schedule(epochs=3, batch_size=3, learning_rate=0.2, momentum=0.8, weight_decay=0.05)  # of 3 and 2 samples
SEED = (5, 3)


@pytest.fixture
def branches(rng):
    """Two small networks in float64 with biases, as frozen branches over five samples; their inputs and labels."""
    options = NetworkOptions(frames=2, dropout=RATE)
    networks, inputs, frozen = [], [], []
    for seed, notation in enumerate(["I3-FC6-FC5-S3", "D7-FC5-FC4-S3"]):
        network = Network(parse(notation), options, seed, np.float64)
        network.set_params(
            {
                name: w if name in network.decayed else rng.normal(0.4, 0.4, w.shape)
                for name, w in network.params.items()
            }
        )
        x = rng.standard_normal((5, *network.input_shape))
        networks.append(network)
        inputs.append(x)
        frozen.append(FrozenBranch(network, lambda samples, x=x: x[samples], 5, 2, np))
    return networks, inputs, frozen, np.array([0, 2, 1, 1, 0])


@pytest.mark.parametrize(
    "weights",
    [(1.0, 1.0, 0.1), (0.0, 0.0, 1.0), (0.6, 1.7, 0.9), None],
    ids=["joint", "l3", "unequal", "concatenation"],
)
def test_six_steps_of_fine_tuning_by_hand(weights, branches):
    networks, inputs, frozen, labels = branches
    before = [{name: w.copy() for name, w in network.params.items()} for network in networks]
    if weights is None:
        top = ConcatenationTop(*networks, seed=2)
        top.set_params({name: w.astype(np.float64) for name, w in top.params.items()})
        objective = ConcatenationObjective(top, *frozen)
    else:
        top = JointTop(*networks)
        objective = JointObjective(top, *frozen, weights)
    flat = [x.reshape(5, -1) for x in inputs]
    expected, epochs = fine_tuned_by_hand(top.params, flat, before, labels, weights, SIX_STEPS, SEED, RATE)
    start = {name: w.copy() for name, w in top.params.items()}

    optimiser = SGD(objective.params, objective.decayed, SIX_STEPS.momentum, SIX_STEPS.weight_decay)
    log = []
    fit(objective, labels, SIX_STEPS, SEED, optimiser, epoch_done=lambda epoch, optimiser: log.append(epoch))

    assert set(top.params) == set(expected)
    for name, w in top.params.items():
        assert np.abs(w - start[name]).max() > 0.02, name
        np.testing.assert_allclose(w, expected[name], rtol=0, atol=1e-12, err_msg=name)
    np.testing.assert_allclose([(epoch.loss, epoch.accuracy) for epoch in log], epochs, rtol=0, atol=1e-12)
    assert [epoch.learning_rate for epoch in log] == pytest.approx([0.1, 0.2, 0.02])
    for network, frozen_params in zip(networks, before, strict=True):
        assert all(np.array_equal(w, frozen_params[name]) for name, w in network.params.items())


def test_a_run_fine_tunes_every_top_as_the_loops_do(toy_clips, tmp_path):
    """The same through a whole run, in float32: its loss weights, its starting points, its order of the networks."""
    rate, single = 0.5, Schedule(epochs=1, batch_size=64)
    schedule = Schedule(epochs=3, batch_size=100, learning_rate=0.05, weight_decay=0.2)
    settings = RunSettings(
        data="toy",
        folds=4,
        dtan="I16-FC6-FC5-S3",
        dtgn="D1176-FC5-FC4-S3",
        options=NetworkOptions(dropout=rate),
        integrations=("joint", "l3", "concatenation"),
        dtan_schedule=single,
        dtgn_schedule=single,
        joint_schedule=schedule,
        seed=7,
        backend="numpy",
    )
    Run(settings, toy_clips, tmp_path, SILENT).train_all()
    model = load_model(tmp_path)

    train = toy_clips.subset(np.array([i for i in range(24) if i // 3 % 4 != 0]))  # fold 0 holds out persons 0 and 4
    samples = Samples(train, settings.seed, model.trajectory_mean)
    numbers = np.arange(len(samples))
    inputs = [samples.faces(numbers).reshape(len(numbers), -1), samples.trajectories(numbers)]
    networks = [model.dtan, model.dtgn]
    params = [network.params for network in networks]
    tops = [
        {f"{name}.W": p["softmax.W"], f"{name}.b": p["softmax.b"]}
        for name, p in zip(("dtan", "dtgn"), params, strict=True)
    ]
    fresh = ConcatenationTop(*networks, seed=settings.seed).params
    for number, name, start, weights in (
        (3, "joint", tops[0] | tops[1], (1.0, 1.0, 0.1)),
        (4, "l3", tops[0] | tops[1], (0.0, 0.0, 1.0)),
        (5, "concatenation", fresh, None),
    ):
        seed, labels = (settings.seed, number), samples.labels(numbers)
        expected, _ = fine_tuned_by_hand(start, inputs, params, labels, weights, schedule, seed, rate)
        for key, w in model.tops[name].params.items():
            np.testing.assert_allclose(w, expected[key], rtol=0, atol=2e-5, err_msg=f"{name} {key}")


def test_predictions_from_known_logits():
    """Networks whose logits are their inputs: what each method computes from two known sets of logits."""
    dtan = Network(parse("I1-S3"), NetworkOptions(frames=3), dtype=np.float64)
    dtgn = Network(parse("D3-S3"), NetworkOptions(), dtype=np.float64)
    identity = {"softmax.W": np.eye(3), "softmax.b": np.zeros(3)}
    dtan.set_params(dict(identity))
    dtgn.set_params(dict(identity))
    tops = {"joint": JointTop(dtan, dtgn), "l3": JointTop(dtan, dtgn), "concatenation": ConcatenationTop(dtan, dtgn)}
    retrained = {"dtan.W": np.eye(3), "dtan.b": np.log([2.0, 1, 1]), "dtgn.W": np.eye(3), "dtgn.b": np.log([1.0, 1, 3])}
    tops["l3"].set_params(retrained)
    tops["concatenation"].set_params({"top.W": np.vstack([np.eye(3), -np.eye(3)]), "top.b": np.zeros(3)})
    model = DTAGN(("calm", "glad", "sad"), Preprocessing(), np.zeros(1176, np.float32), dtan, dtgn, tops, alpha=0.75)

    logits1, logits2 = np.log([[6.0, 3, 1]]), np.log([[1.0, 4, 5]])
    scores = model.scores(logits1.reshape(1, 1, 1, 3), logits2)
    expected = {
        "dtan": [0.6, 0.3, 0.1],
        "dtgn": [0.1, 0.4, 0.5],
        "weighted_sum": [0.475, 0.325, 0.2],  # 3/4 of the one and 1/4 of the other
        "joint": np.array([6, 12, 5]) / 23,  # softmax of the sum of the logits: the products
        "l3": np.array([12, 12, 15]) / 39,  # its own top layers, not those of the networks
        "concatenation": np.array([6, 3 / 4, 1 / 5]) / 6.95,  # logits of DTAN less logits of DTGN
    }
    assert list(scores) == list(expected)
    for method, p in expected.items():
        np.testing.assert_allclose(scores[method], [p], rtol=0, atol=1e-12, err_msg=method)
    assert [int(scores[method].argmax()) for method in ("dtan", "joint", "dtgn")] == [0, 1, 2]
