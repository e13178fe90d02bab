"""A person's skin on the atlas: tone, texture, brows, nostrils and beard."""

import numpy as np

from fernet.synthetic.appearance import Appearance
from fernet.synthetic.atlas import SHAPE, TEXELS, X, Y, blob, both_sides, mean_place, to_texels
from fernet.synthetic.drawing import filled, smooth_curve, smooth_field, soften
from fernet.synthetic.face_shape import JAW, LEFT_BROW, MEAN_SHAPE, RIGHT_BROW

_SKULL = [(0.86, -0.40), (0.76, -0.82), (0.45, -1.12), (0.0, -1.22), (-0.45, -1.12), (-0.76, -0.82), (-0.86, -0.40)]


def face_mask() -> np.ndarray:
    """(H, W): the bald head without its ears."""
    outline = np.vstack([MEAN_SHAPE[JAW, :2], _SKULL])
    return filled(to_texels(smooth_curve(outline, closed=True)), SHAPE)


def ear_mask() -> np.ndarray:
    """(H, W): both ears, viewed from the front."""
    left = [(-0.80, -0.06), (-0.88, -0.12), (-0.92, -0.02), (-0.90, 0.15), (-0.84, 0.31), (-0.77, 0.33)]
    mask = filled(to_texels(smooth_curve(np.array(left), closed=True)), SHAPE)
    return np.maximum(mask, mask[:, ::-1])


def paint_skin(appearance: Appearance, generator: np.random.Generator) -> np.ndarray:
    """(H, W) float32: tones of the skin, from 0 to 1."""
    tone = np.full(SHAPE, appearance.skin, np.float32)
    tone *= 1 + appearance.blemish * (
        0.035 * smooth_field(generator, SHAPE, 26) + 0.03 * smooth_field(generator, SHAPE, 5)
        + 0.03 * smooth_field(generator, SHAPE, 1.6)
    )  # fmt: skip
    tone *= 1 - 0.10 * both_sides(0.45, 0.40, 0.16, 0.14)  # blood under the cheeks
    tone *= 1 - 0.10 * blob(0.0, 0.50, 0.12, 0.08)
    tone *= 1 - (0.22 + 0.25 * appearance.make_up) * both_sides(0.355, -0.045, 0.13, 0.05)  # lids
    tone *= 1 - (0.10 + 0.12 * appearance.age) * both_sides(0.33, 0.10, 0.11, 0.035)  # under the eyes
    for _ in range(generator.poisson(5 * appearance.blemish)):  # moles and spots
        x, y = generator.uniform(-0.7, 0.7), generator.uniform(-0.7, 1.1)
        tone *= 1 - generator.uniform(0.1, 0.4) * blob(x, y, *generator.uniform(0.008, 0.02, 2))
    _paint_beard(tone, appearance, generator)
    _paint_nose(tone)
    _paint_brows(tone, appearance, generator)
    return tone


def _paint_nose(tone: np.ndarray) -> None:
    tone *= 1 - 0.75 * np.minimum(both_sides(0.075, 0.545, 0.036, 0.016), 1)  # nostrils
    tone *= 1 - 0.30 * blob(0.0, 0.59, 0.12, 0.022)  # the shadow below
    tone *= 1 - 0.25 * both_sides(0.19, 0.50, 0.014, 0.05)  # edges of the wings


def _paint_brows(tone: np.ndarray, appearance: Appearance, generator: np.random.Generator) -> None:
    hairs = 1 + 0.22 * smooth_field(generator, SHAPE, 2.2)
    for brow, outer_first in ((LEFT_BROW, True), (RIGHT_BROW, False)):
        middle = smooth_curve(MEAN_SHAPE[brow, :2])
        along = np.linspace(0, 1, len(middle)) if outer_first else np.linspace(1, 0, len(middle))
        half = appearance.brow_thickness * np.interp(along, (0, 0.45, 1), (0.12, 0.5, 0.55))[:, None]
        ring = np.vstack([middle - half * (0, 1), (middle + half * (0, 1))[::-1]])
        mask = soften(filled(to_texels(ring), SHAPE), 0.012 * TEXELS)
        tone += (appearance.brow - tone) * np.clip(0.85 * mask * hairs, 0, 1)


def _paint_beard(tone: np.ndarray, appearance: Appearance, generator: np.random.Generator) -> None:
    strength = max(appearance.beard, 0.45 * appearance.stubble)
    if strength == 0:
        return
    jaw = 1 / (1 + np.exp((0.52 + 0.35 * np.exp(-((X / 0.5) ** 2)) - Y) / 0.05))  # below a line from ear to chin
    moustache = blob(0.0, 0.68, 0.22, 0.045)
    around = np.maximum(np.maximum(jaw, both_sides(0.72, 0.5, 0.09, 0.3)), moustache)
    lips = blob(*mean_place(66), 0.2, 0.06)
    hairs = 1 + 0.4 * smooth_field(generator, SHAPE, 1.8)
    mask = np.clip(strength * around * (1 - 0.8 * lips) * hairs, 0, 0.95)
    tone += (min(appearance.hair * 1.1, 0.6 * appearance.skin) - tone) * mask.astype(np.float32)
