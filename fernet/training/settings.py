"""Everything that determines the outcome of a run."""

from dataclasses import dataclass, field
from typing import Any

from fernet.backend import PRECISIONS
from fernet.clips.sequence_set import Preprocessing
from fernet.datasets.reading import Reading
from fernet.errors import UserError
from fernet.evaluation.folds import FOLD_SCHEMES
from fernet.json_settings import checked, to_json
from fernet.networks.dtagn import INTEGRATIONS
from fernet.networks.notation import parse
from fernet.networks.options import NetworkOptions

_MOST_FOLDS = 10_000  # more than any dataset has people: a damaged file must not keep loops busy for ever
NETWORKS = ("dtan", "dtgn", "both")
TRAINED_LAYERS = ("all", "top")


@dataclass(frozen=True)
class Schedule:
    """How one network, or the joint top layers, are trained. The paper states none of these numbers."""

    epochs: int  # passes over all fourteen variants of every training clip
    learning_rate: float = 0.01
    batch_size: int = 64
    momentum: float = 0.9
    weight_decay: float = 5e-4

    def __post_init__(self) -> None:
        if not 1 <= self.epochs <= 10_000 or not 1 <= self.batch_size <= 65_536:
            raise UserError(f"{self.epochs} epochs of batches of {self.batch_size}: both must be at least 1")
        if not (0 < self.learning_rate <= 10 and 0 <= self.momentum < 1 and 0 <= self.weight_decay <= 1):
            raise UserError(
                f"learning rate {self.learning_rate}, momentum {self.momentum}, weight decay {self.weight_decay}: "
                "expected a learning rate above 0, a momentum from 0 to below 1, a decay from 0 to 1"
            )

    def learning_rate_at(self, epoch: int) -> float:
        """Half of the learning rate in the first epoch, a tenth from two thirds of the epochs on.

        With one or two epochs the learning rate does not change.
        """
        if self.epochs <= 2:
            return self.learning_rate
        if epoch == 0:
            return 0.5 * self.learning_rate
        return self.learning_rate * (0.1 if 3 * epoch >= 2 * self.epochs else 1.0)


@dataclass(frozen=True)
class StartingModel:
    """The trained model from which a run starts.

    file    path of the model file; None: the run starts from random weights
    sha256  of that file, in hexadecimal digits; another file in its place is refused
    layers  which layers are trained before the integration: "all" of them, or "top", the last one of each network
    """

    file: str | None = None
    sha256: str | None = None
    layers: str = "all"

    def __post_init__(self) -> None:
        if self.layers not in TRAINED_LAYERS:
            raise UserError(
                f"the layers of the starting model are {self.layers!r}: expected one of {', '.join(TRAINED_LAYERS)}"
            )
        if self.file is None and self.layers != "all":
            raise UserError(
                f"only the {self.layers} layers are to be trained, but no model to start from is given: name it with "
                "--init, or train all layers"
            )


@dataclass(frozen=True)
class RunSettings:
    """One run: data, fold, networks, schedules, seed. Stored as settings.json, and sufficient to repeat the run."""

    data: str = "synthetic:demo"
    folds: int = 5
    fold: int = 0
    fold_scheme: str = "stride"
    networks: str = "both"
    integrations: tuple[str, ...] = ("joint",)
    alpha: float = 0.5  # weight of DTAN in the weighted sum, Eq. 7
    dtan: str | None = None  # notation; None is the paper's
    dtgn: str | None = None
    small_networks: bool = False  # the paper's networks for MMI, which has fewer people
    options: NetworkOptions = field(default_factory=NetworkOptions)
    preprocessing: Preprocessing = field(default_factory=Preprocessing)
    dtan_schedule: Schedule = field(default_factory=lambda: Schedule(epochs=8))
    dtgn_schedule: Schedule = field(default_factory=lambda: Schedule(epochs=40))
    joint_schedule: Schedule = field(default_factory=lambda: Schedule(epochs=10, learning_rate=0.003))
    balance: bool = False  # every class is drawn equally often, however few clips it has
    init: StartingModel = field(default_factory=StartingModel)
    seed: int = 0
    backend: str = "auto"
    precision: str = "tf32"  # of matrix products on a GPU: tf32 or float32
    landmark_model: str | None = None
    reading: Reading = field(default_factory=Reading)

    def __post_init__(self) -> None:
        if self.networks not in NETWORKS:
            raise UserError(f"networks is {self.networks!r}: expected one of {', '.join(NETWORKS)}")
        if self.fold_scheme not in FOLD_SCHEMES:
            raise UserError(f"the fold scheme is {self.fold_scheme!r}: expected one of {', '.join(FOLD_SCHEMES)}")
        if not set(self.integrations) <= set(INTEGRATIONS) or len(set(self.integrations)) < len(self.integrations):
            raise UserError(f"integrations are {self.integrations}: expected each of {', '.join(INTEGRATIONS)} once")
        if self.precision not in PRECISIONS:
            raise UserError(f"the precision is {self.precision!r}: expected one of {', '.join(PRECISIONS)}")
        if self.folds > _MOST_FOLDS:
            raise UserError(f"{self.folds} folds: expected at most {_MOST_FOLDS}")
        for notation in (self.dtan, self.dtgn):
            if notation is not None:
                parse(notation)
        if not 0 <= self.alpha <= 1:
            raise UserError(f"alpha is {self.alpha}: expected 0 to 1")
        if not 0 <= self.seed < 2**32:
            raise UserError(f"the seed is {self.seed}: expected 0 to {2**32 - 1}")
        if self.options.frames != self.preprocessing.appearance_frames:
            raise UserError(
                f"the network takes T_a = {self.options.frames} frames, preprocessing makes "
                f"{self.preprocessing.appearance_frames}: expected the same number in options and preprocessing"
            )


def networks_of(settings: RunSettings) -> tuple[str, ...]:
    """The networks that a run trains: dtan, dtgn, or both."""
    return ("dtan", "dtgn") if settings.networks == "both" else (settings.networks,)


NESTED = {
    "options": NetworkOptions,
    "preprocessing": Preprocessing,
    "reading": Reading,
    "init": StartingModel,
    "dtan_schedule": Schedule,
    "dtgn_schedule": Schedule,
    "joint_schedule": Schedule,
}


def run_settings_from_json(values: Any) -> RunSettings:
    """The settings from which `to_json` made `values`; UserError if `values` is anything else."""
    if isinstance(values, dict):
        # In earlier versions the name of the data determined the networks, products were in TF32, there were no
        # choices in reading, and every run started from random weights and drew all samples equally often.
        small = values.get("data") == "synthetic:mmi"
        later = {"reading": to_json(Reading()), "init": to_json(StartingModel()), "balance": False}
        values = {"precision": "tf32", "small_networks": small, **later, **values}
    values = dict(checked(RunSettings, values))
    for name, kind in NESTED.items():
        values[name] = kind(**checked(kind, values.get(name)))
    values["integrations"] = tuple(values["integrations"])  # JSON has only lists
    return RunSettings(**values)
