"""The points of a face: the 68 of iBUG, the 49 that the paper keeps, and their mirror images."""

import numpy as np

# The 68 points without the outline of the jaw (0-16) and the inner corners of the mouth (60, 64).
KEPT_POINTS = np.array([*range(17, 60), 61, 62, 63, 65, 66, 67])

# Point i of a mirrored face is point FLIP_PERMUTATION[i] of the face; left and right are as seen by the viewer.
# fmt: off
FLIP_PERMUTATION = np.array([
    9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 10, 11, 12, 13, 18, 17, 16, 15, 14, 28, 27, 26, 25, 30, 29, 22, 21, 20, 19, 24, 23,
    37, 36, 35, 34, 33, 32, 31, 42, 41, 40, 39, 38, 45, 44, 43, 48, 47, 46,
])
# fmt: on

# Regions of the 49 points, for drawing; those in CLOSED are closed curves.
REGIONS = {
    "left brow": slice(0, 5),
    "right brow": slice(5, 10),
    "nose bridge": slice(10, 14),
    "nostrils": slice(14, 19),
    "left eye": slice(19, 25),
    "right eye": slice(25, 31),
    "outer lips": slice(31, 43),
    "inner lips": slice(43, 49),
}
CLOSED = frozenset({"left eye", "right eye", "outer lips", "inner lips"})

OUTER_EYE_CORNERS = (19, 28)  # their distance is the unit of landmark errors
