"""Rendering a clip of a synthetic set: frames and landmarks."""

from dataclasses import dataclass

import numpy as np

from fernet.synthetic.appearance import draw_appearance
from fernet.synthetic.camera import draw_sensor, expose
from fernet.synthetic.expressions import draw_manner, peak_activation
from fernet.synthetic.face_shape import person_shape
from fernet.synthetic.head import Head, make_head, render_head
from fernet.synthetic.lighting import draw_light
from fernet.synthetic.scene import paint_body, paint_wall
from fernet.synthetic.sets import SETS, ClipSpec
from fernet.synthetic.timing import activation_over_time, head_poses, smooth_noise


@dataclass(frozen=True)
class RenderedClip:
    """frames (F, size, size) uint8 grey; landmarks (F, 68, 2) float32, x and y in pixels, pixel centres at integers."""

    frames: np.ndarray
    landmarks: np.ndarray


def render_clip(spec: ClipSpec, size: int = 192) -> RenderedClip:
    """The clip that `spec` describes, in square frames of side `size`; the same spec gives the same pixels."""
    head = head_of(spec)
    activations = _activations(spec)
    F = len(activations)
    poses = head_poses(F, spec.clip_generator("head"))
    light = draw_light(spec.clip_generator("light"))
    sensor = draw_sensor(spec.clip_generator("sensor"))
    wall = paint_wall(spec.clip_generator("wall"), size, clutter=0.15)
    behind = paint_body(wall, poses[0], head.appearance, light, spec.subject_generator("clothes"))
    gaze = 0.012 * smooth_noise(spec.clip_generator("gaze"), F, 2, 2)
    grain = spec.clip_generator("grain")
    frames = np.empty((F, size, size), np.uint8)
    landmarks = np.empty((F, 68, 2), np.float32)
    for frame in range(F):
        picture, landmarks[frame] = render_head(head, activations[frame], poses[frame], gaze[frame], light, behind)
        frames[frame] = expose(picture, sensor, grain)
    return RenderedClip(frames, landmarks)


def head_of(spec: ClipSpec) -> Head:
    """The head of the clip's subject, the same in all clips of that subject."""
    shape = person_shape(spec.subject_generator("shape"), strength=0.85)
    return make_head(shape, draw_appearance(spec.subject_generator("appearance")), spec.subject_generator("surface"))


def _activations(spec: ClipSpec) -> np.ndarray:
    """(F, A, 2)"""
    description = SETS[spec.set_name]
    shortest, longest = description.frames
    frames = int(spec.clip_generator("length").integers(shortest, longest + 1))
    manner = draw_manner(spec.subject_generator("manner"))
    peak = peak_activation(spec.label, manner, spec.clip_generator("expression"))
    timing = spec.clip_generator("timing")
    return activation_over_time(peak, frames, description.returns_to_neutral, manner, timing)
