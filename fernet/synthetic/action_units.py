"""Facial action units (FACS): how each moves the points of a face.

Displacements are in units of the outer eye distance, at full intensity, on the viewer's left half (x grows towards the
midline, y downwards). Points on the midline move half the distance for each side that acts. AU11 moves no point: it
shows only in the skin (see creases.py).
"""

from functools import cache

import numpy as np

from fernet.synthetic.face_shape import ANCHOR, MEAN_SHAPE, MIRROR

Motion = dict[int | str, tuple[float, ...]]  # landmark number or anchor name -> (dx, dy) or (dx, dy, dz)

_CHIN_DROP: Motion = {
    2: (0, 0.01), 3: (0, 0.03), 4: (0.01, 0.10), 5: (0.015, 0.18), 6: (0.01, 0.23), 7: (0.005, 0.26), 8: (0, 0.27),
    "chin": (0, 0.26), "chin side": (0, 0.23), "lower cheek": (0.01, 0.06),
}  # fmt: skip


def _scaled(motion: Motion, factor: float) -> Motion:
    return {point: tuple(factor * value for value in move) for point, move in motion.items()}


ACTION_UNITS: dict[str, Motion] = {
    "AU1": {  # inner brow raiser
        18: (0, -0.005), 19: (0, -0.03), 20: (-0.005, -0.075), 21: (-0.01, -0.11),
        "glabella": (0, -0.04), "forehead": (0, -0.04), "forehead side": (0, -0.01),
    },
    "AU2": {  # outer brow raiser
        17: (0, -0.06), 18: (0, -0.10), 19: (0, -0.09), 20: (0, -0.04), 21: (0, -0.01),
        "forehead side": (0, -0.04), "temple": (0, -0.015),
    },
    "AU4": {  # brow lowerer
        17: (0.005, 0.012), 18: (0.018, 0.03), 19: (0.03, 0.05), 20: (0.042, 0.07), 21: (0.048, 0.082),
        27: (0, 0.012), 37: (0, 0.008), 38: (0, 0.012), "glabella": (0, 0.05), "forehead": (0, 0.02),
    },
    "AU5": {37: (0, -0.042), 38: (0, -0.042), 40: (0, 0.004), 41: (0, 0.004)},  # upper lid raiser
    "AU6": {  # cheek raiser
        36: (0.004, 0.006), 37: (0, 0.008), 40: (0, -0.016), 41: (0, -0.020), 17: (0.006, 0.014), 18: (0, 0.008),
        "cheek": (0, -0.06, 0.04), "eye bag": (0, -0.03, 0.02), "lower cheek": (0, -0.02),
    },
    "AU7": {37: (0, 0.016), 38: (0, 0.014), 40: (0, -0.024), 41: (0, -0.026), "eye bag": (0, -0.012)},  # lid tightener
    "AU9": {  # nose wrinkler
        31: (-0.004, -0.04), 32: (0, -0.034), 33: (0, -0.022), 30: (0, -0.022), 29: (0, -0.012),
        49: (0, -0.022), 50: (0, -0.036), 51: (0, -0.03), 61: (0, -0.028), 62: (0, -0.024),
        19: (0.012, 0.022), 20: (0.02, 0.036), 21: (0.02, 0.042), 38: (0, 0.012), 37: (0, 0.008), 40: (0, -0.012),
        "glabella": (0, 0.03), "nose side": (0, -0.04), "philtrum": (0, -0.02), "cheek": (0, -0.02),
    },
    "AU10": {  # upper lip raiser
        48: (0, -0.008), 49: (-0.006, -0.042), 50: (-0.004, -0.062), 51: (0, -0.05), 61: (-0.002, -0.055),
        62: (0, -0.046), 31: (-0.012, -0.016), 32: (-0.004, -0.008), "philtrum": (0, -0.025), "cheek": (0, -0.015),
    },
    "AU11": {},  # nasolabial deepener
    "AU12": {  # lip corner puller
        48: (-0.085, -0.075, -0.06), 60: (-0.078, -0.066, -0.05), 49: (-0.045, -0.036, -0.03), 50: (-0.014, -0.008),
        59: (-0.05, -0.022, -0.02), 58: (-0.018, 0.004), 61: (-0.022, -0.010), 67: (-0.022, 0.0), 31: (-0.014, -0.004),
        3: (-0.01, -0.004), 4: (-0.012, -0.008), "cheek": (-0.015, -0.05, 0.05), "lower cheek": (-0.04, -0.05, 0.02),
        "eye bag": (0, -0.012),
    },
    "AU14": {  # dimpler
        48: (-0.034, -0.018, -0.035), 60: (-0.030, -0.014, -0.03), 49: (-0.014, -0.006), 59: (-0.014, -0.004),
    },
    "AU15": {  # lip corner depressor
        48: (-0.006, 0.066), 60: (-0.004, 0.056), 49: (-0.004, 0.022), 59: (-0.008, 0.036), 58: (0, 0.008),
        61: (0, 0.006), 67: (0, 0.010), "lower cheek": (0, 0.02),
    },
    "AU16": {57: (0, 0.035), 58: (0, 0.035), 59: (0, 0.02), 66: (0, 0.045), 67: (0, 0.04), "chin": (0, 0.01)},
    "AU17": {  # chin raiser
        57: (0, -0.048), 58: (0, -0.044), 59: (0, -0.018), 66: (0, -0.036), 67: (0, -0.032), 62: (0, -0.03),
        61: (0, -0.024), 51: (0, -0.02), 50: (0, -0.018), 48: (0.006, 0.008), 60: (0.006, 0.006),
        8: (0, -0.022), 7: (0, -0.018), 6: (0, -0.01), "chin": (0, -0.05, 0.03), "chin side": (0, -0.02),
    },
    "AU20": {  # lip stretcher
        48: (-0.09, 0.022, -0.06), 60: (-0.085, 0.020, -0.05), 49: (-0.05, 0.004), 59: (-0.055, 0.014),
        50: (-0.018, 0.006), 58: (-0.02, 0.002), 61: (-0.02, 0), 67: (-0.02, 0.004), "lower cheek": (-0.03, 0.01),
    },
    "AU23": {  # lip tightener
        48: (0.028, 0), 60: (0.026, 0), 49: (0.012, 0.016), 50: (0, 0.020), 51: (0, 0.018),
        57: (0, -0.022), 58: (0, -0.022), 59: (0.012, -0.016),
    },
    "AU24": {  # lip pressor
        48: (0.012, 0), 60: (0.012, 0), 49: (0.004, 0.024), 50: (0, 0.036), 51: (0, 0.034),
        57: (0, -0.038), 58: (0, -0.036), 59: (0.004, -0.024), "chin": (0, -0.01),
    },
    "AU25": {  # lips part
        57: (0, 0.04), 58: (0, 0.038), 59: (0, 0.016), 66: (0, 0.05), 67: (0, 0.044), 61: (0, -0.014), 62: (0, -0.016),
        50: (0, -0.008), 51: (0, -0.008),
    },
    "AU26": {  # jaw drop
        57: (0, 0.14), 58: (-0.01, 0.135), 59: (0, 0.09), 66: (0, 0.14), 67: (-0.025, 0.125), 48: (0.015, 0.045),
        60: (0.015, 0.045), **_scaled(_CHIN_DROP, 0.52),
    },
    "AU27": {  # mouth stretch
        57: (0, 0.29), 58: (-0.03, 0.28), 59: (0.005, 0.21), 66: (0, 0.28), 67: (-0.055, 0.25), 48: (0.055, 0.12),
        60: (0.05, 0.12), 49: (0.035, 0.03), 50: (0, -0.012), 51: (0, -0.014), 61: (-0.045, 0.0), 62: (0, -0.01),
        **_CHIN_DROP,
    },
    "AU43": {37: (0, 0.082), 38: (0, 0.084), 36: (0, 0.01), 40: (0, -0.004), 41: (0, -0.004)},  # eyes closed
}  # fmt: skip

