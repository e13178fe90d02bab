"""Options that several commands share."""

import click

from fernet.networks.build import NORMALISATIONS, PADDINGS, NetworkOptions

_DEFAULT = NetworkOptions()

BACKEND = click.option(
    "--backend",
    type=click.Choice(["auto", "numpy", "cupy"]),
    default="auto",
    show_default=True,
    help="Where to compute; auto takes an NVIDIA GPU if CuPy finds one.",
)

LANDMARK_MODEL = click.option(
    "--landmark-model",
    type=click.Path(dir_okay=False),
    help="OpenCV LBF model of 68 points; the built-in one was trained on procedural faces only.",
)

NORMALISE_FIRST = click.option(
    "--normalise-first",
    is_flag=True,
    help="The paper's order: interpolate whole frames in time, then find faces.  [default: faces first]",
)

ON_MISSING_FACE = click.option(
    "--on-missing-face",
    type=click.Choice(["error", "skip", "interpolate"]),
    default="interpolate",
    show_default=True,
    help="Frames without a face: refuse the clip, leave them out, or fill gaps of up to ten frames.",
)

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


def network_options(command):
    """The options that a notation cannot say."""
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


def print_note(text: str) -> None:
    """Something to know that is no fault."""
    click.echo(f"note: {text}", err=True)
