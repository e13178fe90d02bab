"""Augmented faces of a batch in one launch; see face_inputs.cu."""

import numpy as np

from fernet.backend import Array, array_library
from fernet.fast.cuda import kernels
from fernet.inputs.augmentation import ANGLES, VARIANTS

_THREADS = 1024


def face_inputs(faces: Array, samples: np.ndarray, variants: int = VARIANTS) -> Array:
    """As `inputs.augmentation.face_inputs`, for faces on the device.

    Grey values equal those of OpenCV 5, which interpolates in floating point, except for a few in a thousand that lie
    halfway between two levels; OpenCV 4 rounds positions to 1/32 of a pixel.
    """
    if faces.dtype != np.uint8:  # a kernel would read their bytes
        raise TypeError(f"faces must be uint8, got {faces.dtype}")
    degrees = (0.0, *ANGLES)
    library = array_library(faces)
    faces = library.ascontiguousarray(faces)
    _, frames, side, _ = faces.shape
    angles = np.deg2rad(degrees)
    turns = np.zeros(1, [("at", "f4", (len(degrees), 2))])
    turns["at"] = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    out = library.empty((len(samples), side, side, frames), "float32")
    kernel = kernels.kernel("face_inputs", "face_inputs", SIDE=side, FRAMES=frames, TURNS=len(degrees))
    kernel((len(samples),), (_THREADS,), (faces, library.asarray(samples, "int64"), out, turns, variants))
    return out
