"""The paper's fourteen variants of a clip (section 3.4), computed when a batch needs them.

    variant    images                                landmarks
    0          as they are                           as they are
    1 2 3      rotated by -15, -10, -5 degrees       with Gaussian noise of 0.01 (Eq. 5)
    4 5 6      rotated by 5, 10, 15 degrees          rotated, the angle drawn anew for each frame (Eq. 6)
    7          variant 0, flipped                    variant 0, flipped
    8 .. 13    variants 1 .. 6, flipped              like 1 .. 6 and flipped, with independent noise and angles

The landmarks of variants 8 to 13 are therefore not mirror images of those of 1 to 6: each variant of a clip draws from
its own generator. Noise and angles are symmetric about zero, so flipping before or after the draw makes no difference,
and independent draws give more varied samples. The images have no random part; their flipped variants are exact.

The paper leaves open how images and landmarks are paired in joint training. Here variant i is paired with variant i, so
that a flipped face comes with flipped landmarks.
"""

import cv2
import numpy as np

from fernet import threads
from fernet.backend import Array, array_library, to_host
from fernet.inputs.trajectories import flip_landmarks

VARIANTS = 14
ANGLES = (-15.0, -10.0, -5.0, 5.0, 10.0, 15.0)  # degrees
NOISE = 0.01  # standard deviation on normalised landmarks
LARGEST_TURN = np.pi / 10
_UNFLIPPED = VARIANTS // 2
_PIECE = 8  # samples that one thread makes at a time


def face_inputs(faces: Array, samples: np.ndarray, variants: int = VARIANTS) -> Array:
    """Input of DTAN, (N, S, S, T) float32, for `samples`: sample i is variant i % variants of clip i // variants.

    faces (clips, T, S, S) uint8; the result belongs to the same array library.
    """

    def piece(part: np.ndarray) -> np.ndarray:
        return network_faces(np.stack([augment_faces(to_host(faces[i // variants]), i % variants) for i in part]))

    parts = [samples[first : first + _PIECE] for first in range(0, len(samples), _PIECE)]
    return array_library(faces).asarray(np.concatenate(threads.parallel_map(piece, parts)))


def augment_faces(faces: np.ndarray, variant: int) -> np.ndarray:
    """A variant of one clip's faces (T, S, S) uint8; border pixels are repeated where a rotation exposes new ones."""
    kind, flipped = variant % _UNFLIPPED, variant >= _UNFLIPPED
    if kind:
        size = faces.shape[1]
        centre = ((size - 1) / 2, (size - 1) / 2)
        turn = cv2.getRotationMatrix2D(centre, ANGLES[kind - 1], 1.0)
        rotated = [
            cv2.warpAffine(face, turn, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            for face in faces
        ]
        faces = np.stack(rotated)
    return faces[:, :, ::-1] if flipped else faces


def augment_landmarks(landmarks: np.ndarray, variant: int, rng: np.random.Generator) -> np.ndarray:
    """A variant of one clip's normalised landmarks (T, 49, 2), with noise or angles drawn from `rng`."""
    kind, flipped = variant % _UNFLIPPED, variant >= _UNFLIPPED
    if 1 <= kind <= 3:
        landmarks = landmarks + rng.normal(0, NOISE, landmarks.shape).astype(landmarks.dtype)
    elif kind >= 4:
        angles = rng.uniform(-LARGEST_TURN, LARGEST_TURN, len(landmarks))
        turns = np.array([[np.cos(angles), -np.sin(angles)], [np.sin(angles), np.cos(angles)]])  # (2, 2, T)
        landmarks = np.einsum("ijt,tpj->tpi", turns, landmarks).astype(landmarks.dtype)
    return flip_landmarks(landmarks) if flipped else landmarks


def network_faces(faces: np.ndarray) -> np.ndarray:
    """Network input (N, S, S, T) float32 from faces (N, T, S, S) uint8: each clip has mean 0 and standard deviation 1.

    A whole clip has one mean and one standard deviation: lighting cancels, but differences between frames remain.
    """
    x = np.ascontiguousarray(faces.transpose(0, 2, 3, 1), dtype=np.float32)
    x -= x.mean(axis=(1, 2, 3), keepdims=True)
    x /= x.std(axis=(1, 2, 3), keepdims=True) + np.float32(1e-3)  # a clip of a single grey value becomes zero
    return x
