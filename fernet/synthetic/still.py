"""Single faces of random people, far more varied than the clips: training data for a landmark model."""

import numpy as np

from fernet.synthetic.action_units import UNIT_INDEX, UNIT_NAMES
from fernet.synthetic.appearance import draw_appearance
from fernet.synthetic.camera import draw_sensor, expose
from fernet.synthetic.expressions import EXPRESSIONS, draw_manner, peak_activation
from fernet.synthetic.face_shape import person_shape
from fernet.synthetic.head import make_head, render_head
from fernet.synthetic.lighting import draw_light
from fernet.synthetic.scene import paint_body, paint_wall
from fernet.synthetic.timing import Pose

_LARGEST_TURN = np.radians([25.0, 12.0, 15.0])  # yaw, pitch, roll


def random_face(generator: np.random.Generator, size: int = 128) -> tuple[np.ndarray, np.ndarray]:
    """A grey picture (size, size) uint8 of one face, and its landmarks (68, 2) float32 in pixels."""
    shape = person_shape(generator, strength=1.2)
    head = make_head(shape, draw_appearance(generator, glasses=0.2, beard=0.3), generator)
    light = draw_light(generator, variety=2.0)
    pose = _random_pose(generator)
    wall = paint_wall(generator, size, clutter=generator.uniform(0.0, 1.0))
    behind = paint_body(wall, pose, head.appearance, light, generator)
    gaze = generator.normal(0.0, 0.022, 2)
    picture, landmarks = render_head(head, _random_activation(generator), pose, gaze, light, behind)
    return expose(picture, draw_sensor(generator, variety=2.0), generator), landmarks.astype(np.float32)


def _random_pose(generator: np.random.Generator) -> Pose:
    yaw, pitch, roll = np.clip(generator.normal(0.0, 0.5, 3), -1, 1) * _LARGEST_TURN
    x, y = np.array([0.5, 0.44]) + generator.uniform(-0.05, 0.05, 2)
    return Pose(float(yaw), float(pitch), float(roll), float(x), float(y), float(generator.uniform(0.21, 0.33)))


def _random_activation(generator: np.random.Generator) -> np.ndarray:
    """(A, 2): one expression at some strength, a few unrelated units, and often an open mouth."""
    label = str(generator.choice(tuple(EXPRESSIONS)))
    activation = generator.uniform(0.0, 1.2) * peak_activation(label, draw_manner(generator), generator)
    for name in generator.choice(UNIT_NAMES, 3, replace=False):
        activation[UNIT_INDEX[str(name)]] += abs(generator.normal(0.0, 0.3, 2))
    if generator.random() < 0.4:
        opening = str(generator.choice(["AU25", "AU26", "AU27"]))
        activation[UNIT_INDEX[opening]] += generator.uniform(0.0, 0.9)
    return np.clip(activation, 0.0, 1.25)
