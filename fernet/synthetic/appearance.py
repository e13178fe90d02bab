"""What one person looks like, apart from the shape of the face."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class HairStyle:
    """Places and lengths in outer eye distances on the mean face (see atlas.py)."""

    volume: float  # how far the hair stands off the skull
    hairline: float  # y of its edge on the forehead
    length: float  # y of its ends beside the face
    parting: float  # x
    uneven: float  # how ragged the hairline is
    recession: float  # how far it has receded at the temples


@dataclass(frozen=True)
class Glasses:
    """Rims around both eyes."""

    width: float  # half the width of a lens, in outer eye distances
    height: float
    square: float  # exponent of the outline: 2 gives an ellipse, larger values squarer shapes
    rim: float  # thickness
    tone: float


@dataclass(frozen=True)
class Appearance:
    """Tones are reflectances: the fraction of light that a surface reflects, 0 to 1."""

    skin: float
    hair: float
    brow: float
    lips: float
    iris: float
    sclera: float
    brow_thickness: float
    iris_radius: float
    age: float  # 0 young to 1 old: sets how deep creases are and how many show at rest
    blemish: float  # strength of the skin's texture
    beard: float  # 0 none to 1 full
    stubble: float
    make_up: float  # darkness of lashes and lids
    style: HairStyle
    glasses: Glasses | None


def draw_appearance(generator: np.random.Generator, glasses: float = 0.12, beard: float = 0.22) -> Appearance:
    """A random person; `glasses` and `beard` are the probabilities of wearing either."""
    skin = float(np.clip(generator.beta(2.2, 1.6) * 0.62 + 0.16, 0.17, 0.76))
    dark = generator.random() < 0.65 or skin < 0.35
    hair = generator.uniform(0.03, 0.11) if dark else generator.uniform(0.10, 0.48)
    hair = float(min(hair, 0.75 * skin))
    bearded = generator.random() < beard
    return Appearance(
        skin=skin,
        hair=hair,
        brow=float(np.clip(hair * generator.uniform(0.6, 1.1), 0.025, 0.55 * skin)),
        lips=skin * float(generator.uniform(0.52, 0.78)),
        iris=float(generator.choice([generator.uniform(0.03, 0.09), generator.uniform(0.10, 0.30)])),
        sclera=float(generator.uniform(0.55, 0.72)),
        brow_thickness=float(generator.uniform(0.040, 0.085)),
        iris_radius=float(generator.uniform(0.066, 0.076)),
        age=float(generator.beta(1.5, 2.0)),
        blemish=float(generator.uniform(0.3, 1.0)),
        beard=float(generator.uniform(0.5, 1.0)) if bearded else 0.0,
        stubble=float(generator.uniform(0.0, 0.5)) if generator.random() < 0.35 else 0.0,
        make_up=0.0 if bearded else float(generator.uniform(0.0, 1.0)),
        style=_draw_style(generator),
        glasses=_draw_glasses(generator) if generator.random() < glasses else None,
    )


def _draw_style(generator: np.random.Generator) -> HairStyle:
    long = generator.random() < 0.45
    fringe = generator.random() < 0.3
    return HairStyle(
        volume=float(generator.uniform(0.02, 0.22)),
        hairline=float(generator.uniform(-0.66, -0.50) if fringe else generator.uniform(-0.95, -0.74)),
        length=float(generator.uniform(0.5, 1.6) if long else generator.uniform(-0.15, 0.12)),
        parting=float(generator.uniform(-0.4, 0.4)),
        uneven=float(generator.uniform(0.005, 0.03)),
        recession=0.0 if long or fringe else float(generator.uniform(0.0, 0.16)),
    )


def _draw_glasses(generator: np.random.Generator) -> Glasses:
    return Glasses(
        width=float(generator.uniform(0.21, 0.26)),
        height=float(generator.uniform(0.15, 0.21)),
        square=float(generator.uniform(2.0, 4.0)),
        rim=float(generator.uniform(0.012, 0.035)),
        tone=float(generator.uniform(0.02, 0.15)),
    )
