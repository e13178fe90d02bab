"""The exercises in the order of the lessons."""

from fernet.exercises.subjects.across import Across
from fernet.exercises.subjects.contrast import Contrast
from fernet.exercises.subjects.conv_pixels import ConvPixels
from fernet.exercises.subjects.conv_weights import ConvWeights
from fernet.exercises.subjects.dropout import Dropout
from fernet.exercises.subjects.fork import Fork
from fernet.exercises.subjects.fully_connected import FullyConnected
from fernet.exercises.subjects.joint_loss import JointLoss
from fernet.exercises.subjects.max_pool import MaxPool
from fernet.exercises.subjects.multiframe import Multiframe
from fernet.exercises.subjects.relu import ReLU
from fernet.exercises.subjects.response import Response
from fernet.exercises.subjects.softmax import Softmax

_IN_ORDER = (Fork, FullyConnected, Softmax, ReLU, Dropout, ConvWeights, ConvPixels)
_IN_ORDER += (Multiframe, MaxPool, Response, Across, Contrast, JointLoss)
EXERCISES = {exercise.name: exercise() for exercise in _IN_ORDER}
