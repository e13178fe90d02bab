"""The paper's figures from a finished cross-validation, by number; they need the extra `plots`."""

import io
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fernet.errors import UserError
from fernet.experiments.paper_datasets import DATASETS
from fernet.files import whole_file

if TYPE_CHECKING:  # --help reads the table of figures, and importing what draws them would slow it down
    from fernet.experiments.results import Results

Figure = Any  # matplotlib.figure.Figure, imported only when a figure is drawn


@dataclass(frozen=True)
class Kind:
    """What a figure shows, and the module of this package and the function that draw it."""

    title: str
    module: str
    function: str
    arguments: tuple = ()
    report_form: str | None = "png"  # "png" or "svg"; None if the report shows its own version instead


_RECALL = Kind("Accuracy per emotion of DTAN, DTGN and their joint fine-tuning", "accuracy", "recall_bars", (), "svg")
FIGURES = {
    "3": Kind("Filters of the first layer, single-frame CNN", "filters", "filters", ("single-frame",)),
    "4": Kind("Feature maps of the filters of figure 3", "feature_maps", "feature_maps", ("single-frame",)),
    "5": Kind("Filters of the first layer of DTAN, one for each frame", "filters", "filters", ("dtagn",)),
    "6": Kind("Feature maps of the filters of figure 5", "feature_maps", "feature_maps", ("dtagn",)),
    "7": Kind("What DTGN looks at: important landmarks, and t-SNE before and after", "landmarks", "landmark_figure"),
    **{str(dataset.recall_figure): _RECALL for dataset in DATASETS.values()},
    "11": Kind("Accuracy of the weighted sum against alpha", "accuracy", "alpha_curve", (), None),
    "12": Kind("Failure cases of one class", "failures", "failures"),
}


def numbers_of(dataset: str | None) -> list[str]:
    """The figures for results on one database, a key of DATASETS; other data get the figures of CK+."""
    own = DATASETS[dataset or "ck+"]
    others = {str(one.recall_figure) for one in DATASETS.values() if one is not own}
    return [number for number in FIGURES if number not in others]


def draw(number: str, results: "Results", dark: bool = False, **options: Any) -> Figure:
    """Draw figure `number` of the paper from these results. `options`: label=... for figure 12."""
    try:
        _import_matplotlib()
        import sklearn  # noqa: F401
    except ImportError as error:
        raise UserError(f"figures need {error.name}: pip install -e '.[plots]' in fernet's folder") from None
    kind = FIGURES[number]
    function: Callable[..., Figure] = getattr(import_module(f"{__name__}.{kind.module}"), kind.function)
    return partial(function, *kind.arguments)(results=results, dark=dark, **options)


def _import_matplotlib() -> None:
    """Import matplotlib even if MPLBACKEND names a backend that is not installed, as in the shell of a notebook.

    Writing files needs none, but an import with an unknown one fails.
    """
    if sys.modules.get("matplotlib"):
        return
    backend = os.environ.pop("MPLBACKEND", None)
    try:
        import matplotlib
    finally:
        if backend is not None:
            os.environ["MPLBACKEND"] = backend
    if backend:
        with suppress(ValueError):
            matplotlib.rcParams["backend"] = backend  # as the import would have done


def figure_bytes(figure: Figure, form: str, dots_per_inch: int = 160) -> bytes:
    """The figure as png, svg or pdf; the same figure gives the same bytes."""
    from matplotlib import rc_context

    stream = io.BytesIO()
    metadata = {"png": {"Software": None}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}[form]
    with rc_context({"svg.hashsalt": "fernet"}):
        figure.savefig(stream, format=form, dpi=dots_per_inch, facecolor=figure.get_facecolor(), metadata=metadata)
    return stream.getvalue()


def save_figure(figure: Figure, path: Path) -> None:
    """Write a PNG, SVG or PDF, depending on the name."""
    form = path.suffix.lower().removeprefix(".")
    if form not in ("png", "svg", "pdf"):
        raise UserError(f"{path}: expected a name that ends in .png, .svg or .pdf")
    with whole_file(path) as stream:
        stream.write(figure_bytes(figure, form))
