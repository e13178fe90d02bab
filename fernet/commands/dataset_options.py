"""Options that select the layout and part of a dataset, named as in `find_clips`."""

import click

from fernet.datasets.layouts import LAYOUTS
from fernet.datasets.layouts.layout import LayoutOption
from fernet.faces.stored_frames import TURNS


def _click_option(option: LayoutOption) -> object:
    if option.values == (False, True):
        return click.option(f"--{option.name}/--no-{option.name}", default=False, show_default=True, help=option.help)
    choice, default = click.Choice(option.values), option.values[0]
    return click.option(f"--{option.name}", type=choice, default=default, show_default=True, help=option.help)


_OPTIONS = (
    click.option(
        "--layout",
        type=click.Choice(list(LAYOUTS)),
        help="Layout of the data.  [default: recognised from the names in it]",
    ),
    click.option(
        "--follow-links/--no-follow-links",
        default=False,
        show_default=True,
        help="Follow links in the dataset, even out of its folder.",
    ),
    *(_click_option(option) for layout in LAYOUTS.values() for option in layout.options),
    click.option(
        "--rotation",
        type=click.Choice([str(degrees) for degrees in TURNS]),
        callback=lambda ctx, parameter, value: value if value is None else int(value),
        help="Degrees by which to rotate all frames clockwise.  [default: 0; MMI: what each recording needs]",
    ),
)


def dataset_options(command):  # a decorator of click callbacks
    """Add the options for layouts, parts of datasets, and rotation to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
