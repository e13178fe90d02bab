"""Options of a network that its notation does not express."""

import click

from fernet.networks.options import NORMALISATIONS, PADDINGS, NetworkOptions

_DEFAULT = NetworkOptions()

_NETWORK_OPTIONS = (
    click.option(
        "--frames", default=_DEFAULT.frames, show_default=True, help="T_a, number of frames that DTAN receives."
    ),
    click.option(
        "--normalisation",
        type=click.Choice(NORMALISATIONS),
        default=_DEFAULT.normalisation,
        show_default=True,
        help="Meaning of L in the notation.",
    ),
    click.option(
        "--normalisation-scale",
        default=_DEFAULT.normalisation_scale,
        show_default=True,
        help="Constant in the formula of L.",
    ),
    click.option(
        "--padding",
        type=click.Choice(PADDINGS),
        default=_DEFAULT.padding,
        show_default=True,
        help="Convolutions without padding (Eq. 1), or with zeros around the maps, which then keep their size.",
    ),
    click.option(
        "--ceil-pooling/--no-ceil-pooling",
        default=_DEFAULT.ceil_pooling,
        show_default=True,
        help="Keep pooling windows that extend beyond the border.",
    ),
    click.option("--dropout", default=_DEFAULT.dropout, show_default=True, help="Dropout rate after every FC layer."),
)


def network_options(command):  # a decorator of click callbacks
    """Add the options of a network to a command."""
    for option in reversed(_NETWORK_OPTIONS):
        command = option(command)
    return command


def chosen_network_options(values: dict) -> NetworkOptions:
    """Remove the options of `network_options` from the values of a command and return them."""
    return NetworkOptions(
        **{name: values.pop(name) for name in ("frames", "normalisation", "padding", "ceil_pooling")},
        normalisation_scale=float(values.pop("normalisation_scale")),
        dropout=float(values.pop("dropout")),
    )
