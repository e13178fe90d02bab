"""Figures 8 to 11: accuracy per emotion, and accuracy against the weight of DTAN."""

from typing import Any

import numpy as np

from fernet.experiments.results import METHODS, Results, alpha_sweep
from fernet.reporting.figures.theme import NETWORK_COLOURS, SIZE, new_figure, plain_axes


def recall_bars(results: Results, dark: bool = False) -> Any:
    """Figures 8, 9 and 10: the fraction of each emotion that each of three networks recognises."""
    figure, theme = new_figure(max(5.0, 1.0 * len(results.classes) + 0.8), 3.2, dark)
    axes = figure.subplots()
    plain_axes(axes, theme)
    places, width = np.arange(len(results.classes)), 0.27
    for offset, (method, colour) in enumerate(NETWORK_COLOURS.items()):
        heights = np.nan_to_num(100 * results.recall(method))
        x = places + (offset - 1) * width
        axes.bar(x, heights, width * 0.92, color=colour, label=METHODS[method])
        for position, height in zip(x, heights, strict=True):
            axes.text(position, height + 1, f"{height:.0f}", ha="center", fontsize=6.5, color=theme.ink)
    axes.set_xticks(places, results.classes, parse_math=False)
    axes.set(ylim=(0, 108), yticks=range(0, 101, 20))
    axes.tick_params(axis="x", length=0)
    axes.set_ylabel("recognised, per cent", fontsize=SIZE)
    axes.set_axisbelow(True)
    axes.grid(axis="y", color=theme.faint, linewidth=0.5)
    figure.legend(loc="outside upper center", ncols=3, frameon=False, fontsize=SIZE, labelcolor=theme.ink)
    return figure


def alpha_curve(results: Results, dark: bool = False) -> Any:
    """Figure 11: the weighted sum from DTGN alone (alpha 0) to DTAN alone (alpha 1)."""
    alphas, accuracies = alpha_sweep(results)
    figure, theme = new_figure(5.4, 3.2, dark)
    axes = figure.subplots()
    plain_axes(axes, theme)
    axes.set_axisbelow(True)
    axes.grid(color=theme.faint, linewidth=0.5)
    axes.plot(alphas, 100 * accuracies, color=NETWORK_COLOURS["joint"], linewidth=1.8, label="weighted sum")
    joint = 100 * results.accuracy("joint")
    axes.axhline(joint, color=theme.ink, linewidth=1, linestyle=(0, (4, 3)), label="joint fine-tuning")
    middle = 100 * accuracies[50]
    axes.plot(
        0.5, middle, "o", color=NETWORK_COLOURS["joint"], markersize=6, label=f"weighted sum at α = 0.5: {middle:.2f}"
    )
    low, high = min(100 * accuracies.min(), joint), max(100 * accuracies.max(), joint)
    room = max(0.12 * (high - low), 0.5)
    axes.set(xlim=(0, 1), ylim=(low - 2 * room, high + room))
    axes.set_xlabel("α, weight of DTAN (0: DTGN alone, 1: DTAN alone)", fontsize=SIZE)
    axes.set_ylabel("accuracy, per cent", fontsize=SIZE)
    axes.legend(frameon=False, fontsize=SIZE, labelcolor=theme.ink, loc="best")
    return figure
