"""Expressions as combinations of action units, after the prototypes of Ekman, Friesen and Hager's FACS manual.

Each expression has variants. A person prefers some of them, and occasionally omits a unit or adds one that does not
belong, so that the classes overlap as they do in real people.
"""

from dataclasses import dataclass

import numpy as np

from fernet.synthetic.action_units import UNIT_INDEX, UNIT_NAMES

Variant = dict[str, float]  # action unit -> usual intensity, 0 to 1

EXPRESSIONS: dict[str, tuple[Variant, ...]] = {
    "anger": (
        {"AU4": 0.8, "AU5": 0.3, "AU7": 0.7, "AU23": 0.6, "AU24": 0.3},
        {"AU4": 0.7, "AU7": 0.5, "AU17": 0.5, "AU24": 0.8},
        {"AU4": 0.8, "AU7": 0.6, "AU10": 0.4, "AU23": 0.3, "AU25": 0.5},
    ),
    "contempt": (
        {"AU14": 0.9, "AU12": 0.12},
        {"AU14": 0.6, "AU12": 0.4, "AU10": 0.1},
        {"AU12": 0.45, "AU14": 0.6, "AU24": 0.2},
    ),
    "disgust": (
        {"AU9": 0.9, "AU4": 0.3, "AU7": 0.4, "AU17": 0.4, "AU10": 0.3},
        {"AU10": 0.8, "AU9": 0.4, "AU7": 0.4, "AU25": 0.4},
        {"AU9": 0.7, "AU15": 0.4, "AU16": 0.4, "AU25": 0.3, "AU6": 0.3},
    ),
    "fear": (
        {"AU1": 0.8, "AU2": 0.5, "AU4": 0.5, "AU5": 0.7, "AU20": 0.7, "AU25": 0.6},
        {"AU1": 0.7, "AU2": 0.5, "AU4": 0.4, "AU5": 0.8, "AU20": 0.4, "AU26": 0.5, "AU25": 0.4},
        {"AU1": 0.6, "AU4": 0.5, "AU5": 0.4, "AU20": 0.8, "AU25": 0.5},
    ),
    "happiness": (
        {"AU6": 0.7, "AU12": 0.9, "AU25": 0.7},
        {"AU6": 0.5, "AU12": 0.8},
        {"AU6": 0.7, "AU12": 0.9, "AU25": 0.7, "AU26": 0.3, "AU7": 0.2},
    ),
    "sadness": (
        {"AU1": 0.8, "AU4": 0.5, "AU15": 0.7, "AU17": 0.4},
        {"AU1": 0.5, "AU4": 0.4, "AU15": 0.8, "AU17": 0.6, "AU11": 0.4},
        {"AU1": 0.6, "AU15": 0.5, "AU7": 0.3, "AU11": 0.5, "AU17": 0.2},
    ),
    "surprise": (
        {"AU1": 0.8, "AU2": 0.8, "AU5": 0.6, "AU27": 0.8, "AU25": 0.5},
        {"AU1": 0.7, "AU2": 0.8, "AU5": 0.5, "AU26": 0.8, "AU25": 0.5},
        {"AU1": 0.8, "AU2": 0.7, "AU5": 0.4, "AU26": 0.4, "AU25": 0.3},
    ),
}

ONE_SIDED = {"contempt"}
STRAY_UNITS = ("AU1", "AU2", "AU4", "AU7", "AU12", "AU14", "AU15", "AU17", "AU24", "AU25")


@dataclass(frozen=True)
class Manner:
    """How one person expresses emotions: the same in all of the person's clips."""

    strength: float  # factor on all intensities
    gain: np.ndarray  # (A,) factor on each action unit
    preference: np.ndarray  # (variants,) how likely each variant is
    lopsided: float  # left minus right; if positive, the viewer's left half moves more
    quickness: float  # factor on the speed of the onset


def draw_manner(generator: np.random.Generator) -> Manner:
    """A person's way of expressing emotions."""
    return Manner(
        strength=float(np.clip(generator.normal(1.17, 0.13), 0.85, 1.4)),
        gain=np.exp(generator.normal(0.0, 0.18, len(UNIT_NAMES))),
        preference=generator.dirichlet(np.full(3, 1.2)),
        lopsided=float(generator.normal(0.0, 0.06)),
        quickness=float(np.exp(generator.normal(0.0, 0.25))),
    )


def peak_activation(label: str, manner: Manner, generator: np.random.Generator) -> np.ndarray:
    """Intensities (A, 2) of all action units, left and right, at the peak of one performance of `label`."""
    variants = EXPRESSIONS[label]
    variant = variants[generator.choice(len(variants), p=manner.preference)]
    overall = manner.strength * float(np.clip(generator.normal(1.0, 0.14), 0.65, 1.35))
    intensity = np.zeros(len(UNIT_NAMES))
    for name, usual in variant.items():
        if generator.random() < 0.95:  # otherwise the person leaves this unit out
            unit = UNIT_INDEX[name]
            intensity[unit] = usual * overall * manner.gain[unit] * np.exp(generator.normal(0.0, 0.18))
    for name in generator.choice(STRAY_UNITS, 2, replace=False):
        intensity[UNIT_INDEX[str(name)]] += abs(generator.normal(0.0, 0.08))
    sides = intensity[:, None] * _balance(label, manner, generator)
    return np.clip(sides, 0.0, 1.25)


def _balance(label: str, manner: Manner, generator: np.random.Generator) -> np.ndarray:
    """(A, 2): factors for the left and the right half."""
    tilt = manner.lopsided + generator.normal(0.0, 0.05, len(UNIT_NAMES))
    balance = np.stack([1 + tilt, 1 - tilt], axis=1)
    if label in ONE_SIDED:
        weak_side = int(generator.random() < 0.5)
        for name in ("AU10", "AU12", "AU14"):
            balance[UNIT_INDEX[name], weak_side] *= generator.uniform(0.0, 0.2)
    return balance
