"""`evaluate`: the accuracy of a model on labelled clips."""

import json
from pathlib import Path

import click

from fernet.commands.options import BACKEND, LANDMARK_MODEL


@click.command()
@click.argument("model", type=click.Path())
@click.option("--data", help="Labelled clips, as for train.  [default: those held out in the run that made the model]")
@click.option("--json", "as_json", is_flag=True, help="Print accuracy, recall and confusion matrices as JSON.")
@BACKEND
@LANDMARK_MODEL
def evaluate(model: str, data: str | None, as_json: bool, backend: str, landmark_model: str | None) -> None:
    """Print the accuracy of MODEL, a run folder or a model file."""
    from fernet import threads
    from fernet.backend import choose
    from fernet.commands.progress import TerminalProgress
    from fernet.commands.train import print_accuracies
    from fernet.datasets.load import SYNTHETIC
    from fernet.errors import UserError
    from fernet.evaluation.metrics import all_metrics
    from fernet.experiments.single_frames import load_as_trained
    from fernet.fast.precision import multiply_in
    from fernet.networks.model_file import load_model
    from fernet.networks.predict import compare_landmarks, landmark_model_for, score_clips
    from fernet.training.settings import run_settings_from_json

    library, progress = choose(backend), TerminalProgress()
    trained = load_model(Path(model))
    settings = run_settings_from_json(trained.history)
    source = data or settings.data
    if not source.startswith(SYNTHETIC) and not source.endswith(".npz"):
        landmark_model = str(landmark_model_for(trained, landmark_model))  # notes follow when clips are read
    clips = load_as_trained(source, trained.preprocessing, landmark_model, progress)
    compare_landmarks(trained, clips.landmark_source, progress)
    if clips.classes != trained.classes:
        raise UserError(
            f"the model has the classes {', '.join(trained.classes)}, the data have {', '.join(clips.classes)}: "
            "expected the same"
        )
    if data is None:
        clips = _held_out(clips, trained, Path(model), settings, progress)
    trained.to_library(library)
    with threads.worker_threads(), multiply_in(settings.precision):
        scores = score_clips(trained, clips.faces, clips.landmarks, library)
    metrics = all_metrics(scores, clips.labels, clips.classes)
    if as_json:
        click.echo(json.dumps(metrics, indent=2))
    else:
        click.echo(clips.title)
        print_accuracies(metrics, "held-out clips" if data is None else "clips")


def _held_out(
    clips: "SequenceSet",  # noqa: F821 - imported inside, to keep --help quick
    trained: "DTAGN",  # noqa: F821
    path: Path,
    settings: "RunSettings",  # noqa: F821
    progress: "TerminalProgress",  # noqa: F821
) -> "SequenceSet":  # noqa: F821
    """The clips of the people whom the run held out, never of anyone on whom the network was trained."""
    from fernet.datasets.load import SYNTHETIC
    from fernet.errors import UserError
    from fernet.evaluation.folds import split
    from fernet.training.data_record import held_out_clips, record_from_json, record_in

    record = record_from_json(trained.data) or record_in(path if path.is_dir() else path.parent)
    if record is not None:
        chosen, notes = held_out_clips(clips, record)
        for note in notes:
            progress.note(note)
        return chosen
    if settings.data.startswith(SYNTHETIC):  # always the same people
        return clips.subset(split(clips.subjects, settings.folds, settings.fold, settings.fold_scheme)[1])
    raise UserError(
        f"{path} does not say which people were held out, and {settings.data} may have changed since the training: "
        "expected environment.json beside the model; name clips of other people with --data"
    )
