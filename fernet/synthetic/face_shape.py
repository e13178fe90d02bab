"""The neutral face in three dimensions: 68 iBUG points, and anchors that carry the skin and hair between them.

Coordinates: x to the viewer's right, y down, z towards the viewer, origin between the eyes; the unit is the distance
between the outer eye corners. The tables hold the viewer's left half, which is then mirrored.
"""

import numpy as np

Point = tuple[float, float, float]

_JAW: list[Point] = [
    (-0.81, 0.02, -0.75), (-0.80, 0.24, -0.71), (-0.765, 0.45, -0.64), (-0.70, 0.65, -0.54), (-0.59, 0.84, -0.41),
    (-0.46, 1.00, -0.30), (-0.31, 1.13, -0.18), (-0.16, 1.22, -0.10), (0.0, 1.25, -0.06),
]  # fmt: skip
_BROW: list[Point] = [
    (-0.67, -0.20, -0.27), (-0.56, -0.295, -0.12), (-0.42, -0.32, -0.02), (-0.28, -0.288, 0.04), (-0.14, -0.230, 0.07),
]  # fmt: skip
_NOSE_RIDGE: list[Point] = [(0.0, -0.02, 0.07), (0.0, 0.13, 0.18), (0.0, 0.28, 0.30), (0.0, 0.42, 0.40)]
_NOSE_BASE: list[Point] = [(-0.17, 0.53, 0.12), (-0.09, 0.56, 0.20), (0.0, 0.58, 0.24)]
_EYE: list[Point] = [  # outer corner, upper lid, inner corner, lower lid
    (-0.50, 0.0, -0.20), (-0.41, -0.062, -0.10), (-0.30, -0.062, -0.06), (-0.21, 0.012, -0.08),
    (-0.30, 0.038, -0.06), (-0.41, 0.038, -0.10),
]  # fmt: skip
_UPPER_LIP: list[Point] = [(-0.29, 0.812, -0.03), (-0.18, 0.77, 0.09), (-0.065, 0.738, 0.15), (0.0, 0.75, 0.16)]
_LOWER_LIP: list[Point] = [(-0.18, 0.89, 0.07), (-0.08, 0.925, 0.12), (0.0, 0.932, 0.13)]
_INNER_LIPS: list[Point] = [(-0.25, 0.815, -0.01), (-0.08, 0.814, 0.12), (0.0, 0.818, 0.13)]
_INNER_LOWER: list[Point] = [(-0.08, 0.822, 0.11), (0.0, 0.826, 0.12)]

_ANCHORS: dict[str, Point] = {
    "forehead": (0.0, -0.46, 0.10),
    "forehead side": (-0.38, -0.54, -0.02),
    "temple": (-0.73, -0.30, -0.42),
    "hairline": (0.0, -0.86, -0.10),
    "hairline side": (-0.50, -0.76, -0.28),
    "crown": (0.0, -1.22, -0.55),
    "crown side": (-0.66, -1.02, -0.70),
    "hair side": (-0.96, -0.45, -0.90),
    "hair low": (-0.98, 0.40, -0.90),
    "hair bottom": (-0.90, 1.05, -0.90),
    "glabella": (0.0, -0.20, 0.09),
    "eye bag": (-0.36, 0.15, -0.05),
    "cheek": (-0.46, 0.36, -0.06),
    "lower cheek": (-0.42, 0.64, -0.06),
    "nose side": (-0.13, 0.30, 0.10),
    "philtrum": (0.0, 0.66, 0.16),
    "chin": (0.0, 1.09, 0.09),
    "chin side": (-0.24, 1.00, 0.0),
}

_LEFT_ANCHORS = {name: 68 + position for position, name in enumerate(_ANCHORS)}
_PAIRED = [name for name, point in _ANCHORS.items() if point[0]]
ANCHOR: dict[str, int] = _LEFT_ANCHORS  # the anchor on the left half or on the midline
_RIGHT_ANCHORS = {name: 68 + len(_ANCHORS) + position for position, name in enumerate(_PAIRED)}

JAW, LEFT_BROW, RIGHT_BROW, NOSE = slice(0, 17), slice(17, 22), slice(22, 27), slice(27, 36)
LEFT_EYE, RIGHT_EYE, MOUTH = slice(36, 42), slice(42, 48), slice(48, 68)
SKIN_POINTS = np.r_[0:60, 68 : 68 + len(_ANCHORS) + len(_PAIRED)]  # the inner lips would fold the skin


