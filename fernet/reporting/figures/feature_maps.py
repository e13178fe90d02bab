"""Figures 4 and 6: the responses of the filters in the first layer."""

from typing import Any

import numpy as np

from fernet.experiments.results import Results
from fernet.inputs.augmentation import network_faces
from fernet.reporting.figures.filters import COLUMNS, first_layer, strongest
from fernet.reporting.figures.saved_models import example, first_model, first_split
from fernet.reporting.figures.theme import new_figure, picture_axes, write_on


def feature_maps(network_set: str, results: Results, dark: bool = False) -> Any:
    """On the left a held-out clip, on the right its maps after the first layer, in the order of figure 3 or 5."""
    model, clips = first_model(results, network_set), first_split(results, network_set)[1]
    number = example(clips)
    x = network_faces(clips.faces[number : number + 1])
    maps = model.dtan.part(0, 2).forward(x)[0][0]  # (H, W, maps) after convolution and ReLU
    chosen = strongest(first_layer(model))
    T, rows = clips.faces.shape[1], -(-len(chosen) // COLUMNS)
    figure, theme = new_figure(1.2 * (COLUMNS + 1.5), 1.2 * rows + 0.3, dark)
    left, right = figure.subfigures(1, 2, width_ratios=(1.5, COLUMNS))
    left.set_facecolor(theme.paper)
    right.set_facecolor(theme.paper)
    for t, axes in enumerate(left.subplots(T, 1, squeeze=False).flat):
        axes.imshow(clips.faces[number, t], cmap="gray", vmin=0, vmax=255)
        picture_axes(axes, theme.faint)
        if t == 0:
            write_on(left, axes, clips.classes[clips.labels[number]], theme)
    grid = right.subplots(rows, COLUMNS, squeeze=False)
    for axes, i in zip(grid.flat, chosen, strict=False):
        axes.imshow(maps[..., i], cmap="turbo", vmin=0, vmax=max(float(np.max(maps[..., i])), 1e-6))
        picture_axes(axes, theme.faint)
    for axes in grid.flat[len(chosen) :]:
        axes.set_axis_off()
    return figure
