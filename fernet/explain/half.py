"""A model whose weights are rounded to half precision: the model that the page shows, and small enough to ship."""

import copy

import numpy as np

from fernet.errors import UserError
from fernet.inputs.augmentation import network_faces
from fernet.inputs.trajectories import normalise_landmarks
from fernet.networks.dtagn import DTAGN


def in_half_precision(model: DTAGN) -> DTAGN:
    """A copy of `model`, its weights rounded to float16 and kept as float64; UserError for weights beyond float16."""
    rounded = copy.deepcopy(model)
    for name, part in rounded.parts.items():
        params = {}
        for key, w in part.params.items():
            with np.errstate(over="ignore"):
                params[key] = w.astype(np.float16).astype(np.float64)
            if not np.isfinite(params[key]).all():
                raise UserError(
                    f"the weights {name}.{key} are not finite or larger than half precision can hold (65504), as after "
                    "a training that diverged: expected another model"
                )
        part.set_params(params)
    return rounded


def face_input(faces: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Input (1, S, S, T) float64 of DTAN, and the mean and factor that make it from faces (T, S, S) uint8.

    As `network_faces`, but in float64, so that the browser can repeat it: x = (pixel - mean) factor.
    """
    pixels = faces.transpose(1, 2, 0).astype(np.float64)
    mean, factor = float(pixels.mean()), float(1 / (pixels.std() + 1e-3))
    return ((pixels - mean) * factor)[None], mean, factor


def trajectory_input(model: DTAGN, landmarks: np.ndarray) -> np.ndarray:
    """Input (1, 98 T_g) float64 of DTGN, rounded to float32, from landmarks (T_g, 49, 2) in crop pixels."""
    trajectory = normalise_landmarks(landmarks, model.preprocessing.nose_point).reshape(1, -1)
    return (trajectory - model.trajectory_mean).astype(np.float32).astype(np.float64)


def change_by_rounding(model: DTAGN, rounded: DTAGN, faces: np.ndarray, landmarks: np.ndarray) -> float:
    """The largest change of any probability of a clip by rounding the weights; not finite if one of them is not."""
    trajectory = trajectory_input(model, landmarks)
    with np.errstate(all="ignore"):  # numbers that are too large give probabilities that are not finite
        before = model.scores(network_faces(faces[None]), trajectory.astype(np.float32))
        after = rounded.scores(face_input(faces)[0], trajectory)
    return float(np.max([np.abs(before[method] - after[method]) for method in before]))
