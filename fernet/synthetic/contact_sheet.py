"""A picture of what the synthetic faces look like: one row for each expression, from neutral to peak.

python -m fernet.synthetic.contact_sheet docs/images/synthetic_faces.png
"""

import sys
from pathlib import Path

import cv2
import numpy as np

from fernet.files import whole_file
from fernet.synthetic.render import render_clip
from fernet.synthetic.sets import SEVEN, clip_specs

_SIZE, _TOP, _SIDE, _CROP = 160, 8, 20, 120  # size of the frames; place and size of the part that is kept
_PEOPLE, _MOMENTS = 2, 4  # in each row


def contact_sheet(seed: int = 0) -> np.ndarray:
    """Grey picture (rows * 120, columns * 120) uint8 of faces from the set "demo"."""
    specs = clip_specs("demo", seed)
    rows = []
    for number, label in enumerate(SEVEN):
        clips = [spec for spec in specs if spec.label == label]
        row = [_moments(render_clip(clips[(number + 7 * person) % len(clips)], _SIZE).frames)
               for person in range(_PEOPLE)]  # fmt: skip
        rows.append(np.hstack(row))
    return np.vstack(rows)


def _moments(frames: np.ndarray) -> np.ndarray:
    chosen = frames[np.linspace(0, len(frames) - 1, _MOMENTS).round().astype(int)]
    return np.hstack(list(chosen[:, _TOP : _TOP + _CROP, _SIDE : _SIDE + _CROP]))


def main() -> None:
    with whole_file(Path(sys.argv[1])) as stream:
        stream.write(cv2.imencode(".png", contact_sheet())[1].tobytes())


if __name__ == "__main__":
    main()
