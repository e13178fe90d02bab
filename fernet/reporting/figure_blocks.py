"""The paper's figures in the report of a cross-validation."""

import base64
from html import escape

from fernet.errors import UserError
from fernet.experiments.results import Results
from fernet.reporting.figures import FIGURES, draw, figure_bytes, numbers_of
from fernet.reporting.html_tables import remark

_DOTS = 110  # per inch of a figure: sharp at the width of the page, and small enough to send


def figure_blocks(results: Results) -> str:
    """The figures, each for light and dark mode, except figure 11, which the part with the slider replaces."""
    blocks = []
    for number in numbers_of(results.settings.dataset):
        form = FIGURES[number].report_form
        if form is None:
            continue
        kind = "svg+xml" if form == "svg" else form
        try:
            light, dark = (
                base64.b64encode(figure_bytes(draw(number, results, dark), form, _DOTS)).decode()
                for dark in (False, True)
            )
        except UserError as error:  # the extra is not installed; the rest of the page does not need it
            return remark(str(error))
        title = escape(FIGURES[number].title)
        blocks.append(
            f"<figure><picture>"
            f'<source media="(prefers-color-scheme: dark)" srcset="data:image/{kind};base64,{dark}">'
            f'<img alt="{title}" src="data:image/{kind};base64,{light}"></picture>'
            f"<figcaption>Figure {number}. {title}.</figcaption></figure>"
        )
    return "".join(blocks)
