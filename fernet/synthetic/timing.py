"""How an expression develops over time: activations and head pose for every frame of a clip."""

from dataclasses import dataclass

import numpy as np

from fernet.synthetic.action_units import UNIT_INDEX, UNIT_NAMES
from fernet.synthetic.expressions import Manner


@dataclass(frozen=True)
class Pose:
    """Where the head is in one frame."""

    yaw: float  # radians
    pitch: float
    roll: float
    x: float  # origin of the face, in sides of the frame
    y: float
    scale: float  # outer eye distance, in sides of the frame


def activation_over_time(
    peak: np.ndarray, frames: int, returns_to_neutral: bool, manner: Manner, generator: np.random.Generator
) -> np.ndarray:
    """(F, A, 2): the rise to the peak activation (A, 2), and the fall if the clip returns to neutral.

    Action units do not move in step: each has its own delay and speed.
    """
    units = len(UNIT_NAMES)
    time = np.linspace(0.0, 1.0, frames)[:, None]
    start = generator.uniform(0.02, 0.18) + np.abs(generator.normal(0.0, 0.04, units))
    rise = generator.uniform(0.32, 0.62) / manner.quickness * np.exp(generator.normal(0.0, 0.15, units))
    if not returns_to_neutral:
        rise = np.minimum(rise, 0.97 - start)
        course = _smooth_step((time - start) / rise)
    else:
        onset = np.minimum(0.55 * rise, 0.45 - start)
        end = np.minimum(start + onset + generator.uniform(0.08, 0.35), 0.80) + generator.normal(0.0, 0.02, units)
        fall = np.minimum(generator.uniform(0.15, 0.35), 0.985 - end)
        course = _smooth_step((time - start) / onset) * (1 - _smooth_step((time - end) / fall))
    tremor = 1 + 0.03 * smooth_noise(generator, frames, units, 4)
    activation = course[:, :, None] * peak[None] * tremor[:, :, None]
    if generator.random() < 0.12:
        _blink(activation, int(generator.integers(0, frames)))
    return np.clip(activation, 0.0, 1.3)


def _smooth_step(value: np.ndarray) -> np.ndarray:
    clipped = np.clip(value, 0.0, 1.0)
    return clipped * clipped * (3 - 2 * clipped)


def _blink(activation: np.ndarray, middle: int) -> None:
    """Shut the eyes around one frame, in place."""
    for offset, closed in ((-1, 0.4), (0, 1.0), (1, 0.4)):
        if 0 <= middle + offset < len(activation):
            activation[middle + offset, UNIT_INDEX["AU43"]] = closed


def head_poses(frames: int, generator: np.random.Generator) -> list[Pose]:
    """A resting pose, different for each clip, with small slow movements about it."""
    degrees = np.radians(np.clip(generator.normal(0.0, (4.5, 3.0, 2.5)), -9, 9))
    place = np.array([0.5, 0.44]) + generator.normal(0.0, 0.012, 2)
    scale = float(generator.uniform(0.255, 0.295))
    drift = smooth_noise(generator, frames, 6, 3)
    turns = degrees + np.radians([1.6, 1.4, 1.0]) * drift[:, :3]
    places = place + 0.005 * drift[:, 3:5]
    scales = scale * (1 + 0.008 * drift[:, 5])
    return [
        Pose(*map(float, turn), *map(float, xy), float(s)) for turn, xy, s in zip(turns, places, scales, strict=True)
    ]


def smooth_noise(generator: np.random.Generator, frames: int, channels: int, waves: int) -> np.ndarray:
    """(F, channels) of unit variance: sums of `waves` slow sinusoids of random phase."""
    time = np.linspace(0.0, 1.0, frames)[:, None, None]
    frequency = generator.uniform(0.3, 2.2, (channels, waves))
    phase = generator.uniform(0.0, 2 * np.pi, (channels, waves))
    return np.sqrt(2.0 / waves) * np.sin(2 * np.pi * frequency * time + phase).sum(axis=2)
