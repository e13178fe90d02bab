"""Peak memory of training on a set of the size of CK+: both networks, and the features of joint fine-tuning.

python benchmarks/memory.py
"""

import resource
import sys

import click
import numpy as np
from stand_in_set import stand_in_set

from fernet import fast, threads
from fernet.inputs.samples import Samples, mean_trajectory
from fernet.networks import paper
from fernet.networks.build import Network
from fernet.networks.options import NetworkOptions
from fernet.training.objectives import FrozenBranch, NetworkObjective

STEPS = 3  # memory reaches its peak in the second


@click.command()
@click.option("--batch", default=64, show_default=True)
@click.option("--normalisation", default="contrast", show_default=True)
def main(batch: int, normalisation: str) -> None:
    """Print the peak resident memory of this process after each part."""
    clips = stand_in_set()
    samples = Samples(clips, 0, mean_trajectory(clips))
    options = NetworkOptions(normalisation=normalisation)
    with threads.worker_threads():
        for name, notation, inputs in (
            ("DTAN", paper.dtan(7), samples.faces),
            ("DTGN", paper.dtgn(7), samples.trajectories),
        ):
            network = Network(notation, options)
            objective = NetworkObjective(network, inputs, np)
            optimiser = fast.optimiser(objective.params)(objective.params, objective.decayed, 0.9, 5e-4)
            for step in range(STEPS):
                chosen, rng = np.arange(batch) * 7 + step, np.random.default_rng(step)
                outcome = objective.outcome(objective.inputs(chosen), samples.labels(chosen), rng)
                optimiser.step(outcome.grads, 0.01)
            print(f"{name} trained: peak {peak_megabytes():.0f} MB")
            FrozenBranch(network, inputs, 8 * batch, batch, np)
            print(f"{name} frozen:  peak {peak_megabytes():.0f} MB")


def peak_megabytes() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e3)  # bytes on macOS, kilobytes elsewhere


if __name__ == "__main__":
    main()
