"""One training step of DTGN, fernet beside PyTorch.

python benchmarks/dtgn_step.py --against torch
"""

import click
from timing import machine, print_table
from train_step import comparison_options, step_rows, wants_torch

from fernet.networks import paper
from fernet.networks.build import Network
from fernet.networks.options import NetworkOptions


@click.command()
@comparison_options
def main(against: str, batch: int, count: int, rounds: int) -> None:
    """Time one training step of DTGN, fernet beside PyTorch."""
    with_torch = wants_torch(against)
    print(machine(count))
    rows = step_rows(Network(paper.dtgn(7), NetworkOptions()), batch, count, rounds, with_torch)
    print_table(f"DTGN training step, batch {batch}", ["program", "ms per sample", "times fernet's time"], rows)


if __name__ == "__main__":
    main()
