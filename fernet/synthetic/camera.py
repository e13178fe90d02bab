"""The camera: from points in space to pixels, and from light to grey levels."""

from dataclasses import dataclass

import cv2
import numpy as np

from fernet.synthetic.face_shape import ANCHOR, JAW, MIRROR
from fernet.synthetic.timing import Pose

_DISTANCE = 9.0  # from the camera to the face, in outer eye distances: about 80 cm
_OUTLINE = np.r_[JAW, [ANCHOR[name] for name in ("hair side", "hair low", "hair bottom")]]
OUTLINE = np.unique(np.r_[_OUTLINE, MIRROR[_OUTLINE]])  # points on the visible outline of the head


def project(points: np.ndarray, pose: Pose, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Pixels (P, 2) and depths towards the viewer (P,), also in pixels, of points (P, 3) in a frame of side `size`."""
    turned = _slide_outline(points, pose.yaw) @ _rotation(pose).T
    scale = pose.scale * size
    centre = np.array([pose.x, pose.y]) * size - 0.5  # pixel 0 is centred on 0
    pixels = turned[:, :2] * (_DISTANCE / (_DISTANCE - turned[:, 2:])) * scale + centre
    return pixels, turned[:, 2] * scale


def _slide_outline(points: np.ndarray, yaw: float) -> np.ndarray:
    """On the side that turns away, the visible outline lies nearer than the ear: it slides along the cheek."""
    slid = points.copy()
    away = OUTLINE[points[OUTLINE, 0] * yaw > 0]
    slid[away, 2] *= 1 - min(0.55, 1.2 * abs(np.sin(yaw)))
    return slid


def _rotation(pose: Pose) -> np.ndarray:
    """(3, 3): first yaw, then pitch, then roll."""
    (cy, cp, cr), (sy, sp, sr) = np.cos([pose.yaw, pose.pitch, pose.roll]), np.sin([pose.yaw, pose.pitch, pose.roll])
    yaw = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    pitch = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    roll = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    return roll @ pitch @ yaw


@dataclass(frozen=True)
class Sensor:
    """How a camera turns the light of a scene into the grey levels of a frame."""

    gain: float
    black: float  # grey level in the absence of light
    gamma: float
    blur: float  # standard deviation, in sides of the frame
    noise: float  # standard deviation, in grey levels


def draw_sensor(generator: np.random.Generator, variety: float = 1.0) -> Sensor:
    """A random camera; `variety` 1 is for a set filmed in one studio, 2 for a collection of photographs."""
    return Sensor(
        gain=float(np.exp(generator.normal(0.0, 0.10 * variety))),
        black=float(abs(generator.normal(0.0, 8.0 * variety))),
        gamma=float(np.exp(generator.normal(-0.35, 0.12 * variety))),
        blur=float(generator.uniform(0.0015, 0.0025 + 0.0025 * variety)),
        noise=float(generator.uniform(0.5, 1.5 + 2.0 * variety)),
    )


def expose(light: np.ndarray, sensor: Sensor, generator: np.random.Generator) -> np.ndarray:
    """Grey levels (H, W) uint8 of a scene (H, W) float32 in which 1 is white."""
    deviation = sensor.blur * len(light)
    blurred = cv2.GaussianBlur(light, (0, 0), deviation) if deviation > 0.2 else light
    level = cv2.pow(np.clip(blurred * np.float32(sensor.gain), 0.0, 1.5), sensor.gamma)
    level = sensor.black + (250.0 - sensor.black) * level
    level += generator.standard_normal(level.shape, np.float32) * np.float32(sensor.noise)
    return np.clip(np.rint(level), 0, 255).astype(np.uint8)
