"""The clips that were misclassified, with their frames."""

import base64
from collections.abc import Mapping, Sequence
from html import escape

import cv2
import numpy as np

from fernet.clips.sequence_set import SequenceSet
from fernet.experiments.results import Failure
from fernet.reporting.html_tables import remark

_CASES = 200  # shown at most: the page must stay small enough to send


def faces_by_name(clips: SequenceSet) -> dict[str, np.ndarray]:
    """The faces (T_a, S, S) of each clip."""
    return dict(zip(clips.names, clips.faces, strict=True))


def case_cards(cases: Sequence[Failure], faces: Mapping[str, np.ndarray]) -> str:
    """A card for each case, grouped by class; without frames where `faces` lacks the clip."""
    if not cases:
        return "<p>None: every clip was recognised.</p>"
    blocks, shown = [], cases[:_CASES]
    for label in dict.fromkeys(case.label for case in shown):
        cards = [
            f'<div class="case">{_frames(faces[case.name]) if case.name in faces else ""}'
            f"<strong>{escape(case.prediction)}</strong> {case.probability:.0%}<br>"
            f'<span class="quiet">{escape(case.name)}</span></div>'
            for case in shown
            if case.label == label
        ]
        blocks.append(f'<h3>{escape(label)}, taken for</h3><div class="cases">{"".join(cards)}</div>')
    more = remark(f"and {len(cases) - _CASES} other clips") if len(cases) > _CASES else ""
    return "".join(blocks) + more


def _frames(faces: np.ndarray) -> str:
    images = (base64.b64encode(cv2.imencode(".png", face)[1].tobytes()).decode() for face in faces)
    shown = "".join(f'<img alt="" src="data:image/png;base64,{image}">' for image in images)
    return f'<div class="frames">{shown}</div>'
