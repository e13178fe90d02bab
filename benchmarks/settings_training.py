"""Training and scoring of one candidate on an inner split: nobody held out by an outer fold takes part."""

import hashlib
import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from settings_candidates import Candidate
from settings_joint import Pair, score

from fernet import threads
from fernet.clips.sequence_set import SequenceSet
from fernet.evaluation.folds import split
from fernet.evaluation.predictions_file import read_predictions
from fernet.json_settings import to_json
from fernet.progress import Progress
from fernet.training.data_record import data_mark
from fernet.training.finished import fault_in_results
from fernet.training.run import Run
from fernet.training.settings import RunSettings

INNER_FOLDS = 5  # one fifth of the training people of an outer fold choose the settings


def training_clips(clips: SequenceSet, folds: int, fold: int) -> SequenceSet:
    """The clips of all people whom outer fold `fold` does not hold out; only these may enter the search."""
    train, _ = split(clips.subjects, folds, fold)
    return clips.subset(train)


def inner_split(clips: SequenceSet, fold: int) -> tuple[SequenceSet, SequenceSet]:
    """The clips of `training_clips` divided by people: those that train a candidate, and those that judge it."""
    train, judge = split(clips.subjects, INNER_FOLDS, fold % INNER_FOLDS)
    return clips.subset(train), clips.subset(judge)


def branch_settings(settings: RunSettings, network: str, fold: int, seed: int) -> RunSettings:
    """The run that trains one network on the inner split, with nothing else in it that could vary."""
    schedule = {f"{network}_schedule": getattr(settings, f"{network}_schedule")}
    return RunSettings(
        data="inner split",
        folds=INNER_FOLDS,
        fold=fold % INNER_FOLDS,
        seed=seed,
        networks=network,
        integrations=(),
        options=settings.options,
        preprocessing=settings.preprocessing,
        dtan=settings.dtan,
        dtgn=settings.dtgn,
        small_networks=settings.small_networks,
        backend="numpy",
        **schedule,
    )


@dataclass
class Judge:
    """Trains candidates on one inner split with one seed, and scores them."""

    network: str  # dtan, dtgn or joint
    folder: Path
    fold: int
    seed: int
    cores: int
    progress: Progress
    pairs: dict[tuple[Path, ...], Pair] = field(default_factory=dict)

    def result(self, candidate: Candidate, clips: SequenceSet, keep: bool) -> dict[str, object]:
        """Numbers of clips and of correct ones, and the loss, for the clips of an outer fold's training people.

        `keep`: a network that is judged by itself stays on the disk. Those of a pair always do.
        """
        if self.network != "joint":
            run = self._trained(self.network, candidate.settings, clips)
            predictions = read_predictions(run / "predictions.csv")
            if not keep:
                shutil.rmtree(run)
            return score(predictions.scores[self.network], predictions.labels)
        runs = {name: self._trained(name, candidate.settings, clips) for name in ("dtan", "dtgn")}
        key, features = tuple(runs.values()), {}
        with threads.worker_threads(self.cores):
            if key not in self.pairs:
                self.pairs[key] = Pair(runs, *inner_split(clips, self.fold), self.seed)
                features = {"features": self.pairs[key].features()}
            return self.pairs[key].judged(candidate) | features

    def _trained(self, network: str, settings: RunSettings, clips: SequenceSet) -> Path:
        """The folder of the finished run; it is trained, or an interrupted one continued, if it is not there yet."""
        settings = branch_settings(settings, network, self.fold, self.seed)
        out = self.folder / "networks" / f"{network}-{mark_of(to_json(settings), data_mark(clips))}"
        if fault_in_results(out) is not None:
            resume = (out / "settings.json").exists()
            Run(settings, clips, out, self.progress, resume).train_all(self.cores)
        return out


def mark_of(*values: object) -> str:
    """A short name for values that JSON can hold."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]
