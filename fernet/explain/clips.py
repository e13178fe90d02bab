"""Which clips a page shows: those of the run by name, or any video or folder of frames."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fernet.clips.sequence_set import SequenceSet
from fernet.datasets.load import SYNTHETIC
from fernet.errors import UserError
from fernet.experiments.held_out import check_same_classes, held_out_of_run
from fernet.experiments.run_data import data_of_run
from fernet.faces.landmarks import LandmarkModel
from fernet.networks.dtagn import DTAGN
from fernet.networks.predict import (
    chosen_method,
    clip_as_trained,
    frames_as_trained,
    landmark_model_for,
    score_clips,
)
from fernet.progress import SILENT, Progress

_NAMED = 5  # clips that a message names


@dataclass(frozen=True)
class ShownClip:
    """faces (T_a, S, S) uint8, landmarks (T_g, 49, 2) float32 in crop pixels; label is None where nobody knows it."""

    name: str
    faces: np.ndarray
    landmarks: np.ndarray
    label: int | None
    held_out: bool  # of a person on whom the model was not trained


def shown_clips(
    run: Path, model: DTAGN, names: tuple[str, ...], landmark_model: str | None = None, progress: Progress = SILENT
) -> list[ShownClip]:
    """The clips called `names`, in that order; without names the first held-out clip that the model gets wrong.

    A name is that of a clip of the run's data or, if it has none of that name, the path of a video or a folder.
    """
    if names and all(Path(name).exists() for name in names):  # the data of the run may be gone
        return [_from_path(Path(name), model, landmark_model, progress) for name in names]
    clips = data_of_run(run, model, landmark_model, progress).clips
    check_same_classes(model, clips)
    held_out = held_out_of_run(run, model, clips, progress)
    if not names:
        return [_of_set(held_out, _first_wrong(model, held_out), held_out)]
    shown = []
    for name in names:
        if name in clips.names:
            shown.append(_of_set(clips, clips.names.index(name), held_out))
        elif Path(name).exists():
            shown.append(_from_path(Path(name), model, landmark_model, progress))
        else:
            some = ", ".join(held_out.names[:_NAMED])
            raise UserError(
                f"there is no clip {name}: expected the path of a video or of a folder of frames, or one of the "
                f"{len(clips)} clips of {clips.title}, e.g. {some}"
            )
    return shown


def is_procedural(model: DTAGN, shown: list[ShownClip]) -> bool:
    """Whether no clip shows a person: all are of a procedural set."""
    return str(model.history.get("data")).startswith(SYNTHETIC) and all(clip.label is not None for clip in shown)


def _first_wrong(model: DTAGN, clips: SequenceSet) -> int:
    """The first clip that the `chosen_method` gets wrong; 0 if all are right."""
    scores = score_clips(model, clips.faces, clips.landmarks, np)
    taken = scores[chosen_method(scores)].argmax(axis=1)
    return int(np.flatnonzero(np.append(taken != clips.labels, True))[0]) % len(clips)


def _of_set(clips: SequenceSet, number: int, held_out: SequenceSet) -> ShownClip:
    name = clips.names[number]
    return ShownClip(
        name, clips.faces[number], clips.landmarks[number], int(clips.labels[number]), name in held_out.names
    )


def _from_path(path: Path, model: DTAGN, landmark_model: str | None, progress: Progress) -> ShownClip:
    rotation, on_missing_face = frames_as_trained(model, None, None, progress)
    landmarks = LandmarkModel(landmark_model_for(model, landmark_model, progress))
    clip = clip_as_trained(model, path, landmarks, rotation, on_missing_face)
    return ShownClip(path.name, clip.faces, clip.landmarks, None, True)