UNIT_NAMES = tuple(ACTION_UNITS)
UNIT_INDEX = {name: position for position, name in enumerate(UNIT_NAMES)}


@cache
def displacement_basis() -> np.ndarray:
    """(A, 2, P, 3): displacement of every point by each action unit, on the viewer's left half and on the right."""
    basis = np.zeros((len(ACTION_UNITS), 2, len(MIRROR), 3))
    for unit, motion in enumerate(ACTION_UNITS.values()):
        for point, move in motion.items():
            index = point if isinstance(point, int) else ANCHOR[point]
            share = 0.5 if MEAN_SHAPE[index, 0] == 0 else 1.0
            full = np.zeros(3)
            full[: len(move)] = move
            basis[unit, 0, index] += share * full
            basis[unit, 1, MIRROR[index]] += share * full * (-1, 1, 1)
    return basis


def express(neutral: np.ndarray, activation: np.ndarray) -> np.ndarray:
    """The neutral face (P, 3) moved by `activation` (A, 2): intensities from 0 to 1, left and right."""
    moved = neutral + np.einsum("as,aspc->pc", activation, displacement_basis())
    _keep_open_or_shut(moved)
    return moved


def _keep_open_or_shut(face: np.ndarray) -> None:
    """Lids and lips may touch but not cross, and the outer lips stay outside the inner ones. In place."""
    for upper, lower in ((37, 41), (38, 40), (43, 47), (44, 46)):
        face[upper, 1] = min(face[upper, 1], face[lower, 1] - 0.006)
    for upper, lower in ((61, 67), (62, 66), (63, 65)):
        if face[upper, 1] > face[lower, 1] - 0.004:
            seam = (face[upper, 1] + face[lower, 1]) / 2
            face[upper, 1], face[lower, 1] = seam - 0.002, seam + 0.002
    for outer, inner in ((50, 61), (51, 62), (52, 63)):
        face[outer, 1] = min(face[outer, 1], face[inner, 1] - 0.018)
    for outer, inner in ((58, 67), (57, 66), (56, 65)):
        face[outer, 1] = max(face[outer, 1], face[inner, 1] + 0.022)
