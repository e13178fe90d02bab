"""The paper's figures from a finished cross-validation, each by its number; they need the extra plots."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from fernet.errors import UserError
from fernet.experiments.results import Results
from fernet.files import whole_file

Figure = Any  # matplotlib.figure.Figure, which is imported only where one is drawn


@dataclass(frozen=True)
class Kind:
    """What a figure shows, and the module and function that draw it."""

    title: str
    module: str
    function: str
    arguments: tuple = ()


_RECALL = Kind("Accuracy per emotion of DTAN, DTGN and their joint fine-tuning", "accuracy", "recall_bars")
FIGURES = {
    "3": Kind("Filters of the first layer, single-frame CNN", "filters", "filters", ("single-frame",)),
    "4": Kind("Feature maps of the filters of figure 3", "feature_maps", "feature_maps", ("single-frame",)),
    "5": Kind("Filters of the first layer of DTAN, one for each frame", "filters", "filters", ("dtagn",)),
    "6": Kind("Feature maps of the filters of figure 5", "feature_maps", "feature_maps", ("dtagn",)),
    "7": Kind("What DTGN looks at: important landmarks, and t-SNE before and after", "landmarks", "landmark_figure"),
    "8": _RECALL,
    "9": _RECALL,
    "10": _RECALL,
    "11": Kind("Accuracy of the weighted sum against alpha", "accuracy", "alpha_curve"),
    "12": Kind("Failure cases of one class", "failures", "failures"),
}


def draw(number: str, results: Results, dark: bool = False, **options: Any) -> Figure:
    """Figure `number` of the paper from these results. `options`: label=... for figure 12."""
    try:
        import matplotlib  # noqa: F401
        import sklearn  # noqa: F401
    except ImportError as error:
        raise UserError(f"figures need {error.name}: pip install 'fernet[plots]'") from None
    kind = FIGURES[number]
    function: Callable[..., Figure] = getattr(import_module(f"{__name__}.{kind.module}"), kind.function)
    return partial(function, *kind.arguments)(results=results, dark=dark, **options)


def figure_bytes(figure: Figure, form: str, dots_per_inch: int = 160) -> bytes:
    """The figure as png, svg or pdf; the same figure gives the same bytes."""
    from matplotlib import rc_context

    stream = io.BytesIO()
    metadata = {"png": {"Software": None}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}[form]
    with rc_context({"svg.hashsalt": "fernet"}):
        figure.savefig(stream, format=form, dpi=dots_per_inch, facecolor=figure.get_facecolor(), metadata=metadata)
    return stream.getvalue()


def save_figure(figure: Figure, path: Path) -> None:
    """Write a PNG, SVG or PDF, as the name says."""
    form = path.suffix.lower().removeprefix(".")
    if form not in ("png", "svg", "pdf"):
        raise UserError(f"{path}: expected a name that ends in .png, .svg or .pdf")
    with whole_file(path) as stream:
        stream.write(figure_bytes(figure, form))
