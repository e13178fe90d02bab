"""Classifying one clip with both networks, fernet beside PyTorch.

python benchmarks/inference.py --against torch
"""

import click
import numpy as np
from timing import Candidate, assert_agree, interleaved, machine, on_threads, print_table
from train_step import comparison_options, wants_torch

from fernet.clips.sequence_set import Preprocessing
from fernet.networks import paper
from fernet.networks.build import Network
from fernet.networks.dtagn import DTAGN
from fernet.networks.options import NetworkOptions


def torch_inferences(networks: list[Network], inputs: list[np.ndarray], count: int) -> dict[str, Candidate]:
    """Compute the logits of both networks in PyTorch, in both layouts, after checking that they agree with fernet's."""
    import torch
    from torch_networks import TorchNetwork, torch_on_threads

    candidates = {}
    for name, channels_last in (("torch NCHW", False), ("torch channels last", True)):
        pairs = [TorchNetwork(network, channels_last).eval() for network in networks]
        tensors = [network.input(x) for network, x in zip(pairs, inputs, strict=True)]

        @torch.inference_mode()
        def run(pairs: list = pairs, tensors: list = tensors) -> list:
            return [torch.softmax(network(x), 1) for network, x in zip(pairs, tensors, strict=True)]

        for p, network, x in zip(run(), networks, inputs, strict=True):
            logits = network.forward(x)[0]
            exponentials = np.exp(logits - logits.max())
            assert_agree("probabilities", p.numpy(), exponentials / exponentials.sum(axis=1, keepdims=True))
        candidates[name] = Candidate(run, lambda: torch_on_threads(count))
    return candidates


@click.command()
@comparison_options
def main(against: str, batch: int, count: int, rounds: int) -> None:
    """Time one clip, and a batch of --batch clips, through DTAN and DTGN."""
    with_torch = wants_torch(against)
    print(machine(count))
    rng = np.random.default_rng(0)
    networks = [Network(notation, NetworkOptions()) for notation in (paper.dtan(7), paper.dtgn(7))]
    model = DTAGN(tuple("abcdefg"), Preprocessing(), np.zeros(networks[1].input_shape, np.float32), *networks)
    for size in (1, batch):
        inputs = [rng.standard_normal((size, *n.input_shape)).astype(np.float32) for n in networks]
        candidates = {"fernet": Candidate(lambda inputs=inputs: model.scores(*inputs), on_threads(count))}
        if with_torch:
            candidates |= torch_inferences(networks, inputs, count)
        seconds = interleaved(candidates, rounds * 5)
        rows = [[who, f"{1e3 * t / size:.3f}", f"{t / seconds['fernet']:.2f}"] for who, t in seconds.items()]
        print_table(f"DTAN and DTGN, batch {size}", ["program", "ms per clip", "times fernet's time"], rows)


if __name__ == "__main__":
    main()
