"""What cameras, lamps and occluding objects do to the pixels of a face: augmentation for training landmarks."""

import cv2
import numpy as np


def vary(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The grey image (S, S) uint8 under another light, through another lens, and perhaps partly occluded."""
    varied = image.astype(np.float32)
    if rng.random() < 0.5:
        varied = _lit_from_a_side(varied, rng)
    if rng.random() < 0.5:
        varied = _blurred(varied, rng)
    if rng.random() < 0.15:
        varied = _occluded(varied, rng)
    varied = 255 * np.clip(varied / 255, 0, 1) ** np.exp(0.3 * rng.normal())  # gamma
    mean, contrast, brightness = varied.mean(), np.exp(0.25 * rng.normal()), 15 * rng.normal()
    varied = mean + contrast * (varied - mean) + brightness
    varied += rng.uniform(0, 6) * rng.standard_normal(varied.shape, np.float32)
    return np.clip(np.rint(varied), 0, 255).astype(np.uint8)


def _lit_from_a_side(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Brightness varies along a random direction, by a factor of up to two from one side to the other."""
    across = np.linspace(-0.5, 0.5, len(image), dtype=np.float32)
    angle, strength = rng.uniform(0, 2 * np.pi), rng.uniform(0, 0.7)
    slope = np.float32(strength * np.cos(angle)) * across + np.float32(strength * np.sin(angle)) * across[:, None]
    return image * np.exp(slope)


def _blurred(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 2.0))


def _occluded(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A uniform rectangle at a random place; each side is a twentieth to a quarter of the image's."""
    size = len(image)
    width, height = (rng.uniform(0.05, 0.25, 2) * size).astype(int)
    left, top = rng.integers(0, size - width), rng.integers(0, size - height)
    covered = image.copy()
    covered[top : top + height, left : left + width] = rng.uniform(0, 255)
    return covered
