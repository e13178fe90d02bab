"""Figures 3 and 5: the filters of the first layer."""

from typing import Any

import numpy as np

from fernet.experiments.results import Results
from fernet.networks.dtagn import DTAGN
from fernet.reporting.figures.saved_models import first_model
from fernet.reporting.figures.theme import new_figure, picture_axes

SHOWN, COLUMNS = 18, 6  # the paper selects eighteen


def filters(network_set: str, results: Results, dark: bool = False) -> Any:
    """The strongest filters of fold 0; those of one map stand in one box, a filter for each frame."""
    W = first_layer(first_model(results, network_set))
    chosen = strongest(W)
    T, rows = W.shape[2], -(-len(chosen) // COLUMNS)
    figure, theme = new_figure(1.1 * COLUMNS * (1 if T == 1 else 1.5), (1.15 if T == 1 else 0.72) * rows, dark)
    boxes = figure.subfigures(rows, COLUMNS, squeeze=False)
    for box, number in zip(boxes.flat, chosen, strict=False):
        box.set_facecolor(theme.paper)
        if T > 1:
            box.patch.set(edgecolor=theme.ink, linewidth=1.6)
        limit = np.abs(W[..., number]).max()  # black is most negative, white most positive, grey nothing
        for t, axes in enumerate(box.subplots(1, T, squeeze=False).flat):
            axes.imshow(W[:, :, t, number], cmap="gray", vmin=-limit, vmax=limit, interpolation="nearest")
            picture_axes(axes, theme.faint)
    for box in boxes.flat[len(chosen) :]:
        box.set_facecolor(theme.paper)
    return figure


def first_layer(model: DTAGN) -> np.ndarray:
    """W (R, R, T, maps) of the first convolution."""
    return model.dtan.layers[0][1].params["W"]


def strongest(W: np.ndarray) -> np.ndarray:
    """Numbers of the maps whose filters have the largest norm, in ascending order."""
    norms = np.sqrt((W**2).sum(axis=(0, 1, 2)))
    return np.sort(np.argsort(-norms, kind="stable")[:SHOWN])
