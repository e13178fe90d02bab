"""The background of a face: a wall with objects on it, clothes and a neck."""

import numpy as np

from fernet.synthetic.appearance import Appearance
from fernet.synthetic.drawing import filled, smooth_curve, smooth_field, soften
from fernet.synthetic.lighting import Light
from fernet.synthetic.timing import Pose

_NECK = [(-0.40, 0.70), (-0.50, 1.15), (-0.60, 1.55), (-1.0, 1.9), (1.0, 1.9), (0.60, 1.55), (0.50, 1.15), (0.40, 0.70)]
_CLOTHES = [(-3.2, 3.2), (-2.0, 2.0), (-1.35, 1.72), (-0.66, 1.50), (-0.35, 1.78), (0.0, 1.95), (0.35, 1.78),
            (0.66, 1.50), (1.35, 1.72), (2.0, 2.0), (3.2, 3.2)]  # fmt: skip


def paint_wall(generator: np.random.Generator, size: int, clutter: float) -> np.ndarray:
    """(size, size) float32: a plain wall at clutter 0, a busy room at 1."""
    wall = np.full((size, size), generator.uniform(0.05, 0.75), np.float32)
    wall *= 1 + (0.04 + 0.2 * clutter) * smooth_field(generator, wall.shape, size * generator.uniform(0.08, 0.5))
    for _ in range(generator.poisson(7 * clutter)):
        place, half = generator.uniform(-0.1, 1.1, 2), generator.uniform(0.02, 0.35, 2)
        angle = generator.choice([0.0, generator.uniform(-0.8, 0.8)])
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * half @ turn.T + place
        ring = smooth_curve(corners, closed=True) if generator.random() < 0.4 else corners
        wall += (generator.uniform(0.02, 0.9) - wall) * filled(ring * size, wall.shape)
    return np.clip(soften(wall, size * generator.uniform(0.004, 0.02)), 0.01, 1.0)


def paint_body(
    wall: np.ndarray, pose: Pose, person: Appearance, light: Light, generator: np.random.Generator
) -> np.ndarray:
    """The wall with the neck and shoulders of a person whose head rests in `pose`."""
    size = len(wall)
    x = (np.arange(size, dtype=np.float32)[None] / size - pose.x) / pose.scale  # outer eye distances
    y = (np.arange(size, dtype=np.float32)[:, None] / size - pose.y) / pose.scale

    def mask(outline: list[tuple[float, float]]) -> np.ndarray:
        ring = smooth_curve(np.array(outline), closed=False) * pose.scale + (pose.x, pose.y)
        return soften(filled(ring * size - 0.5, wall.shape), 0.004 * size)

    side = light.direction[0]
    roundness = np.clip(1 - 0.55 * (x / 0.62) ** 2 + 0.8 * side * x / 0.62, 0.15, 1.3)
    shadow = 0.45 + 0.4 / (1 + np.exp(-(y - 1.55) / 0.08))  # below the chin
    cloth = generator.uniform(0.03, 0.7) * (1 + 0.06 * smooth_field(generator, wall.shape, size * 0.03))
    cloth = cloth * np.clip(1.05 - 0.08 * np.abs(x) ** 2 + 0.3 * side * x, 0.2, 1.4)
    body = wall + (person.skin * roundness * shadow - wall) * mask(_NECK)
    return (body + (cloth - body) * mask(_CLOTHES)).astype(np.float32)
