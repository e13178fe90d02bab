"""Lighting a height field."""

from dataclasses import dataclass

import cv2
import numpy as np


@dataclass(frozen=True)
class Light:
    """One distant lamp and ambient light."""

    direction: np.ndarray  # (3,) of length 1, from the face to the lamp
    ambient: float  # fraction of the light that is ambient
    gloss: float  # strength of highlights


def draw_light(generator: np.random.Generator, variety: float = 1.0) -> Light:
    """A random lamp above and in front of the face; `variety` 2 lets it stray further."""
    direction = np.array([generator.normal(0.0, 0.32 * variety), generator.normal(-0.45, 0.2 * variety), 1.0])
    return Light(
        direction=direction / np.linalg.norm(direction),
        ambient=float(generator.uniform(0.35, 0.60)),
        gloss=float(generator.uniform(0.0, 0.10)),
    )


def shade(height: np.ndarray, light: Light) -> tuple[np.ndarray, np.ndarray]:
    """Diffuse light and highlights, (H, W) float32 each, on a surface `height` pixels towards the viewer.

    A surface that faces the viewer has diffuse light 1.
    """
    slope_x = cv2.Sobel(height, cv2.CV_32F, 1, 0, scale=1 / 8)
    slope_y = cv2.Sobel(height, cv2.CV_32F, 0, 1, scale=1 / 8)
    x, y, z = (np.float32(value) for value in light.direction)
    facing = 1 / cv2.sqrt(1 + slope_x * slope_x + slope_y * slope_y)  # z of the normal
    lambert = (z - x * slope_x - y * slope_y) * facing
    diffuse = light.ambient * (0.35 + 0.65 * facing) + (1 - light.ambient) / z * np.maximum(lambert, 0)
    middle = light.direction + np.array([0, 0, 1])  # Blinn's half vector, between the lamp and the viewer
    x, y, z = (np.float32(value) for value in middle / np.linalg.norm(middle))
    mirror = np.maximum((z - x * slope_x - y * slope_y) * facing, 0)
    return diffuse, np.float32(light.gloss) * cv2.pow(mirror, 24)
