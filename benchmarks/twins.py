"""Each fast twin beside the reference it stands in for, on the shapes of the paper's network.

python benchmarks/twins.py
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
import numpy as np
from fernet.primitives.correlate import correlate, correlate_dW, correlate_dx
from fernet.primitives.correlate_biased import biased_correlate, biased_gradients
from fernet.primitives.window_max import window_max, window_max_dx
from timing import Candidate, assert_agree, interleaved, machine, print_table

from fernet import threads
from fernet.fast.cpu import conv_spectral as correlate_spectral
from fernet.fast.cpu.fully_connected import matrix_product
from fernet.fast.cpu.inverse_power import inverse_power
from fernet.layers.window_sum import window_sum

Case = tuple[str, Callable[[], object]]


def cases(batch: int) -> Iterator[Case]:
    """What is timed: twin and reference are the same call, with and without FERNET_REFERENCE=1."""
    rng = np.random.default_rng(0)

    def draw(*shape: int) -> np.ndarray:
        return rng.standard_normal(shape).astype(np.float32)

    faces, W1, maps1 = draw(batch, 64, 64, 3), draw(5, 5, 3, 64), draw(batch, 60, 60, 64)
    yield "patches, conv1, y", lambda: correlate(faces, W1)
    yield "patches, conv1, dW", lambda: correlate_dW(faces, maps1)
    maps2, W2, b2, dy2 = draw(batch, 30, 30, 64), draw(5, 5, 64, 64) / 40, draw(64), draw(batch, 26, 26, 64)
    yield "patches, conv2, y", lambda: correlate(maps2, W2)
    yield "patches, conv2, dx", lambda: correlate_dx(dy2, W2)
    yield "patches, conv2, dW", lambda: correlate_dW(maps2, dy2)
    if correlate_spectral.applies(maps2.shape, W2.shape):
        yield "spectra, conv2, y", lambda: biased_correlate(maps2, W2, b2)[0]
        yield "spectra, conv2, y and gradients", lambda: biased_gradients(biased_correlate(maps2, W2, b2)[1], dy2, W2)
    D = 1 + maps1**2
    yield "window sum 5 x 5 by OpenCV", lambda: window_sum(maps1, 5, 0.1, 1.0)
    yield "inverse power 3/4 by roots", lambda: inverse_power(D, 0.75)
    half = draw(batch, 30, 30, 64)
    yield "pooling by pairs, y", lambda: window_max(maps1, 2, 2)[0]
    winners = window_max(maps1, 2, 2)[1]
    yield "pooling by pairs, dx", lambda: window_max_dx(half, winners, 2, 2, maps1.shape)
    x, W3 = draw(batch, 10816), draw(10816, 500)
    yield "matrix product by tiles, fc1", lambda: matrix_product(x, W3)


@contextmanager
def references(count: int) -> Iterator[None]:
    """The setting of training with every twin switched off."""
    os.environ["FERNET_REFERENCE"] = "1"
    try:
        with threads.worker_threads(count):
            yield
    finally:
        del os.environ["FERNET_REFERENCE"]


@click.command()
@click.option("--batch", default=32, show_default=True)
@click.option("--threads", "count", default=threads.available_cores(), show_default="all cores")
@click.option("--rounds", default=5, show_default=True)
def main(batch: int, count: int, rounds: int) -> None:
    """Each fast twin beside its reference."""
    print(machine(count))
    rows = []
    for name, run in cases(batch):
        with threads.worker_threads(count):
            fast = run()
        with references(count):
            slow = run()
        for one, other in zip(*((r if isinstance(r, tuple) else (r,)) for r in (fast, slow)), strict=True):
            assert_agree(name, one, other, 1e-5)
        seconds = interleaved(
            {
                "twin": Candidate(run, lambda: threads.worker_threads(count)),
                "reference": Candidate(run, lambda: references(count)),
            },
            rounds,
        )
        times = [f"{1e3 * seconds[who] / batch:.3f}" for who in ("reference", "twin")]
        rows.append([name, *times, f"{seconds['reference'] / seconds['twin']:.1f}"])
    print_table(f"Twins, batch {batch}", ["twin", "reference, ms a sample", "twin, ms a sample", "times faster"], rows)


if __name__ == "__main__":
    main()
