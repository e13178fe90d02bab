"""CUDA twin of `sequences.augmentation.face_inputs`: one launch for a batch; see face_inputs.cu."""

from collections.abc import Sequence

import numpy as np

from fernet.backend import Array, array_library
from fernet.fast.cuda import kernels as cuda_kernels

_THREADS = 1024


def face_inputs(faces: Array, samples: np.ndarray, variants: int, degrees: Sequence[float]) -> Array:
    """(N, S, S, T) float32 from faces (clips, T, S, S) uint8 on the device.

    Variants v and v + len(degrees) are turned by degrees[v], anticlockwise; the latter are flipped, too.
    """
    library = array_library(faces)
    _, frames, side, _ = faces.shape
    angles = np.deg2rad(degrees)
    turns = np.zeros(1, [("at", "f4", (len(degrees), 2))])
    turns["at"] = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    out = library.empty((len(samples), side, side, frames), "float32")
    kernel = cuda_kernels.kernel("face_inputs", "face_inputs", SIDE=side, FRAMES=frames, TURNS=len(degrees))
    kernel((len(samples),), (_THREADS,), (faces, library.asarray(samples, "int64"), out, turns, variants))
    return out