def _mirror_permutation() -> np.ndarray:
    landmarks = [
        *range(16, -1, -1), *range(26, 16, -1), 27, 28, 29, 30, *range(35, 30, -1),
        45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40,
        *range(54, 47, -1), *range(59, 54, -1), *range(64, 59, -1), 67, 66, 65,
    ]  # fmt: skip
    left = [_RIGHT_ANCHORS.get(name, index) for name, index in _LEFT_ANCHORS.items()]
    return np.array([*landmarks, *left, *(_LEFT_ANCHORS[name] for name in _PAIRED)])


MIRROR = _mirror_permutation()  # (P,) the mirror image of each point


def _mean_shape() -> np.ndarray:
    known: dict[int, Point] = {}
    for first, points in (
        (0, _JAW), (17, _BROW), (27, _NOSE_RIDGE), (31, _NOSE_BASE), (36, _EYE), (48, _UPPER_LIP), (60, _INNER_LIPS),
    ):  # fmt: skip
        known.update(enumerate(points, first))
    known.update(zip((59, 58, 57), _LOWER_LIP, strict=True))
    known.update(zip((67, 66), _INNER_LOWER, strict=True))
    known.update({_LEFT_ANCHORS[name]: point for name, point in _ANCHORS.items()})
    shape = np.zeros((len(MIRROR), 3))
    for index, (x, y, z) in known.items():
        shape[index] = x, y, z
        shape[MIRROR[index]] = -x, y, z
    return shape


MEAN_SHAPE = _mean_shape()  # (P, 3)


def person_shape(generator: np.random.Generator, strength: float = 1.0) -> np.ndarray:
    """The neutral face of one person, (P, 3): the mean shape with random proportions.

    >>> import numpy as np
    >>> float(abs(person_shape(np.random.default_rng(0), strength=0.0) - MEAN_SHAPE).max())
    0.0
    """

    def draw(spread: float) -> float:
        return strength * spread * float(np.clip(generator.normal(), -2.2, 2.2))

    shape = MEAN_SHAPE.copy()
    _proportions(shape, draw)
    _eyes_and_brows(shape, draw)
    _nose_and_mouth(shape, draw)
    shape[:, :2] += strength * generator.normal(0.0, 0.006, shape[:, :2].shape)  # nobody is symmetric
    return shape


def _proportions(shape: np.ndarray, draw) -> None:
    """Width, length, jaw and chin, in place."""
    below_eyes = np.clip(shape[JAW, 1] / 1.25, 0.0, 1.0)
    shape[JAW, 0] *= 1 + draw(0.05) + draw(0.06) * np.sin(np.pi * below_eyes)
    shape[5:12, 0] *= 1 + draw(0.10)  # pointed or square chin
    lower = shape[:, 1] > 0
    shape[lower, 1] *= 1 + draw(0.05)
    shape[4:13, 1] += draw(0.04) * np.sin(np.linspace(0, np.pi, 9))
    top = [ANCHOR[name] for name in ("hairline", "hairline side", "crown", "crown side")]
    shape[np.r_[top, MIRROR[top]], 1] += draw(0.05)


def _eyes_and_brows(shape: np.ndarray, draw) -> None:
    apart, tilt, size, wide = draw(0.022), draw(0.06), draw(0.16), draw(0.06)
    lift, slant, arch = draw(0.035), draw(0.025), draw(0.018)
    for eye, brow, side in ((LEFT_EYE, LEFT_BROW, -1.0), (RIGHT_EYE, RIGHT_BROW, 1.0)):
        centre = shape[eye].mean(axis=0)
        offset = shape[eye, :2] - centre[:2]
        shape[eye, 0] = centre[0] + side * apart + offset[:, 0] * (1 + wide)
        shape[eye, 1] = centre[1] + offset[:, 1] * (1 + size) - side * tilt * offset[:, 0]
        along = np.linspace(-1, 1, 5) * side
        shape[brow, 0] += side * apart * 0.7
        shape[brow, 1] += lift + slant * along - arch * (1 - np.linspace(-1, 1, 5) ** 2)


def _nose_and_mouth(shape: np.ndarray, draw) -> None:
    shape[31:36, 0] *= 1 + draw(0.11)
    shape[NOSE, 1] *= 1 + draw(0.05)
    shape[NOSE, 2] *= 1 + draw(0.13)
    shape[MOUTH, 0] *= 1 + draw(0.08)
    shape[MOUTH, 1] += draw(0.025)
    seam = shape[[62, 66], 1].mean()
    upper, lower = [49, 50, 51, 52, 53], [55, 56, 57, 58, 59]
    shape[upper, 1] = seam + (shape[upper, 1] - seam) * (1 + draw(0.22))
    shape[lower, 1] = seam + (shape[lower, 1] - seam) * (1 + draw(0.20))
    shape[[48, 54, 60, 64], 1] += draw(0.018)  # the corners of the resting mouth droop or rise
