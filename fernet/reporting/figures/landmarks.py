"""Figure 7: the landmarks with the largest weights in DTGN, and t-SNE of its input and second hidden layer."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from fernet.experiments.results import Results
from fernet.inputs.samples import Samples
from fernet.networks.dtagn import DTAGN
from fernet.reporting.figures.saved_models import example, first_model, first_split
from fernet.reporting.figures.theme import CLASS_COLOURS, SIZE, new_figure, picture_axes, write_on

_TOP = 10
_POINTS = 49


def landmark_figure(results: Results, dark: bool = False) -> Any:
    """(a) the ten landmarks with the largest mean absolute weight, t-SNE (b) of the input, (c) of the second layer."""
    model, (_, test) = first_model(results, "dtagn"), first_split(results)
    labels, is_test, before, after = _embeddings(results.folder, results)
    figure, theme = new_figure(10.5, 3.9, dark)
    face, *maps = figure.subplots(1, 3, width_ratios=(0.8, 1, 1))
    number = example(test)
    points, weights = test.landmarks[number, -1], landmark_weights(model)
    top = np.argsort(-weights, kind="stable")[:_TOP]
    if results.settings.peak == "middle":
        points = test.landmarks[number, test.landmarks.shape[1] // 2]
    face.imshow(_peak(test.faces[number], results.settings.peak), cmap="gray", vmin=0, vmax=255)
    face.scatter(*points.T, s=7, color="#f4f6fa", edgecolors="#1d2330", linewidths=0.4)
    face.scatter(*points[top].T, s=46, color="#e5383b", edgecolors="white", linewidths=0.8)
    side = test.preprocessing.image_size
    face.set(xlim=(-0.5, side - 0.5), ylim=(side - 0.5, -0.5))
    picture_axes(face, theme.faint)
    write_on(figure, face, "(a) ten most important landmarks", theme)
    for axes, places, title in zip(maps, (before, after), ("(b) input", "(c) second hidden layer"), strict=True):
        axes.set_facecolor(theme.paper)
        for i, name in enumerate(results.classes):
            colour = CLASS_COLOURS[i % len(CLASS_COLOURS)]
            train, held_out = places[(labels == i) & ~is_test], places[(labels == i) & is_test]
            axes.scatter(*train.T, s=2.5, color=colour, linewidths=0, alpha=0.55)
            axes.scatter(*held_out.T, s=42, marker="s", color=colour, edgecolors=theme.ink, linewidths=0.9, label=name)
        picture_axes(axes, theme.faint)
        write_on(figure, axes, title, theme)
    handles, names = maps[0].get_legend_handles_labels()
    legend = figure.legend(
        handles, names, loc="outside lower center", ncols=len(names), frameon=False, fontsize=SIZE, labelcolor=theme.ink
    )
    for text in legend.get_texts():
        text.set_parse_math(False)
    return figure


def landmark_weights(model: DTAGN) -> np.ndarray:
    """Mean absolute weight in the first layer for each landmark (49,), over its x and y in all frames."""
    W = np.abs(model.dtgn.layers[0][1].params["W"])  # (98 T_g, nodes), x1 y1 .. x49 y49 frame by frame
    return W.reshape(-1, _POINTS, 2, W.shape[1]).mean(axis=(0, 2, 3))


@lru_cache(maxsize=1)  # light and dark mode show the same points
def _embeddings(folder: Path, results: Results) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Labels (M,), whether each is held out (M,), and places (M, 2) for the input and for the second hidden layer.

    As in the paper: all fourteen variants of the training clips of one fold, and its held-out clips unchanged.
    """
    model, (train, test) = first_model(results, "dtagn"), first_split(results)
    inputs, labels = [], []
    for clips, variants in ((train, 14), (test, 1)):
        samples = Samples(clips, results.settings.run.seed, model.trajectory_mean, variants)
        numbers = np.arange(len(samples))
        inputs.append(samples.trajectories(numbers))
        labels.append(samples.labels(numbers))
    x = np.concatenate(inputs)
    hidden = model.dtgn.part(0, len(model.dtgn.layers) - 1).forward(x)[0]
    is_test = np.arange(len(x)) >= len(inputs[0])
    return np.concatenate(labels), is_test, _t_sne(x), _t_sne(hidden)


def _t_sne(x: np.ndarray) -> np.ndarray:
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # several threads would add in a different order each time
        if min(x.shape) > 50:
            x = PCA(50, random_state=0).fit_transform(x)  # the rest is noise to t-SNE and would cost time
        return TSNE(init="pca", random_state=0, perplexity=min(30, (len(x) - 1) / 3)).fit_transform(x)


def _peak(faces: np.ndarray, peak: str) -> np.ndarray:
    return faces[-1] if peak == "end" else faces[len(faces) // 2]
