"""How the cost of DTAN's training step depends on batch size, frames, image size and threads.

python benchmarks/scaling.py
"""

import click
import numpy as np
from timing import interleaved, machine, print_table
from train_step import fernet_training

from fernet import threads
from fernet.networks.build import Network
from fernet.networks.notation import parse
from fernet.networks.options import NetworkOptions

BASE = {"batch": 64, "frames": 3, "size": 64, "threads": threads.available_cores()}
VARIED = {"batch": (1, 4, 16, 32, 64, 128), "frames": (1, 3, 6, 12), "size": (32, 48, 64, 96), "threads": (1, 2)}


@click.command()
@click.option("--rounds", default=3, show_default=True)
def main(rounds: int) -> None:
    """Vary one quantity at a time, the others as in the paper, batch 64, all cores."""
    print(machine(BASE["threads"]))
    rng, rows = np.random.default_rng(0), []
    for what, values in VARIED.items():
        candidates, batches = {}, {}
        for value in values:
            case = {**BASE, what: value}
            notation = parse(f"I{case['size']}-C(5,64)-L5-P2-C(5,64)-L3-P2-FC500-FC500-S7")
            network = Network(notation, NetworkOptions(frames=case["frames"]))
            x = rng.standard_normal((case["batch"], *network.input_shape)).astype(np.float32)
            labels = rng.integers(0, 7, case["batch"])
            candidates[value], batches[value] = fernet_training(network, x, labels, case["threads"]), case["batch"]
        for value, seconds in interleaved(candidates, rounds).items():
            rows.append([what, str(value), f"{1e3 * seconds / batches[value]:.2f}"])
    print_table("DTAN training step, contrast normalisation", ["varied", "value", "ms per sample"], rows)


if __name__ == "__main__":
    main()
