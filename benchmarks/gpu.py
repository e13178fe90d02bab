"""Training steps and inference on a GPU: fernet beside PyTorch and beside the device's lower bounds.

python benchmarks/gpu.py --against torch --out benchmarks/results/h100.json
"""

import os
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

os.environ["CUPY_TF32"] = "1"  # for the matrix rate; read when CuPy is imported

import click
import numpy as np
from gpu_floors import Cost, inference_cost, training_cost
from gpu_timing import Rates, environment, measured_rates, median_seconds
from timing import assert_agree, print_table
from train_step import wants_torch

from fernet import backend, fast
from fernet.errors import UserError
from fernet.fast.precision import multiply_in
from fernet.files import write_json
from fernet.networks import paper
from fernet.networks.build import Network
from fernet.networks.options import NetworkOptions
from fernet.training.graph_step import GraphStep
from fernet.training.objectives import NetworkObjective
from fernet.training.recording import Recording
from fernet.training.tally import Tally

STEPS = (("DTAN", paper.dtan(7), 64), ("DTAN", paper.dtan(7), 512), ("DTGN", paper.dtgn(7), 64))
INFERENCE = (1, 1024)
_HEADER = ["what", "who", "ms", "times fernet's time", "times the floor"]


def batch_of(network: Network, size: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((size, *network.input_shape)).astype(np.float32)
    return x, rng.integers(0, network.notation.classes, size)


def on_device(network: Network, library) -> Network:
    network.set_params({name: library.asarray(w) for name, w in network.params.items()})
    return network


def fernet_step(network: Network, x: np.ndarray, labels: np.ndarray, library):
    """Training steps on one batch, with a learning rate that leaves the weights unchanged."""
    on_device(network, library)
    objective, refused = NetworkObjective(network, lambda samples: x, library), []
    optimiser = fast.optimiser(network.params)(network.params, network.decayed, momentum=0.9, weight_decay=5e-4)
    step = GraphStep(objective, optimiser, Tally(library), library, refused.append)
    inputs, labels, seed = objective.inputs(np.arange(len(x))), library.asarray(labels), [0]

    def run() -> None:
        step(inputs, labels, seed, 1e-6)
        if refused:
            raise SystemExit(refused[0])

    return run


def fernet_inference(network: Network, x: np.ndarray, library):
    """A recorded forward pass."""
    on_device(network, library)
    x = library.asarray(x)
    recording = Recording(lambda x: network.forward(x)[0], library, (x,))
    return lambda: recording.play((x,))


def assert_same_mathematics(network: Network, x: np.ndarray, labels: np.ndarray, library) -> None:
    """Check that logits and every gradient agree in exact float32, dropout off."""
    import torch
    from torch_networks import TorchTraining, on_gpu

    plain = network.without_dropout()
    torch_network = on_gpu(plain)
    logits = TorchTraining(torch_network).step(torch_network.input(x).cuda(), torch.from_numpy(labels).cuda())
    on_device(plain, library)
    objective = NetworkObjective(plain, lambda samples: x, library)
    inputs = objective.inputs(np.arange(len(x)))
    outcome = objective.outcome(inputs, library.asarray(labels), np.random.default_rng(0))
    assert_agree("logits", logits.detach().cpu().numpy(), backend.to_host(plain.forward(inputs[0])[0]))
    for name, grad in torch_network.gradients().items():
        assert_agree(f"gradients of {name}", grad, backend.to_host(outcome.grads[name]))


@contextmanager
def exact_float32():
    """TF32 off on both sides."""
    import torch

    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    with multiply_in("float32"):
        yield
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    torch.backends.cudnn.benchmark = True


def torch_runs(network: Network, x: np.ndarray, labels: np.ndarray, training: bool) -> dict:
    from torch_networks import gpu_inferences, gpu_trainings

    return gpu_trainings(network, x, labels) if training else gpu_inferences(network, x)


def rows_of(
    what: str, network: Network, size: int, training: bool, library, rates: Rates, runs: int, with_torch: bool
) -> list[list]:
    """[what, who, seconds, floor] of every candidate."""
    x, labels = batch_of(network, size)
    cost: Cost = (training_cost if training else inference_cost)(network, size)
    floor, seconds = cost.seconds(rates.flops, rates.bytes), {}
    if with_torch:
        import torch

        for who, run in torch_runs(network, x, labels, training).items():
            seconds[who] = median_seconds(run, lambda: torch.cuda.Event(enable_timing=True), runs)
        torch.cuda.empty_cache()
    with backend.own_stream(library):
        run = fernet_step(network, x, labels, library) if training else fernet_inference(network, x, library)
        own = median_seconds(run, library.cuda.Event, runs)
    what = f"{what} {'step' if training else 'inference'}, batch {size}"
    return [[what, who, t, t / own, t / floor] for who, t in {"floor": floor, "fernet": own, **seconds}.items()]


def protocol_seconds(concurrent: int) -> float:
    """The whole ten-fold protocol on synthetic:ck+ with its default epochs, clips prepared beforehand."""
    from click.testing import CliRunner

    from fernet.clips.sequence_set import Preprocessing
    from fernet.commands import cli
    from fernet.datasets.load import load

    load("synthetic:ck+", Preprocessing())
    with tempfile.TemporaryDirectory() as folder:
        arguments = ["crossval", "synthetic:ck+", "--backend", "cupy", "--concurrent", str(concurrent), "--out", folder]
        started = time.monotonic()
        print(CliRunner().invoke(cli, arguments, catch_exceptions=False).output)
        return time.monotonic() - started


@click.command()
@click.option("--against", type=click.Choice(["torch", "nothing"]), default="torch", show_default=True)
@click.option("--runs", default=200, show_default=True, help="Number of steps or passes to take the median of.")
@click.option("--protocol", type=int, metavar="K", help="Time the ten-fold protocol as well, K tasks at once.")
@click.option("--out", type=click.Path(dir_okay=False), help="Also write the results to this JSON file.")
def main(against: str, runs: int, protocol: int | None, out: str | None) -> None:
    """Print tables of training steps and inference on a GPU."""
    try:
        library = backend.choose("cupy")
    except UserError as error:
        raise SystemExit(str(error)) from None
    with_torch = wants_torch(against)
    networks = [(name, Network(notation, NetworkOptions()), size) for name, notation, size in STEPS]
    if with_torch:
        with exact_float32():
            for _, network, _ in networks[1:]:
                assert_same_mathematics(network, *batch_of(network, 64), library)
    where, rates, rows = environment(library), measured_rates(library), []
    print(*(f"{name}: {value}" for name, value in where.items()), sep="\n")
    print(f"matrix rate {rates.flops / 1e12:.0f} TFLOP/s (TF32), copy bandwidth {rates.bytes / 1e12:.2f} TB/s")
    for name, network, size in networks:
        rows += rows_of(name, network, size, True, library, rates, runs, with_torch)
    for size in INFERENCE:
        for name, notation in (("DTAN", paper.dtan(7)), ("DTGN", paper.dtgn(7))):
            network = Network(notation, NetworkOptions())
            rows += rows_of(name, network, size, False, library, rates, runs, with_torch)
    table = [[what, who, f"{1e3 * t:.4f}", f"{own:.2f}", f"{floor:.2f}"] for what, who, t, own, floor in rows]
    print_table(f"Medians of {runs}, by CUDA events, warm", _HEADER, table)
    results = {**where, "rates": vars(rates), "rows": [dict(zip(_HEADER, row, strict=True)) for row in table]}
    if protocol is not None:
        results["protocol"] = {"concurrent": protocol, "seconds": protocol_seconds(protocol)}
        print(f"ten-fold protocol on synthetic:ck+, {protocol} at once: {results['protocol']['seconds']:.1f} s")
    if out is not None:
        write_json(Path(out), results)


if __name__ == "__main__":
    main()
