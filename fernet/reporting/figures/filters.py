"""Figures 3 and 5: the filters in the first layer."""

from typing import Any

import numpy as np

from fernet.experiments.results import Results
from fernet.networks.dtagn import DTAGN
from fernet.reporting.figures.saved_models import first_model
from fernet.reporting.figures.theme import new_figure, picture_axes

SHOWN, COLUMNS = 18, 6  # the paper shows eighteen


def filters(network_set: str, results: Results, dark: bool = False) -> Any:
    """The strongest filters of fold 0; each box shows those of one map, one filter for each frame."""
    W = first_layer(first_model(results, network_set))
    chosen, T = strongest(W), W.shape[2]
    rows = -(-len(chosen) // COLUMNS)
    figure, theme = new_figure(COLUMNS * (1.1 if T == 1 else 1.6), rows * (1.1 if T == 1 else 0.2 + 1.4 / T), dark)
    grid = figure.subplots(rows, COLUMNS, squeeze=False)
    for axes, number in zip(grid.flat, chosen, strict=False):
        # Black is the most negative weight, white the most positive, grey is zero.
        limit = np.abs(W[..., number]).max()
        axes.imshow(side_by_side(W[..., number]), cmap="gray", vmin=-limit, vmax=limit, interpolation="nearest")
        axes.set_facecolor(theme.paper)
        picture_axes(axes, theme.faint if T == 1 else theme.ink, 0.8 if T == 1 else 1.6)
    for axes in grid.flat[len(chosen) :]:
        axes.set_axis_off()
    return figure


def side_by_side(W: np.ndarray) -> np.ndarray:
    """The filters (R, R, T) of one map as one picture, separated by nan, which is not drawn."""
    if W.shape[2] == 1:
        return W[..., 0]
    framed = np.pad(W, ((1, 1), (1, 0), (0, 0)), constant_values=np.nan)
    return np.pad(np.concatenate(list(framed.transpose(2, 0, 1)), axis=1), ((0, 0), (0, 1)), constant_values=np.nan)


def first_layer(model: DTAGN) -> np.ndarray:
    """W (R, R, T, maps) of the first convolution."""
    return model.dtan.layers[0][1].params["W"]


def strongest(W: np.ndarray) -> np.ndarray:
    """Indices of the maps whose filters have the largest norms, in ascending order."""
    norms = np.sqrt((W**2).sum(axis=(0, 1, 2)))
    return np.sort(np.argsort(-norms, kind="stable")[:SHOWN])
