"""Options of a network that its notation does not give."""

import click

from fernet.networks.build import NORMALISATIONS, PADDINGS, NetworkOptions

_DEFAULT = NetworkOptions()

_NETWORK_OPTIONS = (
    click.option("--frames", default=_DEFAULT.frames, show_default=True, help="T_a, frames that DTAN sees."),
    click.option(
        "--normalisation",
        type=click.Choice(NORMALISATIONS),
        default=_DEFAULT.normalisation,
        show_default=True,
        help="What L means.",
    ),
    click.option(
        "--normalisation-scale", default=_DEFAULT.normalisation_scale, show_default=True, help="The constant of L."
    ),
    click.option("--padding", type=click.Choice(PADDINGS), default=_DEFAULT.padding, show_default=True),
    click.option("--ceil-pooling", is_flag=True, help="Keep pooling windows that reach beyond the border."),
    click.option("--dropout", default=_DEFAULT.dropout, show_default=True, help="Dropout rate after every FC."),
)


def network_options(command):  # a decorator of click callbacks
    """Let a command take the options of a network."""
    for option in reversed(_NETWORK_OPTIONS):
        command = option(command)
    return command


def chosen_network_options(values: dict) -> NetworkOptions:
    """Take the options of `network_options` out of the values of a command."""
    return NetworkOptions(
        **{name: values.pop(name) for name in ("frames", "normalisation", "padding", "ceil_pooling")},
        normalisation_scale=float(values.pop("normalisation_scale")),
        dropout=float(values.pop("dropout")),
    )
