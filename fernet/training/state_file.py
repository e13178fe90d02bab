"""The state of an unfinished run, saved after every epoch, from which it resumes with the same bits."""

import csv
import io
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from fernet.array_file import ArrayFile, save_arrays
from fernet.backend import Array, array_library, to_host
from fernet.errors import UserError
from fernet.files import read_text
from fernet.networks.dtagn import DTAGN, INTEGRATIONS, new_top
from fernet.sgd import SGD
from fernet.training.fit import Epoch
from fernet.training.layer_statistics import LayerRow
from fernet.training.settings import Schedule

LOG_COLUMNS = ("network", "epoch", "loss", "accuracy", "learning_rate", "seconds")
_FILE = "state.npz"
STAGES = ("dtan", "dtgn", *INTEGRATIONS)


@dataclass(frozen=True)
class State:
    """The progress of a run: epochs done in each stage, and the velocities of the stage in progress."""

    epochs: dict[str, int] = field(default_factory=dict)
    stage: str | None = None
    velocity: dict[str, np.ndarray] = field(default_factory=dict)

    def epochs_done(self, stage: str) -> int:
        return self.epochs.get(stage, 0)

    def finished(self, stage: str, schedule: Schedule) -> bool:
        return self.epochs_done(stage) >= schedule.epochs

    def finished_epochs_of(self, rows: list[LayerRow]) -> list[LayerRow]:
        """The rows that an unfinished epoch did not write; the first epoch writes those of epoch 0, too."""
        return [row for row in rows if max(row.epoch, 1) <= self.epochs_done(row.network)]

    def restore_velocity(self, stage: str, optimiser: SGD) -> None:
        if stage == self.stage:
            for name, v in optimiser.velocity.items():
                optimiser.velocity[name] = array_library(v).asarray(self.velocity[name])


def save(out: Path, model: DTAGN, stage: str, epoch: int, optimiser: SGD, before: State) -> State:
    """Write the state after `epoch` epochs of `stage`, and return it."""
    state = State({**before.epochs, stage: epoch}, stage)
    arrays = {f"velocity/{name}": v for name, v in optimiser.velocity.items()}
    arrays |= {f"{part}/{name}": w for part, params in _params(model).items() for name, w in params.items()}
    description = {"epochs": state.epochs, "stage": stage}
    save_arrays(out / _FILE, description, {name: to_host(array) for name, array in arrays.items()})
    return state


def load(out: Path, model: DTAGN, top_only: bool = False) -> State:
    """Load the saved weights into `model` and return the state, which is empty if no epoch was finished.

    `top_only`: of the networks only the top layers are trained, and have velocities.
    """
    if not (out / _FILE).exists():
        return State()
    with ArrayFile(out / _FILE, "the state of a run") as file:
        epochs, stage = file.description.get("epochs"), file.description.get("stage")
        if not isinstance(epochs, dict) or stage not in STAGES or not set(epochs) <= set(STAGES):
            raise UserError(f"{file.path} is not the state of a run: its stages are {epochs!r}")
        if not all(isinstance(n, int) and n > 0 for n in epochs.values()):
            raise UserError(f"{file.path} is not the state of a run: its epochs are {epochs!r}")
        model.tops = {name: new_top(name, model.dtan, model.dtgn) for name in INTEGRATIONS if name in epochs}
        params = _params(model)
        if stage not in epochs or not set(epochs) <= set(params):
            raise UserError(f"{file.path} belongs to a run of other networks: it has {', '.join(epochs)}")
        arrays = {
            part: {name: file.read(f"{part}/{name}", w.shape, np.float32) for name, w in own.items()}
            for part, own in params.items()
        }
        trained = params[stage]
        if top_only and stage in model.networks:
            top, _ = model.networks[stage].layers[-1]
            trained = {name: w for name, w in trained.items() if name.startswith(f"{top}.")}
        velocity = {name: file.read(f"velocity/{name}", w.shape, np.float32) for name, w in trained.items()}
    for name, part in model.parts.items():
        part.set_params(arrays[name])
    return State(epochs, stage, velocity)


def log_text(log: list[list]) -> str:
    """The text of log.csv from rows of [stage, Epoch]."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(LOG_COLUMNS)
    for stage, e in log:
        writer.writerow([stage, e.number, f"{e.loss:.6f}", f"{e.accuracy:.6f}", e.learning_rate, f"{e.seconds:.2f}"])
    return text.getvalue()


def load_log(out: Path, state: State) -> list[list]:
    """The rows of log.csv that belong to finished epochs, as [stage, Epoch]."""
    return [[stage, epoch] for stage, epoch in read_log(out) if epoch.number <= state.epochs_done(stage)]


def read_log(out: Path) -> list[list]:
    """The rows of log.csv as [stage, Epoch], none if there is no such file; UserError if it is damaged."""
    try:
        rows = list(csv.DictReader(read_text(out / "log.csv").splitlines()))
        return [
            [row["network"], Epoch(int(row["epoch"]), *(float(row[name]) for name in LOG_COLUMNS[2:]))] for row in rows
        ]
    except FileNotFoundError:
        return []
    except (KeyError, ValueError, TypeError) as error:
        raise UserError(f"{out / 'log.csv'} cannot be read ({error}): delete it to resume without it") from None


def remove(out: Path) -> None:
    """Delete the state of a run that is complete."""
    (out / _FILE).unlink(missing_ok=True)


def _params(model: DTAGN) -> dict[str, dict[str, Array]]:
    return {name: part.params for name, part in model.parts.items()}
