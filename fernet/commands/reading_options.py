"""Options that say how the clips of a dataset are found and read."""

import click

from fernet.commands.dataset_options import dataset_options
from fernet.commands.options import LANDMARK_MODEL, ON_MISSING_FACE
from fernet.datasets.layouts import LAYOUTS

LANDMARKS = click.option(
    "--landmarks",
    type=click.Choice(["lbf", "dataset"]),
    help="Find landmarks by the model, or take the dataset's own (CK+, or a CSV with landmarks).  [default: lbf]",
)


def reading_options(command):  # a decorator of click callbacks
    """Add the options of a dataset, of its landmarks and of frames without a face to a command."""
    return dataset_options(LANDMARKS(ON_MISSING_FACE(LANDMARK_MODEL(command))))


def chosen_reading(values: dict) -> "Reading":  # noqa: F821 - imported inside, to keep --help quick
    """Remove the options of `reading_options`, except the landmark model, from the values of a command."""
    from fernet.datasets.reading import Reading

    options = {one.name: (values.pop(one.name), one.values[0]) for layout in LAYOUTS.values() for one in layout.options}
    given = {name: values.pop(name) for name in ("landmarks", "on_missing_face") if values.get(name) is not None}
    for name in ("landmarks", "on_missing_face"):
        values.pop(name, None)
    return Reading(
        layout=values.pop("layout"),
        rotation=values.pop("rotation"),
        options={name: value for name, (value, default) in options.items() if value != default},
        follow_links=values.pop("follow_links", False),
        **given,
    )
