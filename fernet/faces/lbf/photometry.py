"""What cameras, lamps and things in front of a face do to its pixels: variety for training landmarks."""

import numpy as np


def vary(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A grey image (S, S) uint8 in another light, through another lens, perhaps with something in front of it."""
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
    """Brightness that changes along a random direction, by up to a factor of two from side to side."""
    across = np.linspace(-0.5, 0.5, len(image), dtype=np.float32)
    angle, strength = rng.uniform(0, 2 * np.pi), rng.uniform(0, 0.7)
    slope = np.float32(strength * np.cos(angle)) * across + np.float32(strength * np.sin(angle)) * across[:, None]
    return image * np.exp(slope)


def _blurred(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    import cv2

    return cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 2.0))


def _occluded(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A flat rectangle somewhere, as wide and high as a twentieth to a quarter of the image."""
    size = len(image)
    width, height = (rng.uniform(0.05, 0.25, 2) * size).astype(int)
    left, top = rng.integers(0, size - width), rng.integers(0, size - height)
    covered = image.copy()
    covered[top : top + height, left : left + width] = rng.uniform(0, 255)
    return covered
