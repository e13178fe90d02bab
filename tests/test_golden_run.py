"""Ten seeded steps of DTAN with recorded losses: any change that alters training is noticed, wherever it is made."""

from contextlib import nullcontext

import numpy as np
import pytest

from fernet import fast
from fernet.fast.cpu import conv_spectral
from fernet.networks.build import Network
from fernet.networks.notation import parse
from fernet.networks.options import NetworkOptions
from fernet.training.objectives import NetworkObjective
from fernet.training.random_numbers import step_generator

NOTATION = "I32-C(5,32)-L5-P2-C(5,32)-L3-P2-FC30-FC20-S4"  # large enough for every fast version on the processor
LOSSES = {  # of the references in float64
    "contrast": [
        2.45437311,
        1.83658887,
        1.4907007,
        1.45733113,
        1.37902149,
        1.40020409,
        1.40587958,
        1.35985813,
        1.36735868,
        1.29688837,
    ],
    "response": [
        1.69693427,
        1.64306581,
        1.52552836,
        1.47948012,
        1.32139043,
        1.42185065,
        1.31498874,
        1.35763125,
        1.37654667,
        1.38455055,
    ],
}


def losses_of(normalisation, steps):
    network = Network(parse(NOTATION), NetworkOptions(normalisation=normalisation, normalisation_scale=2.0), seed=3)
    # Larger weights than at the start of training: the losses then change more from step to step, and so tell more.
    network.set_params({name: 2 * w for name, w in network.params.items()})
    rng = np.random.default_rng(4)
    labels = rng.integers(0, 4, 32)
    x = (rng.standard_normal((32, 32, 32, 3)) + labels[:, None, None, None] / 3).astype(np.float32)
    objective = NetworkObjective(network, lambda samples: x, np)
    kind = fast.optimiser(objective.params)
    optimiser = kind(objective.params, objective.decayed, momentum=0.9, weight_decay=0.01)
    losses = []
    for step in range(steps):
        outcome = objective.outcome((x,), labels, step_generator([5, step]))
        optimiser.step(outcome.grads, learning_rate=0.01)
        losses.append(float(outcome.loss))
    return losses


@pytest.mark.parametrize("normalisation", LOSSES)
@pytest.mark.parametrize(("runs", "steps"), [(nullcontext, 10), (fast.references, 2)], ids=["fast", "references"])
def test_golden_run(normalisation, runs, steps):
    assert conv_spectral.worthwhile((32, 14, 14, 32), (5, 5, 32, 32))
    with runs():
        np.testing.assert_allclose(losses_of(normalisation, steps), LOSSES[normalisation][:steps], rtol=1e-5)
