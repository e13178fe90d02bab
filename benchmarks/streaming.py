"""Preprocessing a ten-minute video: memory and time per frame must not grow with its length.

    python benchmarks/streaming.py [--minutes 10]

The video (320 x 240, 25 frames per second) shows rendered heads and is written to a temporary folder. Each length is
prepared in a separate process, so that its peak memory can be measured.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

from fernet import threads
from fernet.clips.clip import clip_from_frames
from fernet.clips.sequence_set import Preprocessing
from fernet.faces.landmarks import BUILT_IN, LandmarkModel
from fernet.synthetic import clip_specs, render_clip

RATE, WIDTH, HEIGHT = 25, 320, 240


def write_video(path: Path, frames: int) -> None:
    """Write a video of one person, who shows one expression after another."""
    clips = [render_clip(spec, HEIGHT).frames for spec in clip_specs("demo")[:3]]
    faces = np.concatenate([part for clip in clips for part in (clip, clip[::-1])])
    video = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), RATE, (WIDTH, HEIGHT), True)
    canvas = np.full((HEIGHT, WIDTH), 120, np.uint8)
    for number in range(frames):
        canvas[:, 40 : 40 + HEIGHT] = faces[number % len(faces)]
        video.write(cv2.cvtColor(canvas, cv2.COLOR_GRAY2BGR))
    video.release()


def prepare(path: Path) -> None:
    """Prepare one video in this process and print the time and memory it takes."""
    model, start = LandmarkModel(BUILT_IN), time.process_time()
    with threads.worker_threads(1):
        report = clip_from_frames(path, model, Preprocessing()).report
    seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 if sys.platform == "darwin" else 1024) / 1024
    print(
        f"{report.frames / RATE / 60:6.2f} minutes {report.frames:7} frames, face in {report.found / report.frames:.1%}"
        f"{1000 * seconds / report.frames:8.2f} ms of processor time per frame {1024 * peak:8.0f} MB at the peak"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--prepare", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.prepare:
        prepare(arguments.prepare)
        return
    with tempfile.TemporaryDirectory() as folder:
        for share in (0.05, 0.2, 1):
            path = Path(folder) / f"{share}.avi"
            write_video(path, max(1, round(arguments.minutes * share * 60 * RATE)))
            subprocess.run([sys.executable, __file__, "--prepare", str(path)], check=True)


if __name__ == "__main__":
    main()
