"""A person's head, ready to be posed: its shape, and its surface on the atlas."""

from dataclasses import dataclass

import cv2
import numpy as np

from fernet.synthetic.action_units import express
from fernet.synthetic.appearance import Appearance
from fernet.synthetic.atlas import TEXELS, to_texels
from fernet.synthetic.camera import project
from fernet.synthetic.drawing import soften
from fernet.synthetic.eyes import paint_eyes, paint_glasses
from fernet.synthetic.face_shape import MEAN_SHAPE, SKIN_POINTS
from fernet.synthetic.hair import hair_mask, paint_hair
from fernet.synthetic.lighting import Light, shade
from fernet.synthetic.mouth import paint_mouth
from fernet.synthetic.relief import crease_gain, crease_relief, resting_relief
from fernet.synthetic.skin import ear_mask, face_mask, paint_skin
from fernet.synthetic.timing import Pose
from fernet.synthetic.warp import thin_plate

_LIDS = (37, 38, 40, 41, 43, 44, 46, 47)  # they slide over the eye; the skin around it stays in place
_HOLD = np.setdiff1d(SKIN_POINTS, _LIDS)  # points that carry the skin
_CREASE_SHADOW = 7.0  # light lost in a groove, per outer eye distance of depth


@dataclass(frozen=True)
class Head:
    """One person."""

    neutral: np.ndarray  # (P, 3)
    appearance: Appearance
    crease_gain: np.ndarray  # (A,)
    tones: np.ndarray  # (H, W) float32, skin and hair on the atlas
    cover: np.ndarray  # (H, W) float32, 1 on the head and 0 beside it
    skin: np.ndarray  # (H, W) float32, 1 where skin is visible, 0 on hair
    relief: np.ndarray  # (H, W) float32, at rest, in outer eye distances
    cavity: np.ndarray  # (H, W) float32, factor on the light, which darkens hollows


def make_head(neutral: np.ndarray, appearance: Appearance, generator: np.random.Generator) -> Head:
    """Paint a person's surface once; every frame only warps it."""
    hair = hair_mask(appearance.style, generator)
    face = np.maximum(face_mask(), 0.999 * ear_mask())
    skin = paint_skin(appearance, generator)
    tones = skin + (paint_hair(appearance, generator) - skin) * hair
    relief = resting_relief() * (1 - hair) + 0.05 * soften(hair, 0.05 * TEXELS)
    hollow = relief - soften(relief, 0.12 * TEXELS)
    return Head(
        neutral=neutral,
        appearance=appearance,
        crease_gain=crease_gain(appearance, generator),
        tones=tones,
        cover=np.maximum(face, hair),
        skin=1 - hair,
        relief=relief,
        cavity=np.clip(1 + 5.0 * hollow, 0.5, 1.1),
    )


def render_head(
    head: Head, activation: np.ndarray, pose: Pose, gaze: np.ndarray, light: Light, behind: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The head in front of `behind` (size, size): its light (size, size) float32 and landmarks (68, 2) in pixels."""
    size, person = len(behind), head.appearance
    pixels, depths = project(express(head.neutral, activation), pose, size)
    landmarks, unit = pixels[:68], pose.scale * size
    values = np.c_[to_texels(MEAN_SHAPE[_HOLD, :2]), depths[_HOLD]]
    columns, rows, depth = thin_plate(pixels[_HOLD], values, size)

    creases = crease_relief(activation, head.crease_gain, person.age) * head.skin
    layers = cv2.merge([head.tones, head.cover, head.relief + creases, head.cavity + _CREASE_SHADOW * creases])
    bent = cv2.remap(layers, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    tones, cover, relief, cavity = cv2.split(bent)
    paint_mouth(tones, landmarks, unit, person)
    paint_eyes(tones, landmarks, unit, person, gaze)
    if person.glasses:
        paint_glasses(tones, landmarks, unit, person.glasses)
    diffuse, highlight = shade(depth + relief * np.float32(unit), light)
    lit = tones * diffuse * cavity + highlight * cover
    return behind + (lit - behind) * cover, landmarks
