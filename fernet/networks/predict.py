"""Prediction with a trained model: from clips as arrays, or from video files, to class probabilities."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np

from fernet import fast
from fernet.clips.clip import clip_from_frames
from fernet.errors import UserError, first_line
from fernet.faces.landmarks import LandmarkModel, find_model, find_recorded_model, identity
from fernet.faces.tracking import TrackReport
from fernet.inputs.trajectories import normalise_landmarks
from fernet.networks.dtagn import DTAGN
from fernet.progress import SILENT, Progress

_BATCH = 64


def landmark_model_for(model: DTAGN, chosen: str | None, progress: Progress = SILENT) -> Path:
    """The landmark model for clips that `model` is to classify: `chosen`, else the one of its training data.

    Other landmarks give other labels: a model that differs from the recorded one is noted, and a recorded one that
    cannot be found is a UserError. Where none is recorded, as in models of earlier versions and in those trained on
    procedural sets, `find_model` decides.
    """
    record, setting = model.data.get("landmark_source"), model.history.get("landmark_model")
    if not isinstance(record, dict):
        return find_model(chosen or setting, progress)
    if chosen is None and record.get("sha256"):
        if (found := find_recorded_model(record, setting)) is None:
            raise UserError(
                f"the landmark model {record.get('name')} (SHA-256 {str(record['sha256'])[:12]}...), with which "
                "the model was trained, is not here: give that file, or another one, with --landmark-model"
            )
        return find_model(str(found), progress)
    path = find_model(chosen, progress)
    compare_landmarks(model, identity(path), progress)
    return path


def compare_landmarks(model: DTAGN, source: dict[str, str] | None, progress: Progress) -> None:
    """Note if landmarks from `source`, an `identity`, are not those on which the model was trained."""
    record = model.data.get("landmark_source")
    if isinstance(record, dict) and source is not None and source.get("sha256") != record.get("sha256"):
        progress.note(
            f"the model was trained on landmarks from {record.get('name')}, these are from {source.get('name')}: "
            "labels may differ"
        )


@dataclass(frozen=True)
class Prediction:
    """The prediction for one clip: probabilities (classes,) by method, and a report on the tracking of the face."""

    clip: str
    scores: dict[str, np.ndarray]
    report: TrackReport

    def label(self, classes: tuple[str, ...]) -> str:
        """The class predicted by the joint top or, if the model has none, by its last method."""
        chosen = self.scores.get("joint", list(self.scores.values())[-1])
        return classes[int(chosen.argmax())]


@dataclass(frozen=True)
class Failure:
    """A clip for which there is no prediction, and why, in one sentence."""

    clip: str
    message: str


def score_clips(model: DTAGN, faces: np.ndarray, landmarks: np.ndarray, library: ModuleType) -> dict[str, np.ndarray]:
    """Probabilities (N, classes) by method (dtan, dtgn, weighted_sum, joint, ...) for N clips, not augmented.

    faces (N, T_a, S, S) uint8 and landmarks (N, T_g, 49, 2) float32 in crop pixels, as in a `SequenceSet`; `library`
    computes, and the model's weights must be its arrays.
    """
    face_inputs, faces = fast.face_inputs(library), library.asarray(faces)
    trajectories = normalise_landmarks(landmarks, model.preprocessing.nose_point).reshape(len(landmarks), -1)
    trajectories = library.asarray(trajectories - model.trajectory_mean)
    by_method: dict[str, list[np.ndarray]] = {}
    for first in range(0, len(landmarks), _BATCH):
        batch = np.arange(first, min(first + _BATCH, len(landmarks)))
        with np.errstate(all="ignore"):  # numbers that are too large are found below
            scores = model.scores(
                face_inputs(faces, batch, 1) if model.dtan is not None else None,
                trajectories[batch[0] : batch[-1] + 1] if model.dtgn is not None else None,
            )
        for method, p in scores.items():
            if not np.isfinite(p).all():
                raise UserError(
                    f"the model gives probabilities by {method} that are not numbers: its weights are too large, as in "
                    "a damaged file or after a training that diverged; expected another model"
                )
            by_method.setdefault(method, []).append(p)
    return {method: np.concatenate(parts) for method, parts in by_method.items()}


def predict_clips(
    model: DTAGN,
    clips: list[Path],
    landmark_model: LandmarkModel,
    library: ModuleType,
    *,
    on_missing_face: str = "interpolate",
    progress: Progress = SILENT,
) -> Iterator[Prediction | Failure]:
    """The prediction for each clip, or the reason why there is none, as soon as it is known."""
    with progress.task("clips", len(clips)) as bar:
        for path in clips:
            yield _predict_clip(model, path, landmark_model, library, on_missing_face)
            bar.advance(1)


def _predict_clip(
    model: DTAGN, path: Path, landmark_model: LandmarkModel, library: ModuleType, on_missing_face: str
) -> Prediction | Failure:
    try:
        clip = clip_from_frames(path, landmark_model, model.preprocessing, on_missing_face=on_missing_face)
    except UserError as error:
        return Failure(str(path), str(error))
    except MemoryError:
        return Failure(str(path), f"{path}: it does not fit into memory; make its frames smaller or fewer")
    except Exception as error:  # whatever a decoder raises for one damaged clip, the others can be read
        return Failure(str(path), f"{path}: it cannot be read ({first_line(error)}); convert it to another format")
    scores = score_clips(model, clip.faces[None], clip.landmarks[None], library)
    return Prediction(str(path), {method: p[0] for method, p in scores.items()}, clip.report)
