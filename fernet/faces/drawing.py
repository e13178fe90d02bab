"""The results of the pipeline drawn on the frames: box, 49 points by region, and the nose as origin."""

import cv2
import numpy as np

_REGION, _POINT, _BOX, _ORIGIN, _CHOSEN = (80, 220, 80), (255, 255, 255), (60, 160, 255), (60, 60, 255), (0, 220, 255)
_FINE = 3  # fractional bits of the coordinates passed to OpenCV


def draw_face(
    frame: np.ndarray,
    box: np.ndarray,
    points: np.ndarray,
    nose_point: int,
    regions: dict[str, slice],
    closed: frozenset[str],
) -> np.ndarray:
    """(H, W, 3) uint8 BGR: the grey `frame` with its box (4,), the points (49, 2) and their regions as lines."""
    picture = cv2.cvtColor(frame, cv2.COLOR_GRAY2BGR)
    pen = max(1, round(box[2] / 150))
    fine = np.rint(points * 2**_FINE).astype(np.int32)
    x, y, w, h = (box - np.array([0, 0, 1, 1])) * 2**_FINE
    corners = [tuple(round(float(value)) for value in corner) for corner in ((x, y), (x + w, y + h))]
    cv2.rectangle(picture, *corners, _BOX, pen, cv2.LINE_AA, _FINE)
    for name, region in regions.items():
        cv2.polylines(picture, [fine[region]], name in closed, _REGION, pen, cv2.LINE_AA, _FINE)
    for number, point in enumerate(fine.tolist()):
        radius, colour = (3 * pen, _ORIGIN) if number == nose_point else (pen, _POINT)
        cv2.circle(picture, point, radius << _FINE, colour, -1, cv2.LINE_AA, _FINE)
    return picture


def mark_chosen(picture: np.ndarray) -> None:
    """Draw a border, in place, around a picture (H, W, 3) that DTAN receives."""
    edge = max(2, min(picture.shape[:2]) // 60)
    for border in (picture[:edge], picture[-edge:], picture[:, :edge], picture[:, -edge:]):
        border[:] = _CHOSEN


def write_caption(picture: np.ndarray, text: str) -> None:
    """Write a line of ASCII text in the upper left corner, in place."""
    size = min(picture.shape[:2]) / 500
    place = (round(16 * size), round(32 * size))
    for colour, pen in (((0, 0, 0), 3), ((255, 255, 255), 1)):
        cv2.putText(
            picture, text, place, cv2.FONT_HERSHEY_SIMPLEX, size, colour, max(1, round(pen * size)), cv2.LINE_AA
        )
