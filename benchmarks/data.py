"""The cost of making a batch, beside that of the training step that uses it.

python benchmarks/data.py
"""

import click
import numpy as np
from stand_in_set import stand_in_set
from timing import Candidate, interleaved, machine, on_threads, print_table
from train_step import fernet_training

from fernet import threads
from fernet.inputs.samples import Samples, mean_trajectory
from fernet.networks import paper
from fernet.networks.build import Network
from fernet.networks.options import NetworkOptions


@click.command()
@click.option("--batch", default=64, show_default=True)
@click.option("--threads", "count", default=threads.available_cores(), show_default="all cores")
@click.option("--rounds", default=7, show_default=True)
def main(batch: int, count: int, rounds: int) -> None:
    """Compare the cost of augmented batches of faces and trajectories with the steps of DTAN and DTGN."""
    print(machine(count))
    clips = stand_in_set()
    samples = Samples(clips, 0, mean_trajectory(clips))
    chosen = np.random.default_rng(0).permutation(len(samples))[:batch]
    labels = samples.labels(chosen)
    rows = []
    for name, make, notation in (
        ("DTAN", samples.faces, paper.dtan(7)),
        ("DTGN", samples.trajectories, paper.dtgn(7)),
    ):
        step = fernet_training(Network(notation, NetworkOptions()), make(chosen), labels, count)
        seconds = interleaved({"batch": Candidate(lambda m=make: m(chosen), on_threads(count)), "step": step}, rounds)
        part = seconds["batch"] / seconds["step"]
        rows.append([name, *(f"{1e3 * seconds[key] / batch:.3f}" for key in ("batch", "step")), f"{part:.1%}"])
    print_table(f"Batches of {batch}", ["network", "batch, ms per sample", "step, ms per sample", "fraction"], rows)


if __name__ == "__main__":
    main()
