"""One training step of DTAN, fernet beside PyTorch: forward, backward, SGD with momentum and decay.

python benchmarks/train_step.py --against torch
"""

from collections.abc import Callable
from importlib.util import find_spec

import click
import numpy as np
from timing import (
    INSTALL_TORCH,
    Candidate,
    assert_agree,
    interleaved,
    machine,
    on_threads,
    print_table,
    sgemm,
    sgemm_flops,
    training_flops,
)

from fernet import fast, threads
from fernet.networks.build import Network
from fernet.networks.notation import parse
from fernet.networks.options import NetworkOptions
from fernet.training.objectives import NetworkObjective

DTAN = "I64-C(5,64)-L5-P2-C(5,64)-L3-P2-FC500-FC500-S7"
NORMALISATIONS = ("response", "contrast", "none")


def fernet_training(network: Network, x: np.ndarray, labels: np.ndarray, count: int) -> Candidate:
    """Steps on one batch, with a learning rate that leaves the weights unchanged."""
    objective = NetworkObjective(network, lambda samples: x, np)
    params = objective.params
    optimiser = fast.optimiser(params)(params, objective.decayed, momentum=0.9, weight_decay=5e-4)
    rng = np.random.default_rng(0)
    return Candidate(
        lambda: optimiser.step(objective.outcome((x,), labels, rng).grads, learning_rate=1e-6), on_threads(count)
    )


def torch_trainings(network: Network, x: np.ndarray, labels: np.ndarray, count: int) -> dict[str, Candidate]:
    """The same steps in PyTorch, in both layouts and compiled, after checking that they compute the same."""
    import torch
    from torch_networks import TorchNetwork, TorchTraining, torch_on_threads

    assert_same_mathematics(network, x, labels)
    candidates = {}
    forms = {
        "torch NCHW": (False, False),
        "torch channels last": (True, False),
        "torch compile NCHW": (False, True),
        "torch compile channels last": (True, True),
    }
    for name, (channels_last, compiled) in forms.items():
        torch_network = TorchNetwork(network, channels_last)
        training = TorchTraining(torch_network, compiled)
        tensor, target = torch_network.input(x), torch.from_numpy(labels)
        candidates[name] = Candidate(
            lambda training=training, tensor=tensor, target=target: training.step(tensor, target),
            lambda: torch_on_threads(count),
        )
    return candidates


def assert_same_mathematics(network: Network, x: np.ndarray, labels: np.ndarray) -> None:
    """Check that logits and every gradient agree, dropout off."""
    import torch
    from torch_networks import TorchNetwork, TorchTraining

    plain = network.without_dropout()
    plain.set_params({name: w.copy() for name, w in network.params.items()})
    outcome = NetworkObjective(plain, lambda samples: x, np).outcome((x,), labels, np.random.default_rng(0))
    logits = plain.forward(x)[0]
    for channels_last in (False, True):
        torch_network = TorchNetwork(plain, channels_last)
        actual = TorchTraining(torch_network).step(torch_network.input(x), torch.from_numpy(labels))
        assert_agree("logits", actual.detach().numpy(), logits)
        for name, grad in torch_network.gradients().items():
            assert_agree(f"gradients of {name}", grad, outcome.grads[name])


def step_rows(network: Network, batch: int, count: int, rounds: int, with_torch: bool) -> list[list[str]]:
    """Program, milliseconds per sample and ratio to fernet's time, for one network; the sgemm limit comes first."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((batch, *network.input_shape)).astype(np.float32)
    labels = rng.integers(0, network.notation.classes, batch)
    candidates = {"fernet": fernet_training(network, x, labels, count), "sgemm": sgemm(count)}
    if with_torch:
        candidates |= torch_trainings(network, x, labels, count)
    seconds = interleaved(candidates, rounds)
    limit = training_flops(network) / sgemm_flops(count) * batch * seconds.pop("sgemm")
    times = {"sgemm limit": limit, **seconds}
    return [[who, f"{1e3 * t / batch:.3f}", f"{t / seconds['fernet']:.2f}"] for who, t in times.items()]


def wants_torch(against: str) -> bool:
    """Whether to compare with PyTorch; prints how to install it if it is missing."""
    if against == "torch" and find_spec("torch") is None:
        print(INSTALL_TORCH)
        return False
    return against == "torch"


def comparison_options(command: Callable) -> Callable:
    """The options shared by the benchmarks of training steps."""
    for option in (
        click.option("--rounds", default=7, show_default=True, help="Turns per candidate."),
        click.option("--threads", "count", default=threads.available_cores(), show_default="all cores"),
        click.option("--batch", default=64, show_default=True, help="Samples per batch."),
        click.option("--against", type=click.Choice(["torch", "nothing"]), default="torch", show_default=True),
    ):
        command = option(command)
    return command


@click.command()
@comparison_options
def main(against: str, batch: int, count: int, rounds: int) -> None:
    """Time one training step of DTAN, fernet beside PyTorch."""
    with_torch = wants_torch(against)
    print(machine(count))
    rows = []
    for normalisation in NORMALISATIONS:
        network = Network(parse(DTAN), NetworkOptions(normalisation=normalisation))
        rows += [[normalisation, *row] for row in step_rows(network, batch, count, rounds, with_torch)]
    print_table(
        f"DTAN training step, batch {batch}", ["normalisation", "program", "ms per sample", "times fernet's time"], rows
    )


if __name__ == "__main__":
    main()
