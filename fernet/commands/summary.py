"""`summary`: the layers of a network and what they cost."""

import click

from fernet.commands.network_options import chosen_network_options, network_options


@click.command()
@click.argument("notation")
@network_options
def summary(notation: str, **values: object) -> None:
    """Print the layers, shapes, parameters and costs of a network.

    NOTATION is that of the paper, e.g. I64-C(5,64)-L5-P2-FC500-S7. Multiply-adds and activation memory (float32 outputs
    of all layers) are for the forward pass of one sample.
    """
    from fernet.networks.build import Network
    from fernet.networks.notation import parse
    from fernet.networks.summary import summarise

    network = Network(parse(notation), chosen_network_options(values))
    rows = summarise(network)
    click.echo(f"{network.notation}\n")
    click.echo(f"{'layer':<12}{'kind':<16}{'output':<16}{'parameters':>12}{'multiply-adds':>16}{'memory':>12}")
    click.echo(f"{'input':<12}{'':<16}{_shape(network.input_shape):<16}")
    for row in rows:
        click.echo(
            f"{row.name:<12}{row.kind:<16}{_shape(row.output_shape):<16}"
            f"{row.parameters:>12,}{row.multiply_adds:>16,}{row.activation_bytes / 1024:>9,.1f} kB"
        )
    parameters, multiply_adds = sum(row.parameters for row in rows), sum(row.multiply_adds for row in rows)
    memory = sum(row.activation_bytes for row in rows) / 1024
    click.echo(f"{'total':<44}{parameters:>12,}{multiply_adds:>16,}{memory:>9,.1f} kB")


def _shape(shape: tuple[int, ...]) -> str:
    return " x ".join(str(length) for length in shape)
