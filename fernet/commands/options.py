"""Options shared by several commands."""

import click

from fernet.backend import BACKENDS, PRECISIONS
from fernet.faces.stored_frames import TURNS

BACKEND = click.option(
    "--backend",
    type=click.Choice(BACKENDS),
    default=BACKENDS[0],
    show_default=True,
    help="Where to compute; auto takes an NVIDIA GPU if CuPy finds one.",
)

PRECISION = click.option(
    "--precision",
    type=click.Choice(PRECISIONS),
    default=PRECISIONS[0],
    show_default=True,
    help="Matrix products on a GPU: TF32 on tensor cores, or full float32.  The processor always computes in float32.",
)

LANDMARK_MODEL = click.option(
    "--landmark-model",
    type=click.Path(dir_okay=False),
    help="OpenCV LBF model of 68 points.  [default: the one that `landmarks fetch` installed, else the built-in one, "
    "which was trained on procedural faces only; of a model: as in its training]",
)

NORMALISE_FIRST = click.option(
    "--normalise-first/--faces-first",
    default=False,
    show_default=True,
    help="The paper's order: interpolate whole frames over time, then find faces; or the other way round.",
)

ON_MISSING_FACE = click.option(
    "--on-missing-face",
    type=click.Choice(["error", "skip", "interpolate"]),
    help="For frames without a face: reject the clip, leave them out, or fill gaps of up to ten frames.  "
    "[default: interpolate; of a model: as in its training]",
)

ROTATION = click.option(
    "--rotation",
    type=click.Choice([str(degrees) for degrees in TURNS]),
    callback=lambda ctx, parameter, value: value if value is None else int(value),
    help="Degrees by which to rotate all frames clockwise.  [default: 0; of a model: as in its training]",
)
