"""Tracking a face compared with searching every frame for it: time, detection rate, agreement.

    python benchmarks/faces.py [--clips 6] [--repeats 3]

Rendered heads move across frames of 640 x 360 pixels. Both methods process the same frames, one after the other in each
round, and the medians over the rounds are compared.
"""

import argparse
import statistics
import time

import cv2
import numpy as np

from fernet.faces.detection import FaceDetector
from fernet.faces.tracking import FaceTracker
from fernet.synthetic import clip_specs, render_clip

WIDTH, HEIGHT, HEAD = 640, 360, 300
LENGTH = 60  # frames of a clip


def moving_head(number: int) -> list[np.ndarray]:
    """LENGTH frames (HEIGHT, WIDTH) uint8: a rendered clip, forwards and backwards, that drifts to the right."""
    specs = clip_specs("demo")
    faces = render_clip(specs[number * 17 % len(specs)], HEAD).frames
    order = [*range(len(faces)), *range(len(faces) - 2, 0, -1)]
    rng = np.random.default_rng(number)
    wall = cv2.resize(rng.integers(40, 200, (9, 16)).astype(np.uint8), (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    frames = []
    for at in range(LENGTH):
        frame, left = wall.copy(), 20 + 5 * at
        frame[30 : 30 + HEAD, left : left + HEAD] = faces[order[at % len(order)]]
        frames.append(frame)
    return frames


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    """Intersection over union of two boxes (4,)."""
    corner = np.minimum(one[:2] + one[2:], other[:2] + other[2:]) - np.maximum(one[:2], other[:2])
    common = np.prod(np.maximum(corner, 0))
    return float(common / (np.prod(one[2:]) + np.prod(other[2:]) - common))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--clips", type=int, default=6)
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    clips = [moving_head(number) for number in range(arguments.clips)]
    detector, seconds = FaceDetector(), {"full search": [], "tracker": []}
    for _ in range(arguments.repeats):
        start = time.perf_counter()
        searched = [boxes[0] if len(boxes := detector.search(frame)) else None for clip in clips for frame in clip]
        middle = time.perf_counter()
        tracked = []
        for clip in clips:
            tracker = FaceTracker(detector)
            tracked += [tracker.look(frame) for frame in clip]
        seconds["full search"].append(middle - start)
        seconds["tracker"].append(time.perf_counter() - middle)
    frames = len(searched)
    for name, boxes in (("full search", searched), ("tracker", tracked)):
        found = sum(box is not None for box in boxes)
        milliseconds = 1000 * statistics.median(seconds[name]) / frames
        print(f"{name:12} {milliseconds:7.2f} ms per frame, face found in {found} of {frames} ({found / frames:.1%})")
    both = [overlap(a, b) for a, b in zip(searched, tracked, strict=True) if a is not None and b is not None]
    ratio = statistics.median(seconds["full search"]) / statistics.median(seconds["tracker"])
    print(f"the tracker is {ratio:.1f} times as fast; where both find a face, their boxes overlap by")
    print(f"{statistics.median(both):.2f} (median of intersection over union), by at least {min(both):.2f}")


if __name__ == "__main__":
    main()
