"""Each fast version on the processor beside the layer or function that it replaces, on the paper's shapes.

    python benchmarks/fast_versions.py

Each example is run as one batch. A network runs its versions without `whole_batch` image by image, one image for each
thread: `--batch 1 --threads 1` times them in that form.
"""

from functools import partial

import click
from timing import Candidate, assert_agree, interleaved, machine, on_threads, print_table

from fernet import threads
from fernet.fast.examples import examples

_HEADER = ["fast version", "reference, ms", "fast, ms", "times faster"]


@click.command()
@click.option("--batch", default=32, show_default=True)
@click.option("--threads", "count", default=threads.available_cores(), show_default="all cores")
@click.option("--rounds", default=5, show_default=True)
def main(batch: int, count: int, rounds: int) -> None:
    """Time each fast version and its reference, forward and backward, after checking that they agree."""
    print(machine(count))
    rows = []
    for example in examples("cpu", paper=True, batch=batch):
        runs = {"reference": partial(example.outputs, False), "fast": partial(example.outputs, True)}
        with threads.worker_threads(count):
            for actual, expected in zip(runs["fast"](), runs["reference"](), strict=True):
                assert_agree(example.name, actual, expected, 1e-5)
        seconds = interleaved({who: Candidate(run, on_threads(count)) for who, run in runs.items()}, rounds)
        times = [f"{1e3 * seconds[who]:.2f}" for who in runs]
        rows.append([example.name, *times, f"{seconds['reference'] / seconds['fast']:.1f}"])
    print_table(f"Fast versions, forward and backward, batch {batch}", _HEADER, rows)


if __name__ == "__main__":
    main()
