"""Options that say which part of a dataset is meant; their names are those of `find_clips`."""

import click

_OPTIONS = (
    click.option(
        "--layout",
        type=click.Choice(["ck+", "ck+48", "oulu", "mmi", "folder", "csv"]),
        help="Layout of the data.  [default: told by the names in it]",
    ),
    click.option(
        "--light", type=click.Choice(["VL", "NI"]), default="VL", show_default=True, help="Oulu-CASIA: camera."
    ),
    click.option(
        "--strength",
        type=click.Choice(["Strong", "Weak", "Dark"]),
        default="Strong",
        show_default=True,
        help="Oulu-CASIA: light.",
    ),
    click.option("--cropped", is_flag=True, help="Oulu-CASIA: the faces as its makers cropped them."),
    click.option(
        "--view", type=click.Choice(["frontal", "profile"]), default="frontal", show_default=True, help="MMI."
    ),
    click.option(
        "--rotation",
        type=click.Choice(["0", "90", "180", "270"]),
        callback=lambda ctx, parameter, value: value if value is None else int(value),
        help="Turn all frames clockwise by these degrees.  [default: 0; MMI: what each recording needs]",
    ),
)


def dataset_options(command):  # a decorator of click callbacks
    """Let a command choose among layouts, lights, views and rotations."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
