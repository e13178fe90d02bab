"""The option that says how people are divided into folds."""

import click

from fernet.evaluation.folds import FOLD_SCHEMES

FOLD_SCHEME = click.option(
    "--fold-scheme",
    type=click.Choice(FOLD_SCHEMES),
    default=FOLD_SCHEMES[0],
    show_default=True,
    help="How people are divided: every so many, in blocks, or so that every class is spread over the folds.",
)
