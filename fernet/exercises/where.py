"""Where an array is wrong: how many values, the first of them, and what they have in common."""

import numpy as np

from fernet.exercises.candidates import close

_TOLERANCE = 1e-6  # of the largest value of either array


def wrong_values(given: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Which values differ by more than the tolerance."""
    scale = max(np.abs(given).max(initial=0.0), np.abs(right).max(initial=0.0), 1e-8)
    return np.abs(given - right) > _TOLERANCE * scale


def in_common(wrong: np.ndarray, given: np.ndarray, right: np.ndarray, axes: tuple[str, ...]) -> str:
    """A property that all wrong values share and some right ones lack, or an empty string."""
    if wrong.all():
        return ""
    found = []
    for axis, name in enumerate(axes):
        others = tuple(one for one in range(wrong.ndim) if one != axis)
        places = np.flatnonzero(wrong.any(axis=others))
        if len(places) == 1 and wrong.shape[axis] > 1:
            found.append(f"all in {name} {places[0]}")
    if {"row", "column"} <= set(axes) and not found:
        found += _border(wrong, axes)
    if not found and np.all(given[wrong] == 0):
        found.append("all of them are zero in yours")
    if not found and close(given[wrong], -right[wrong]):
        found.append("there the sign is wrong")
    return ", ".join(found)


def _border(wrong: np.ndarray, axes: tuple[str, ...]) -> list[str]:
    rows, columns = axes.index("row"), axes.index("column")
    place = np.indices(wrong.shape)
    height, width = wrong.shape[rows], wrong.shape[columns]
    distance = np.minimum(
        np.minimum(place[rows], height - 1 - place[rows]), np.minimum(place[columns], width - 1 - place[columns])
    )
    furthest = int(distance[wrong].max())
    if furthest >= (min(height, width) - 1) // 2:
        return []
    return [f"all within {furthest + 1} pixel{'s' if furthest else ''} of the border"]
