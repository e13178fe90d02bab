"""Prediction with a trained model: from clips as arrays, or from video files, to class probabilities."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

import numpy as np

from fernet import fast
from fernet.clips.clip import ClipArrays, clip_from_frames
from fernet.clips.peak import frame_at
from fernet.clips.provenance import Provenance, provenance_from_json
from fernet.clips.sequence_set import Preprocessing
from fernet.errors import UserError, first_line
from fernet.faces.landmarks import LandmarkModel, find_model, find_recorded_model
from fernet.faces.length_notes import notes_on_lengths
from fernet.faces.tracking import TrackReport
from fernet.inputs.trajectories import normalise_landmarks
from fernet.networks.dtagn import DTAGN
from fernet.progress import SILENT, Progress

_BATCH = 64


def landmark_model_for(model: DTAGN, chosen: str | None, progress: Progress = SILENT) -> Path:
    """The landmark model for clips that `model` is to classify: `chosen`, else the one of its training data.

    Other landmarks give other labels: a recorded model that cannot be found is a UserError. Where none is recorded, as
    in models of earlier versions and in those trained on procedural sets, `find_model` decides.
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
    return find_model(chosen, progress)


def frames_as_trained(
    model: DTAGN, rotation: int | None, on_missing_face: str | None, progress: Progress
) -> tuple[int, str]:
    """The rotation of the frames and the treatment of those without a face: as chosen, else as for the training data.

    Clips that the training rotated differently, as MMI's, say nothing of others, which are then taken as they are.
    """
    trained = provenance_from_json(model.data)
    if rotation is None:
        rotation = trained.rotation or 0
        if rotation:
            progress.note(
                f"frames are rotated by {rotation} degrees clockwise, as those the model was trained on; "
                "--rotation 0 leaves them as they are"
            )
    if on_missing_face is None:
        on_missing_face = trained.on_missing_face or "interpolate"
    return rotation, on_missing_face


def peak_of(model: DTAGN) -> str | None:
    """Where in each clip a model of single frames sees it, "end" or "middle"; None if it is not recorded, or for more.

    Models of earlier versions record nothing and see the last frame.
    """
    return provenance_from_json(model.data).peak if model.preprocessing.appearance_frames == 1 else None


def note_differences(model: DTAGN, clips: Provenance, progress: Progress) -> None:
    """Note what is different between the clips to be classified and those on which the model was trained."""
    for difference in provenance_from_json(model.data).differences(clips):
        progress.note(f"the model was trained on {difference}: labels may differ")


@dataclass(frozen=True)
class Prediction:
    """The prediction for one clip: probabilities (classes,) by method, and a report on the tracking of the face."""

    clip: str
    scores: dict[str, np.ndarray]
    report: TrackReport

    def label(self, classes: tuple[str, ...]) -> str:
        """The class predicted by the `chosen_method`."""
        return classes[int(self.scores[chosen_method(self.scores)].argmax())]


@dataclass(frozen=True)
class Failure:
    """A clip for which there is no prediction, and why, in one sentence."""

    clip: str
    message: str


def chosen_method(scores: dict[str, np.ndarray]) -> str:
    """The method whose label counts: the joint top or, if the model has none, its last method."""
    return "joint" if "joint" in scores else list(scores)[-1]


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
    rotation: int = 0,
    on_missing_face: str = "interpolate",
    progress: Progress = SILENT,
) -> Iterator[Prediction | Failure]:
    """The prediction for each clip, or the reason why there is none, as soon as it is known."""
    for note in notes_on_lengths(clips):
        progress.note(note)
    with progress.task("clips", len(clips)) as bar:
        for path in clips:
            yield _predict_clip(model, path, landmark_model, library, rotation, on_missing_face)
            bar.advance(1)


def clip_as_trained(
    model: DTAGN, path: Path, landmark_model: LandmarkModel, rotation: int, on_missing_face: str
) -> ClipArrays:
    """The clip, for a model of single frames with the face at the place where its training took it."""
    peak, preprocessing = peak_of(model), model.preprocessing
    if peak is not None:
        preprocessing = replace(preprocessing, appearance_frames=Preprocessing().appearance_frames)
    clip = clip_from_frames(path, landmark_model, preprocessing, rotation=rotation, on_missing_face=on_missing_face)
    if peak is None:
        return clip
    return replace(clip, faces=clip.faces[None, frame_at(peak, len(clip.faces))])


def _predict_clip(
    model: DTAGN, path: Path, landmark_model: LandmarkModel, library: ModuleType, rotation: int, on_missing_face: str
) -> Prediction | Failure:
    try:
        clip = clip_as_trained(model, path, landmark_model, rotation, on_missing_face)
    except UserError as error:
        return Failure(str(path), str(error))
    except MemoryError:
        return Failure(str(path), f"{path}: it does not fit into memory; make its frames smaller or fewer")
    except Exception as error:  # whatever a decoder raises for one damaged clip, the others can be read
        return Failure(str(path), f"{path}: it cannot be read ({first_line(error)}); convert it to another format")
    scores = score_clips(model, clip.faces[None], clip.landmarks[None], library)
    return Prediction(str(path), {method: p[0] for method, p in scores.items()}, clip.report)
