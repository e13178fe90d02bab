"""From video files to class probabilities, by the path that the training data took."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np

from fernet.clips.clip import prepare_clip
from fernet.clips.sequence_set import SequenceSet
from fernet.errors import UserError
from fernet.faces.landmarks import LandmarkModel
from fernet.faces.tracking import TrackReport
from fernet.networks.dtagn import DTAGN
from fernet.networks.scoring import score_clips


@dataclass(frozen=True)
class Prediction:
    """What the model says about one clip: probabilities (classes,) by method, and how the face was followed."""

    clip: str
    scores: dict[str, np.ndarray]
    report: TrackReport

    def label(self, classes: tuple[str, ...]) -> str:
        """The class that the joint top names or, where the model has none, its last method."""
        chosen = self.scores.get("joint", list(self.scores.values())[-1])
        return classes[int(chosen.argmax())]


def predict_clips(
    model: DTAGN,
    clips: list[Path],
    landmark_model: LandmarkModel,
    library: ModuleType,
    *,
    on_missing_face: str = "interpolate",
    clip_done: Callable[[], None] = lambda: None,
) -> tuple[list[Prediction], list[str]]:
    """Predictions for the clips that can be used, and a message for each of the others."""
    predictions, failures = [], []
    for clip in clips:
        try:
            prepared = prepare_clip(
                clip,
                landmark_model,
                model.preprocessing,
                on_missing_face=on_missing_face,
            )
        except UserError as error:
            failures.append(str(error))
        else:
            one = SequenceSet(
                prepared.faces[None], prepared.landmarks[None], np.zeros(1, np.int64), model.classes, ("",),
                (str(clip),), model.preprocessing, str(clip),
            )  # fmt: skip
            scores = {method: p[0] for method, p in score_clips(model, one, library).items()}
            predictions.append(Prediction(str(clip), scores, prepared.report))
        clip_done()
    return predictions, failures
