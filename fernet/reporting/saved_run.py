"""Everything that the folder of one run tells, finished or not, and what it does not tell, and why."""

from dataclasses import dataclass, field
from pathlib import Path

from fernet.clips.prepared_file import PreparedSet
from fernet.datasets.load import SYNTHETIC
from fernet.errors import UserError, first_line
from fernet.evaluation.predictions_file import Predictions, read_predictions
from fernet.experiments.cross_validation import SETTINGS
from fernet.experiments.held_out import check_same_classes
from fernet.experiments.results import METHODS
from fernet.experiments.run_data import data_of_run
from fernet.experiments.tasks import TASKS
from fernet.files import read_json
from fernet.networks.model_file import load_model
from fernet.networks.predict import chosen_method
from fernet.progress import Progress
from fernet.training.data_record import ENVIRONMENT, DataRecord, data_mark, record_in
from fernet.training.fit import Epoch
from fernet.training.layer_file import read_layers
from fernet.training.layer_statistics import LayerRow
from fernet.training.run_folder import read_settings
from fernet.training.settings import RunSettings, Schedule
from fernet.training.state_file import STAGES, read_log

_MOST_EPOCHS = 10_000  # of a schedule
_LARGEST = 1e30  # number in a log or a statistic


@dataclass(frozen=True, eq=False)
class SavedRun:
    """A run, as its folder holds it.

    schedules     of the networks and tops that the settings name, in the order of training
    log, rows     log.csv by network, and layers.csv
    predictions   of the held-out clips, once the run is finished
    data          the clips of the run and what was left out; None if they are not needed or cannot be found
    faults        why a part is missing: of "log", "layers", "predictions", "data"
    """

    folder: Path
    settings: RunSettings
    title: str
    log: dict[str, list[Epoch]]
    rows: list[LayerRow]
    predictions: Predictions | None
    data: PreparedSet | None
    record: DataRecord | None
    faults: dict[str, str] = field(default_factory=dict)

    @property
    def schedules(self) -> dict[str, Schedule]:
        """By network or integration, in the order in which they are trained."""
        both = self.settings.networks == "both"
        schedules = {"dtan": self.settings.dtan_schedule, "dtgn": self.settings.dtgn_schedule}
        chosen = {name: one for name, one in schedules.items() if both or self.settings.networks == name}
        return chosen | dict.fromkeys(self.settings.integrations if both else (), self.settings.joint_schedule)

    @property
    def complete(self) -> bool:
        """Whether the run was trained to its end."""
        return (self.folder / "metrics.json").exists()

    @property
    def classes(self) -> int | None:
        """The number of classes, as far as it is known: the last layer has a unit for each."""
        if self.predictions is not None:
            return len(self.predictions.classes)
        return next((row.units for row in self.rows if row.loss is not None and (row.units or 0) >= 2), None)

    @property
    def method(self) -> str:
        """The method whose label `predict` prints; only for a run that has predictions."""
        return chosen_method(self.predictions.scores)

    @property
    def origin(self) -> str:
        """What the numbers were measured on, and how it was divided."""
        settings = self.settings
        procedural = ", no recordings of people" if settings.data.startswith(SYNTHETIC) else ""
        return f"{self.title}{procedural}: fold {settings.fold} of {settings.folds}, seed {settings.seed}"

    @property
    def resume(self) -> str:
        """The command that goes on with the run."""
        shared = self.folder.absolute().parent
        if shared.name == TASKS and (shared.parent / SETTINGS).exists():
            return f"crossval --resume {shared.parent}"
        return f"train --resume {self.folder}"

    def name_of(self, method: str) -> str:
        """The name of a network or method, as the paper has it."""
        if self.settings.networks == "dtan" and self.settings.options.frames == 1:
            method = "single_frame"
        return METHODS.get(method, method)


def load_run(folder: Path, progress: Progress) -> SavedRun:
    """The run in `folder`; UserError if it holds none. Its clips are found again only if it has predictions."""
    settings, faults = read_settings(folder), {}
    predictions = data = None
    log, rows = _log(folder, faults), _rows(folder, faults)
    if (folder / "metrics.json").exists():
        try:
            predictions = _checked(read_predictions(folder / "predictions.csv"))
        except (UserError, OSError) as error:
            faults["predictions"] = first_line(error)
    record = record_in(folder)
    if predictions is not None:
        data = _data(folder, predictions, record, faults, progress)
    return SavedRun(folder, settings, _data_title(folder, settings), log, rows, predictions, data, record, faults)


def _log(folder: Path, faults: dict[str, str]) -> dict[str, list[Epoch]]:
    log: dict[str, list[Epoch]] = {}
    try:
        for stage, epoch in read_log(folder):
            numbers = (epoch.loss, epoch.accuracy, epoch.learning_rate, epoch.seconds)
            if stage not in STAGES or not 1 <= epoch.number <= _MOST_EPOCHS or not all(map(_possible, numbers)):
                raise UserError(f"{folder / 'log.csv'} has a row that no run can have: {stage} {epoch.number}")
            log.setdefault(stage, []).append(epoch)
    except (UserError, OSError) as error:
        faults["log"] = first_line(error)
        return {}
    return log


def checked_layers(folder: Path) -> list[LayerRow]:
    """The rows of layers.csv in `folder`; UserError if there are none, or if they are not those of a run."""
    rows = read_layers(folder)
    if not rows:
        raise UserError(f"{folder / 'layers.csv'} has no rows or does not exist: earlier versions did not write it")
    for row in rows:
        units = row.units is None or row.units >= 1
        dead = row.dead is None or (row.units is not None and 0 <= row.dead <= row.units)
        numbers = (row.zeros, row.mean, row.deviation, row.gradient, row.update, row.loss)
        possible = all(value is None or _possible(value) for value in numbers)
        if not (units and dead and possible and 0 <= row.epoch <= _MOST_EPOCHS):
            raise UserError(f"{folder / 'layers.csv'} has a row that no run can have: {row.network} {row.layer}")
    return rows


def _possible(value: float) -> bool:
    return abs(value) <= _LARGEST  # not true of nan


def _rows(folder: Path, faults: dict[str, str]) -> list[LayerRow]:
    try:
        return checked_layers(folder)
    except (UserError, OSError) as error:
        faults["layers"] = first_line(error)
        return []


def _checked(predictions: Predictions) -> Predictions:
    if unknown := set(predictions.scores) - set(METHODS):
        raise UserError(f"predictions.csv has scores of {min(unknown)!r}: expected one of {', '.join(METHODS)}")
    return predictions


def _data(
    folder: Path, predictions: Predictions, record: DataRecord | None, faults: dict[str, str], progress: Progress
) -> PreparedSet | None:
    try:
        model = load_model(folder)
        data = data_of_run(folder, model, None, progress)
        check_same_classes(model, data.clips)
    except (UserError, OSError) as error:
        faults["data"] = first_line(error)
        return None
    if record is not None and record.mark is not None and record.mark != data_mark(data.clips):
        faults["data"] = "the data have changed since the training"
    elif missing := set(predictions.names) - set(data.clips.names):
        faults["data"] = f"the data no longer have {len(missing)} of the held-out clips"
    return data


def _data_title(folder: Path, settings: RunSettings) -> str:
    """The title of the data, or their name if environment.json does not have it."""
    try:
        return str(read_json(folder / ENVIRONMENT)["data"])
    except (OSError, ValueError, KeyError, TypeError):
        return settings.data
