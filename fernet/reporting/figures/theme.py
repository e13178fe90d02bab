"""A common style for all figures, light or dark."""

from dataclasses import dataclass
from typing import Any

NETWORK_COLOURS = {"dtan": "#4c8fd6", "dtgn": "#e39a3b", "joint": "#3fa873"}
# One for each class, distinguishable with red-green colour blindness (after Okabe and Ito).
CLASS_COLOURS = ("#d55e00", "#9467bd", "#009e73", "#3a3f8f", "#e6b800", "#2f9fe0", "#cc5f9c", "#7f7f7f")
SIZE = 9  # points


@dataclass(frozen=True)
class Theme:
    """Colours of the background, of text, and of less important parts."""

    paper: str
    ink: str
    faint: str


LIGHT, DARK = Theme("#ffffff", "#1d2330", "#c9ced6"), Theme("#171a21", "#e6e9ef", "#434a57")


def new_figure(width: float, height: float, dark: bool) -> tuple[Any, Theme]:
    """An empty figure, size in inches; without pyplot, which would keep every figure in memory."""
    from matplotlib.figure import Figure

    theme = DARK if dark else LIGHT
    return Figure((width, height), facecolor=theme.paper, layout="constrained"), theme


def plain_axes(axes: Any, theme: Theme) -> None:
    """Give `axes` thin lines on the left and below, in the colours of the theme."""
    axes.set_facecolor(theme.paper)
    axes.tick_params(colors=theme.ink, labelsize=SIZE, length=3)
    for side, line in axes.spines.items():
        line.set_visible(side in ("left", "bottom"))
        line.set_color(theme.faint)
    for text in (axes.xaxis.label, axes.yaxis.label, axes.title):
        text.set_color(theme.ink)


def picture_axes(axes: Any, colour: str, width: float = 0.8) -> None:
    """Prepare `axes` for a picture: no ticks, and a frame of the given colour."""
    axes.set(xticks=[], yticks=[])
    for line in axes.spines.values():
        line.set_color(colour)
        line.set_linewidth(width)


def write_on(figure: Any, axes: Any, text: str, theme: Theme, **options: Any) -> None:
    """Set a title that is shown verbatim: names of clips and classes must not be taken for formulas."""
    axes.set_title(text, color=theme.ink, fontsize=SIZE, parse_math=False, **options)
