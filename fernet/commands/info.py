"""`info`: the contents of a dataset."""

import json
from pathlib import Path

import click

from fernet.commands.dataset_options import dataset_options

_COLUMNS = 8  # classes per row


@click.command()
@click.argument("data")
@dataset_options
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON, with the names of the subjects.")
def info(data: str, as_json: bool, **options: object) -> None:
    """Print what a dataset contains, and what is left out and why.

    DATA is the folder of a dataset, a CSV, a prepared .npz file, or synthetic:NAME, where NAME is demo, ck+, oulu or
    mmi.
    """
    from dataclasses import asdict

    description = _described(data, options)
    if as_json:
        click.echo(json.dumps({"clips": description.clips, **asdict(description)}, indent=2))
    else:
        _print(description)


def _described(data: str, options: dict) -> "Description":  # noqa: F821 - imported below, to keep --help quick
    from fernet.datasets.describe import describe, describe_prepared, describe_synthetic
    from fernet.datasets.find import find_clips
    from fernet.datasets.load import SYNTHETIC

    if data.startswith(SYNTHETIC):
        return describe_synthetic(data.removeprefix(SYNTHETIC))
    path = Path(data)
    if path.suffix == ".npz":
        from fernet.clips.prepared_file import read_prepared

        return describe_prepared(read_prepared(path))
    return describe(find_clips(path, **options), path if path.is_dir() else path.parent)


def _print(description: "Description") -> None:  # noqa: F821
    click.echo(printable(description.title))
    click.echo(f"{description.clips} clips of {len(description.subjects)} people, {_lengths(description.frames)}")
    if description.with_landmarks:
        click.echo(f"{description.with_landmarks} clips come with landmarks")
    if description.provenance is not None:
        click.echo(_prepared_with(description.provenance))
    table = [*description.counts.items(), ("all", description.clips)]
    for start in range(0, len(table), _COLUMNS):
        cells = [(printable(name), str(count)) for name, count in table[start : start + _COLUMNS]]
        widths = [max(map(len, cell)) for cell in cells]
        click.echo()
        for row in zip(*cells, strict=True):
            click.echo("  ".join(text.rjust(width) for text, width in zip(row, widths, strict=True)))
    for note in description.notes:
        click.echo(f"\nnote: {printable(note)}")
    if description.skipped:
        click.echo("\nleft out:")
    for one in description.skipped:
        more = ", ..." if one.count > len(one.examples) else ""
        click.echo(f"{one.count:>6}  {printable(one.reason)}\n{'':8}{printable(', '.join(one.examples))}{more}")


def _prepared_with(provenance: dict) -> str:
    source, rotation = provenance["landmark_source"] or {}, provenance["rotation"]
    name, policy = source.get("name", "unknown"), provenance["on_missing_face"] or "unknown"
    turned = "not the same for all clips, or unknown" if rotation is None else f"{rotation} degrees"
    return f"prepared with: landmark model {printable(name)}; rotation {turned}; --on-missing-face {policy}"


def _lengths(frames: tuple[int, int] | None) -> str:
    if frames is None:
        return "of unknown length"
    return f"{frames[0]} frames each" if frames[0] == frames[1] else f"{frames[0]} to {frames[1]} frames"


def printable(text: str) -> str:
    """`text` without characters that could confuse a terminal, such as line breaks in a file name."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
