"""A search of the settings that the paper leaves open, never on the people whom a fold holds out.

    python benchmarks/settings.py --network dtgn --data synthetic:ck+ --out runs/settings

For each outer fold, the people of the other folds are divided again by people: four fifths train the candidates, one
fifth judges them. Every result is written when it is known, and the same command continues an interrupted search.
"""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import click
from settings_candidates import Candidate, joint_candidates, network_candidates
from settings_tables import Record, features_table, table
from settings_training import Judge, mark_of, training_clips

from fernet import threads
from fernet.clips.sequence_set import Preprocessing, SequenceSet
from fernet.commands.progress import TerminalProgress
from fernet.datasets.load import load
from fernet.errors import UserError
from fernet.experiments.paper_settings import recognise_dataset, run_settings
from fernet.files import read_text, write_text
from fernet.progress import Progress
from fernet.training.data_record import data_mark
from fernet.training.settings import RunSettings, Schedule


@dataclass(frozen=True)
class Search:
    """What is searched, where its results are kept, and how often each candidate is judged."""

    network: str  # dtan, dtgn or joint
    out: Path
    folds: int  # outer folds in all
    first_folds: int  # of which so many are used
    seeds: int
    cores: int

    @property
    def file(self) -> Path:
        return self.out / f"{self.network}.jsonl"

    def done(self) -> list[Record]:
        """The results so far."""
        return [json.loads(line) for line in read_text(self.file).splitlines()] if self.file.exists() else []

    def run(
        self, candidates: list[Candidate], clips_with: Callable[[Preprocessing], SequenceSet], progress: Progress
    ) -> list[Record]:
        """Judge every candidate in every fold with every seed; results that are there already are kept."""
        records, asked = {record["key"]: record for record in self.done()}, []
        sets = {one.settings.preprocessing: clips_with(one.settings.preprocessing) for one in candidates}
        marks = {preprocessing: data_mark(clips) for preprocessing, clips in sets.items()}
        for fold, seed in ((fold, seed) for seed in range(self.seeds) for fold in range(self.first_folds)):
            parts = {preprocessing: training_clips(clips, self.folds, fold) for preprocessing, clips in sets.items()}
            judge = Judge(self.network, self.out, fold, seed, self.cores, progress)
            for candidate in candidates:
                preprocessing = candidate.settings.preprocessing
                asked.append(mark_of(asdict(candidate), marks[preprocessing], self.folds, fold, seed))
                if asked[-1] in records:
                    continue
                started = time.monotonic()
                result = judge.result(candidate, parts[preprocessing], keep=candidate is candidates[0])
                seconds = round(time.monotonic() - started, 1)
                about = {"candidate": candidate.name, "fold": fold, "seed": seed}
                records[asked[-1]] = {"key": asked[-1], **about, **result, "seconds": seconds}
                write_text(self.file, "".join(json.dumps(record) + "\n" for record in records.values()))
                right = f"{result['right']} of {result['clips']}"
                progress.note(f"fold {fold}, seed {seed}, {candidate.name}: {right} right, {seconds:.0f} s")
        return [records[key] for key in asked]


@click.command()
@click.option("--network", type=click.Choice(["dtan", "dtgn", "joint"]), required=True, help="What is searched.")
@click.option("--data", default="synthetic:ck+", show_default=True, help="As for train.")
@click.option("--out", default="runs/settings", show_default=True, type=click.Path(path_type=Path), help="Folder.")
@click.option(
    "--outer-folds",
    type=click.IntRange(1, 10),
    default=3,
    show_default=True,
    help="Outer folds to be used, of the ten.",
)
@click.option("--seeds", type=click.IntRange(1), default=1, show_default=True, help="Seeds for each split.")
@click.option("--dtan-epochs", default=RunSettings().dtan_schedule.epochs, show_default=True, help="DTAN's epochs now.")
@click.option("--threads", "cores", default=threads.available_cores(), show_default="all cores", help="Cores.")
@click.option("--quick", is_flag=True, help="One split, one epoch each: whether the search works, nothing else.")
def main(
    network: str, data: str, out: Path, outer_folds: int, seeds: int, dtan_epochs: int, cores: int, quick: bool
) -> None:
    """Judge candidates for the settings of a network, or of the joint fine-tuning, on inner splits."""
    progress = TerminalProgress()
    sets: dict[Preprocessing, SequenceSet] = {}

    def clips_with(preprocessing: Preprocessing) -> SequenceSet:
        if preprocessing not in sets:
            sets[preprocessing] = load(data, preprocessing, progress=progress)
        return sets[preprocessing]

    try:
        now = run_settings(data, recognise_dataset(data))
        now = replace(now, dtan_schedule=replace(now.dtan_schedule, epochs=dtan_epochs))
        if quick:
            outer_folds, seeds, out = 1, 1, out / "quick"
            now = replace(now, **{f"{name}_schedule": Schedule(epochs=1) for name in ("dtan", "dtgn", "joint")})
        candidates = (
            joint_candidates(now) if network == "joint" else network_candidates(network, now, ".npz" not in data)
        )
        records = Search(network, out, now.folds, outer_folds, seeds, cores).run(candidates, clips_with, progress)
    except UserError as error:
        raise click.ClickException(str(error)) from None
    click.echo(table(records))
    if network == "joint":
        click.echo("\n" + features_table(records))


if __name__ == "__main__":
    main()
