"""Each fast version on the processor beside the layer or function that it replaces, on the paper's shapes.

    python benchmarks/fast_versions.py

A layer runs as it does in a network: image by image where its version has no `whole_batch`, and without the gradient
of x in the first layer.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
import numpy as np
from timing import Candidate, assert_agree, interleaved, machine, print_table

from fernet import fast, threads
from fernet.fast.examples import Example, examples
from fernet.layers import Flatten, MultiframeConv
from fernet.networks.sequential import Sequential

_HEADER = ["fast version", "layer itself, ms", "fast, ms", "times faster"]


def layer_run(example: Example) -> Callable[[], list[np.ndarray]]:
    """Forward and backward pass of the layer, in whatever version applies where it is called."""
    named = [("layer", example.layer)]
    network = Sequential([*named, ("flatten", Flatten())] if len(example.shape) == 4 else named)
    rng = np.random.default_rng(5)
    x = rng.standard_normal(example.shape).astype(np.float32)
    dy = rng.standard_normal(network.forward(x)[0].shape).astype(np.float32)
    first = type(example.layer) is MultiframeConv

    def run() -> list[np.ndarray]:
        y, caches = network.forward(x, train=True)
        dx, grads = network.backward(dy, caches, input_gradient=not first)
        return [y, *([] if first else [dx]), *grads.values()]

    return run


@contextmanager
def references(count: int) -> Iterator[None]:
    """Threads as in training, and every fast version switched off."""
    with threads.worker_threads(count), fast.references():
        yield


@click.command()
@click.option("--batch", default=32, show_default=True)
@click.option("--threads", "count", default=threads.available_cores(), show_default="all cores")
@click.option("--rounds", default=5, show_default=True)
def main(batch: int, count: int, rounds: int) -> None:
    """Time each fast version and the layer itself, forward and backward, after checking that they agree."""
    print(machine(count))
    rows, seen = [], set()
    for example in examples("cpu", paper=True, batch=batch):
        if example.layer is None:
            runs = {"reference": lambda e=example: e.outputs(False), "fast": lambda e=example: e.outputs(True)}
        elif example.layer in seen:
            continue  # the version that a network takes comes first
        else:
            runs = dict.fromkeys(("reference", "fast"), layer_run(example))
            seen.add(example.layer)
        around = {"reference": lambda: references(count), "fast": lambda: threads.worker_threads(count)}
        results = {}
        for who, run in runs.items():
            with around[who]():
                results[who] = run()
        for actual, expected in zip(results["fast"], results["reference"], strict=True):
            assert_agree(example.name, actual, expected, 1e-5)
        seconds = interleaved({who: Candidate(run, around[who]) for who, run in runs.items()}, rounds)
        times = [f"{1e3 * seconds[who]:.2f}" for who in ("reference", "fast")]
        rows.append([example.name, *times, f"{seconds['reference'] / seconds['fast']:.1f}"])
    print_table(f"Fast versions, forward and backward, batch {batch}", _HEADER, rows)


if __name__ == "__main__":
    main()
