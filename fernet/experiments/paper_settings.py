"""The settings of an experiment on each database, as in the paper."""

import re
from dataclasses import replace
from pathlib import Path

from fernet.clips.prepared_file import preprocessing_of, title_of
from fernet.datasets.find import recognise
from fernet.datasets.load import SYNTHETIC
from fernet.errors import UserError
from fernet.experiments.paper_datasets import DATASETS
from fernet.networks.dtagn import INTEGRATIONS
from fernet.progress import SILENT, Progress
from fernet.training.settings import RunSettings, Schedule

FOLDS = 10
# Two folds, each trained on half of the people: the whole path in minutes.
_QUICK = {
    "dtan_schedule": Schedule(epochs=2),
    "dtgn_schedule": Schedule(epochs=15),
    "joint_schedule": Schedule(epochs=4, learning_rate=0.003),
}


def recognise_dataset(data: str, layout: str | None = None, follow_links: bool = False) -> str | None:
    """The database of the paper (a key of `DATASETS`) that the data are, or stand in for; None if there is none.

    `layout` is what the user says of the data; by default it is recognised: in a folder by the names in it, with links
    followed or not, and in a prepared file by its title.
    """
    if layout is not None:
        return layout if layout in DATASETS else None
    if data.startswith(SYNTHETIC):
        name = data.removeprefix(SYNTHETIC)
    elif not Path(data).exists():
        raise UserError(f"{data} does not exist: expected a folder of clips, a CSV, or a set such as synthetic:ck+")
    elif data.endswith(".npz"):
        name = _titled(title_of(Path(data)))
    else:
        name = recognise(Path(data), follow_links)
    return name if name in DATASETS else None


def _titled(title: str) -> str | None:
    """The database with clips of this title, which its layout or procedural set gives to them."""
    if procedural := re.fullmatch(re.escape(SYNTHETIC) + r"(\S+) \(procedural faces\)", title):
        return procedural[1]
    if title.endswith(("(folder of clips)", "(CSV of clips)")):  # these begin with a name that the user chose
        return None
    return next((name for name, one in DATASETS.items() if re.match(re.escape(one.title) + r"(?:[ ,]|$)", title)), None)


def check_data(data: str, dataset: str, layout: str | None = None, follow_links: bool = False) -> None:
    """UserError if the data are recognised as a database other than `dataset`."""
    found = recognise_dataset(data, layout, follow_links)
    if found not in (None, dataset):
        raise UserError(
            f"{data} looks like {DATASETS[found].title}, not {DATASETS[dataset].title}: "
            f"expected its folder; `reproduce {found}` takes this one"
        )


def takes_small_networks(
    data: str, layout: str | None = None, follow_links: bool = False, progress: Progress = SILENT
) -> bool:
    """Whether the paper has smaller networks for the database that the data are (see `recognise_dataset`): for MMI.

    For a prepared file, whose name does not tell, `progress` notes it.
    """
    if not (data.startswith(SYNTHETIC) or Path(data).exists()):
        return False  # it is refused where it is loaded
    name = recognise_dataset(data, layout, follow_links)
    small = name is not None and DATASETS[name].small_networks
    if small and data.endswith(".npz"):
        progress.note(f"{data} holds clips of {DATASETS[name].title}: the paper's smaller networks for it are trained")
    return small


def run_settings(data: str, dataset: str | None, quick: bool = False) -> RunSettings:
    """The settings that all folds of an experiment share; data that the paper does not use get those of CK+."""
    settings = RunSettings(data=data, folds=2 if quick else FOLDS, integrations=tuple(INTEGRATIONS))
    settings = replace(settings, small_networks=dataset is not None and DATASETS[dataset].small_networks)
    if data.endswith(".npz"):
        own = preprocessing_of(Path(data))
        frames = replace(settings.options, frames=own.appearance_frames)
        settings = replace(settings, preprocessing=own, options=frames)
    return replace(settings, **_QUICK) if quick else settings
