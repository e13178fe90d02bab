"""Figure 12: the clips of one class that are misclassified."""

from typing import Any

import numpy as np

from fernet.clips.prepared_file import load_prepared
from fernet.errors import UserError
from fernet.experiments.results import Results, failure_cases
from fernet.experiments.tasks import CLIPS
from fernet.reporting.figures.theme import CLASS_COLOURS, SIZE, new_figure, picture_axes, write_on

_COLUMNS, _MOST = 4, 40


def failures(results: Results, dark: bool = False, label: str | None = None) -> Any:
    """Frames of all failures of joint fine-tuning on class `label`, by default the class recognised worst."""
    if label is not None and label not in results.classes:
        raise UserError(f"no class is called {label!r}: expected one of {', '.join(results.classes)}")
    if label is None:
        label = results.classes[int(np.nanargmin(results.recall("joint")))]
    clips = load_prepared(results.folder / CLIPS)
    cases = [case for case in failure_cases(results) if case.label == label]
    shown = cases[:_MOST]
    T, rows = clips.faces.shape[1], max(1, -(-len(shown) // _COLUMNS))
    figure, theme = new_figure(0.62 * T * _COLUMNS + 1.2, 0.9 * rows + 0.6, dark)
    total = int((results.predictions[0].labels == results.classes.index(label)).sum())
    more = f", {_MOST} of them shown" if len(cases) > _MOST else ""
    figure.suptitle(
        f"{label}: {len(cases)} of {total} clips taken for something else{more}",
        color=theme.ink,
        fontsize=SIZE + 1,
        parse_math=False,
    )
    boxes = figure.subfigures(rows, _COLUMNS, squeeze=False)
    for box in boxes.flat:
        box.set_facecolor(theme.paper)
    for box, case in zip(boxes.flat, shown, strict=False):
        colour = CLASS_COLOURS[results.classes.index(case.prediction) % len(CLASS_COLOURS)]
        for t, axes in enumerate(box.subplots(1, T, squeeze=False).flat):
            axes.imshow(clips.faces[clips.names.index(case.name), t], cmap="gray", vmin=0, vmax=255)
            picture_axes(axes, colour, 2.2)
            if t == T // 2:
                write_on(box, axes, f"{case.prediction}, {case.probability:.0%}", theme, pad=4)
    return figure
