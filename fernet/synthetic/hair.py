"""Hair on the atlas: where it grows and how its strands run."""

import cv2
import numpy as np

from fernet.synthetic.appearance import Appearance, HairStyle
from fernet.synthetic.atlas import SHAPE, X, Y, to_texels
from fernet.synthetic.drawing import filled, smooth_curve, smooth_field

_LONG = 0.3  # hair that reaches below this y covers the ears


def hair_mask(style: HairStyle, generator: np.random.Generator) -> np.ndarray:
    """(H, W) float32 from 0 to 1."""
    outer = smooth_curve(_mirrored(_outer_half(style), middle=(0.0, -1.27 - style.volume)))
    inner = smooth_curve(_mirrored(_inner_half(style), middle=(style.parting, style.hairline - 0.04)))
    ragged = np.convolve(generator.normal(size=len(inner)), (0.4, 0.7, 0.4), mode="same")
    inner[:, 1] += style.uneven * ragged
    return filled(to_texels(np.vstack([outer, inner[::-1]])), SHAPE)


def _outer_half(style: HairStyle) -> list[tuple[float, float]]:
    """The silhouette on the viewer's left, from the ends of the hair upwards."""
    out = style.volume
    top = [(-0.90 - 0.7 * out, -0.42), (-0.78 - 0.8 * out, -0.90), (-0.44 - 0.5 * out, -1.19 - 0.8 * out)]
    if style.length > _LONG:
        return [(-0.78, style.length + 0.07), (-0.92 - out, style.length - 0.05), (-0.96 - out, 0.15), *top]
    return [(-0.83, style.length), *top]


def _inner_half(style: HairStyle) -> list[tuple[float, float]]:
    """The edge beside the face on the viewer's left, from the ends of the hair upwards."""
    recession = style.recession
    top = [(-0.75, -0.28), (-0.60 + recession, 0.5 * style.hairline - 0.22 - recession), (-0.28, style.hairline)]
    if style.length > _LONG:
        return [(-0.66, style.length), (-0.74, 0.35), *top]
    return [(-0.78, style.length), *top]


def _mirrored(half: list[tuple[float, float]], middle: tuple[float, float]) -> np.ndarray:
    return np.array([*half, middle, *((-x, y) for x, y in reversed(half))])


def paint_hair(appearance: Appearance, generator: np.random.Generator) -> np.ndarray:
    """(H, W) float32: tones of the hair, whose strands fan out from the parting."""
    angle = np.arctan2(X - appearance.style.parting, 1.6 + Y)
    distance = np.hypot(X - appearance.style.parting, 1.6 + Y)
    strands = smooth_field(generator, (256, 256), 1.5) + smooth_field(generator, (256, 256), 5)
    wave = 4.0 * smooth_field(generator, SHAPE, 40)
    columns = (angle / np.pi + 0.5) * 255 + wave
    rows = distance * 20  # slow along the strand, fast across it
    fan = cv2.remap(strands, columns.astype(np.float32), rows.astype(np.float32), cv2.INTER_LINEAR,
                    borderMode=cv2.BORDER_REFLECT)  # fmt: skip
    shine = np.exp(-0.5 * ((distance - 0.75) / 0.12) ** 2)
    return (appearance.hair * np.clip(1 + 0.22 * fan + 0.35 * shine, 0.3, 2.0)).astype(np.float32)
