"""One epoch of joint fine-tuning (the two top layers), fernet beside PyTorch.

    python benchmarks/joint_epoch.py --against torch

fernet runs the frozen layers below the first dropout once, before the first epoch; that pass is timed separately.
PyTorch runs the frozen networks for every batch, as a straightforward program does.
"""

import time

import click
import numpy as np
from timing import Candidate, interleaved, machine, on_threads, print_table
from train_step import comparison_options, wants_torch

from fernet import fast, threads
from fernet.networks import paper
from fernet.networks.build import Network
from fernet.networks.dtagn import JointTop
from fernet.networks.options import NetworkOptions
from fernet.training.fit import fit
from fernet.training.objectives import FrozenBranch, JointObjective
from fernet.training.settings import Schedule

SAMPLES = 640


def torch_epoch(networks: list[Network], inputs: list[np.ndarray], labels: np.ndarray, batch: int, count: int):
    """The epoch in eager PyTorch, channels last: frozen parts without gradients, dropout on, top layers trained."""
    import torch
    from torch.nn.functional import cross_entropy
    from torch_networks import TorchNetwork, torch_on_threads

    pair = [TorchNetwork(network, channels_last=True) for network in networks]
    tensors = [network.input(x) for network, x in zip(pair, inputs, strict=True)]
    target = torch.from_numpy(labels)
    tops = [network.chain[-1] for network in pair]
    optimiser = torch.optim.SGD([w for top in tops for w in top.parameters()], lr=1e-6, momentum=0.9)

    def epoch() -> None:
        for first in range(0, len(labels), batch):
            part = slice(first, first + batch)
            with torch.no_grad():
                hidden = [network.chain[:-1](x[part]) for network, x in zip(pair, tensors, strict=True)]
            l1, l2 = (top(h) for top, h in zip(tops, hidden, strict=True))
            y = target[part]
            optimiser.zero_grad()
            (cross_entropy(l1, y) + cross_entropy(l2, y) + 0.1 * cross_entropy(l1 + l2, y)).backward()
            optimiser.step()

    return Candidate(epoch, lambda: torch_on_threads(count))


@click.command()
@comparison_options
def main(against: str, batch: int, count: int, rounds: int) -> None:
    """Time one epoch of joint fine-tuning over 640 samples."""
    with_torch = wants_torch(against)
    print(machine(count))
    rng = np.random.default_rng(0)
    networks = [Network(notation, NetworkOptions()) for notation in (paper.dtan(7), paper.dtgn(7))]
    inputs = [rng.standard_normal((SAMPLES, *n.input_shape)).astype(np.float32) for n in networks]
    labels = rng.integers(0, 7, SAMPLES)
    with threads.worker_threads(count):
        started = time.perf_counter()
        branches = [
            FrozenBranch(network, lambda samples, x=x: x[samples], SAMPLES, batch, np)
            for network, x in zip(networks, inputs, strict=True)
        ]
        frozen = time.perf_counter() - started
    objective = JointObjective(JointTop(*networks), *branches, (1.0, 1.0, 0.1))
    optimiser = fast.optimiser(objective.params)(objective.params, objective.decayed, 0.9, 5e-4)
    schedule = Schedule(epochs=1, learning_rate=1e-6, batch_size=batch)
    candidates = {"fernet": Candidate(lambda: fit(objective, labels, schedule, (0,), optimiser), on_threads(count))}
    if with_torch:
        candidates["torch channels last"] = torch_epoch(networks, inputs, labels, batch, count)
    seconds = interleaved(candidates, rounds)
    rows = [["fernet, frozen part, once", f"{1e3 * frozen / SAMPLES:.3f}", f"{frozen / seconds['fernet']:.2f}"]]
    rows += [[who, f"{1e3 * t / SAMPLES:.3f}", f"{t / seconds['fernet']:.2f}"] for who, t in seconds.items()]
    print_table(f"Joint fine-tuning epoch, batch {batch}", ["program", "ms per sample", "times fernet's time"], rows)


if __name__ == "__main__":
    main()
