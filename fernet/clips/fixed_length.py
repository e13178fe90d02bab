"""From frames, boxes and landmarks to what the networks take: crops and 49 points at a fixed number of frames."""

import numpy as np

from fernet.clips.sequence_set import Preprocessing
from fernet.clips.temporal_interpolation import interpolate
from fernet.errors import UserError
from fernet.faces.crop import crop_faces, points_in_crop
from fernet.faces.landmark_layout import KEPT_POINTS


def fixed_length(
    frames: np.ndarray | list[np.ndarray], boxes: np.ndarray, landmarks: np.ndarray, preprocessing: Preprocessing
) -> tuple[np.ndarray, np.ndarray]:
    """faces (T_a, S, S) uint8 and landmarks (T_g, 49, 2) float32 in crop pixels, from a clip of F frames.

    frames (F, H, W) uint8, boxes (F, 4) x, y, w, h and landmarks (F, 68, 2) x, y in pixels of the frames. The paper
    interpolates whole frames and then looks for faces; cropping first is the same where the box stands still, needs
    far less memory, and keeps a moving head from blurring.
    """
    if landmarks.shape != (len(frames), 68, 2):
        raise UserError(f"expects 68 points for each of {len(frames)} frames, got an array of {landmarks.shape}")
    S = preprocessing.image_size
    faces = crop_faces(frames, boxes, S)
    points = points_in_crop(landmarks[:, KEPT_POINTS], boxes, S)
    return (
        interpolate(faces, preprocessing.appearance_frames),
        interpolate(points, preprocessing.geometry_frames).astype(np.float32),
    )
