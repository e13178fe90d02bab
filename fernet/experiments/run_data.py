"""How the clips of a run are found again, for commands that open a finished run."""

from dataclasses import replace
from pathlib import Path

from fernet.clips.prepared_file import PreparedSet, read_prepared
from fernet.datasets.load import holds_arrays
from fernet.experiments.cross_validation import settings_of
from fernet.experiments.single_frames import load_all_as_trained, single_frames
from fernet.experiments.tasks import CLIPS, TASKS
from fernet.networks.dtagn import DTAGN
from fernet.networks.predict import landmark_model_for
from fernet.progress import Progress
from fernet.training.settings import run_settings_from_json


def data_of_run(run: Path, model: DTAGN, landmark_model: str | None, progress: Progress) -> PreparedSet:
    """All clips of the run and why others were left out; for a task of a cross-validation, those that all tasks share.

    `run` is the folder of the run or its model file. Clips of recordings are read and tracked again.
    """
    folder = run if run.is_dir() else run.parent
    shared = folder.resolve().parent
    if shared.name == TASKS and (shared.parent / CLIPS).exists():
        prepared = read_prepared(shared.parent / CLIPS)
        if prepared.clips.preprocessing.appearance_frames > 1 == model.preprocessing.appearance_frames:
            return replace(prepared, clips=single_frames(prepared.clips, settings_of(shared.parent).peak))
        return prepared
    settings = run_settings_from_json(model.history)
    if landmark_model is None and not holds_arrays(settings.data):
        landmark_model = str(landmark_model_for(model, None))
    return load_all_as_trained(settings.data, model.preprocessing, landmark_model, progress, settings.reading)
