"""How the paper treats each database (sections 3 to 5), as data."""

from dataclasses import dataclass, replace

from fernet.errors import UserError
from fernet.networks import paper
from fernet.training.settings import INTEGRATIONS, RunSettings, Schedule

FOLDS = 10


@dataclass(frozen=True)
class PaperDataset:
    """One database of the paper.

    peak   where the expression is strongest: at the end of the clip, or in the middle where it fades again; the frame
           that the single-frame network sees
    """

    title: str
    accuracy_table: int  # numbers of its tables and of its figure in the paper
    confusion_table: int
    recall_figure: int
    small_networks: bool
    peak: str


DATASETS = {
    "ck+": PaperDataset("CK+", 2, 3, 8, False, "end"),
    "oulu": PaperDataset("Oulu-CASIA", 4, 5, 9, False, "end"),
    "mmi": PaperDataset("MMI", 6, 7, 10, True, "middle"),
}
# Two folds of which each learns from half of the people, for a look at the whole path in minutes.
_QUICK = {
    "dtan_schedule": Schedule(epochs=2),
    "dtgn_schedule": Schedule(epochs=15),
    "joint_schedule": Schedule(epochs=4, learning_rate=0.003),
}


def recognise_dataset(data: str) -> str | None:
    """Which database of the paper, a key of `DATASETS`, the data is or stands in for; None if it is another."""
    from pathlib import Path

    from fernet.datasets.load import SYNTHETIC

    if data.startswith(SYNTHETIC):
        name = data.removeprefix(SYNTHETIC)
    else:
        from fernet.datasets.find import recognise

        if not Path(data).exists():
            raise UserError(f"{data} does not exist: expected a folder of clips, a CSV, or synthetic:ck+ and its like")
        name = recognise(Path(data))
    return name if name in DATASETS else None


def check_data(data: str, dataset: str) -> None:
    """UserError if the data is recognised as another database than `dataset`."""
    found = recognise_dataset(data)
    if found not in (None, dataset):
        raise UserError(
            f"{data} looks like {DATASETS[found].title}, not {DATASETS[dataset].title}: "
            f"expected its folder; `reproduce {found}` takes this one"
        )


def run_settings(data: str, dataset: str | None, quick: bool = False) -> RunSettings:
    """The settings that every fold of an experiment shares; data that the paper does not use gets those of CK+."""
    settings = RunSettings(data=data, folds=2 if quick else FOLDS, integrations=tuple(INTEGRATIONS))
    if dataset is not None and DATASETS[dataset].small_networks:
        settings = replace(settings, dtan=str(paper.dtan(6, small=True)), dtgn=str(paper.dtgn(6, small=True)))
    return replace(settings, **_QUICK) if quick else settings
