"""Height of the skin above the smooth surface of the face: permanent features, and the folds of action units."""

from functools import cache

import numpy as np

from fernet.synthetic.action_units import UNIT_INDEX, UNIT_NAMES
from fernet.synthetic.appearance import Appearance
from fernet.synthetic.atlas import SHAPE, TEXELS, blob, both_sides, mean_place, to_texels
from fernet.synthetic.creases import CREASES, Crease
from fernet.synthetic.drawing import smooth_curve, soften, stroke
from fernet.synthetic.face_shape import ANCHOR

# Action units whose creases show on an old face at rest, and how strongly.
_AT_REST = {"AU1": 0.35, "AU2": 0.35, "AU4": 0.12, "AU6": 0.3, "AU7": 0.35, "AU11": 0.5, "AU12": 0.12, "AU15": 0.08}


@cache
def resting_relief() -> np.ndarray:
    """(H, W) float32, in outer eye distances: nose, sockets, lids, lips and chin of every face."""
    height = (
        -0.085 * both_sides(0.36, -0.08, 0.13, 0.075)  # sockets
        - 0.05 * both_sides(0.15, -0.02, 0.06, 0.09)  # beside the root of the nose
        + 0.045 * both_sides(0.355, 0.0, 0.085, 0.055)  # eyeballs under the lids
        - 0.016 * both_sides(0.34, 0.11, 0.12, 0.025)  # below the lower lids
        + 0.035 * both_sides(0.40, -0.24, 0.15, 0.05)  # ridge of the brows
        + 0.05 * blob(0.0, 0.47, 0.075, 0.07)  # tip of the nose
        + 0.055 * both_sides(0.135, 0.49, 0.042, 0.05)  # wings of the nose
        - 0.03 * both_sides(0.205, 0.52, 0.03, 0.06)  # where the wings meet the cheek
        - 0.014 * blob(0.0, 0.67, 0.022, 0.05)  # philtrum
        + 0.03 * blob(0.0, 0.785, 0.17, 0.03)  # upper lip
        + 0.04 * blob(0.0, 0.885, 0.14, 0.035)  # lower lip
        - 0.03 * blob(0.0, 0.985, 0.15, 0.035)  # between lip and chin
        + 0.03 * blob(0.0, 1.12, 0.13, 0.07)  # chin
        + 0.03 * both_sides(0.50, 0.27, 0.14, 0.10)  # cheekbones
        - 0.02 * both_sides(0.62, 0.60, 0.10, 0.16)  # below them
    )
    return height.astype(np.float32)


@cache
def crease_basis() -> np.ndarray:
    """(A, 2, H, W) float32: height that each action unit adds at full intensity, on the left half and on the right."""
    basis = np.zeros((len(UNIT_NAMES), 2, *SHAPE), np.float32)
    for name, creases in CREASES.items():
        for crease in creases:
            height = _height(crease)
            basis[UNIT_INDEX[name], 0] += height
            basis[UNIT_INDEX[name], 1] += height[:, ::-1]
    return basis


def _height(crease: Crease) -> np.ndarray:
    places = [mean_place(_index(point)) + np.array([dx, dy]) for point, dx, dy in crease.path]
    line = smooth_curve(to_texels(np.array(places)), steps=8)
    deviation = crease.width * TEXELS
    # Blurring keeps the area of a line one texel wide: its ridge drops to 1 / (deviation sqrt(2 pi)).
    ridge = soften(stroke(line, 1.0, SHAPE), deviation) * np.float32(deviation * np.sqrt(2 * np.pi))
    return np.float32(crease.height) * np.minimum(ridge, 1.0)


def _index(point: int | str) -> int:
    return point if isinstance(point, int) else ANCHOR[point]


def crease_gain(appearance: Appearance, generator: np.random.Generator) -> np.ndarray:
    """(A,): how deeply this person's skin folds for each action unit."""
    return (0.8 + 0.8 * appearance.age) * np.exp(generator.normal(0.0, 0.25, len(UNIT_NAMES)))


def crease_relief(activation: np.ndarray, gain: np.ndarray, age: float) -> np.ndarray:
    """(H, W) float32: the folds of a face with `activation` (A, 2), at least those that `age` leaves at rest."""
    rest = np.zeros(len(UNIT_NAMES))
    for name, share in _AT_REST.items():
        rest[UNIT_INDEX[name]] = share * age
    depth = np.maximum(activation, rest[:, None]) * gain[:, None]
    relief = np.zeros(SHAPE, np.float32)
    for unit, side in np.argwhere(depth > 0.01):
        relief += np.float32(depth[unit, side]) * crease_basis()[unit, side]
    return relief
