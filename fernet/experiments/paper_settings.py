"""The settings of an experiment on each database, as in the paper."""

from dataclasses import replace
from pathlib import Path

from fernet.datasets.find import recognise
from fernet.datasets.load import SYNTHETIC
from fernet.errors import UserError
from fernet.experiments.paper_datasets import DATASETS
from fernet.networks.dtagn import INTEGRATIONS
from fernet.training.settings import RunSettings, Schedule

FOLDS = 10
# Two folds, each trained on half of the people: the whole path in minutes.
_QUICK = {
    "dtan_schedule": Schedule(epochs=2),
    "dtgn_schedule": Schedule(epochs=15),
    "joint_schedule": Schedule(epochs=4, learning_rate=0.003),
}


def recognise_dataset(data: str) -> str | None:
    """The database of the paper (a key of `DATASETS`) that the data are, or stand in for; None if there is none."""
    if data.startswith(SYNTHETIC):
        name = data.removeprefix(SYNTHETIC)
    else:
        if not Path(data).exists():
            raise UserError(f"{data} does not exist: expected a folder of clips, a CSV, or a set such as synthetic:ck+")
        name = recognise(Path(data))
    return name if name in DATASETS else None


def check_data(data: str, dataset: str) -> None:
    """UserError if the data are recognised as a database other than `dataset`."""
    found = recognise_dataset(data)
    if found not in (None, dataset):
        raise UserError(
            f"{data} looks like {DATASETS[found].title}, not {DATASETS[dataset].title}: "
            f"expected its folder; `reproduce {found}` takes this one"
        )


def takes_small_networks(data: str) -> bool:
    """Whether the paper has smaller networks for the database that the data are: it has, for MMI."""
    if data.endswith(".npz") or not (data.startswith(SYNTHETIC) or Path(data).exists()):
        return False  # a prepared file does not say; what does not exist is refused where it is loaded
    name = recognise_dataset(data)
    return name is not None and DATASETS[name].small_networks


def run_settings(data: str, dataset: str | None, quick: bool = False) -> RunSettings:
    """The settings that all folds of an experiment share; data that the paper does not use get those of CK+."""
    settings = RunSettings(data=data, folds=2 if quick else FOLDS, integrations=tuple(INTEGRATIONS))
    settings = replace(settings, small_networks=dataset is not None and DATASETS[dataset].small_networks)
    return replace(settings, **_QUICK) if quick else settings
