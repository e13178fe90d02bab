"""`evaluate`: the accuracy of a model on labelled clips."""

import json
from pathlib import Path

import click

from fernet.commands.options import BACKEND
from fernet.commands.reading_options import chosen_reading, reading_options

_NOT_READING = ("model", "data", "as_json", "backend", "landmark_model")


@click.command()
@click.argument("model", type=click.Path())
@click.option("--data", help="Labelled clips, as for train.  [default: those held out in the run that made the model]")
@click.option(
    "--classes",
    metavar="PAIRS",
    help="With --data: which classes of the model its classes are, as in happy=happiness,sad=sadness.  [default: those "
    "of the same name]",
)
@click.option("--json", "as_json", is_flag=True, help="Print accuracy, recall and confusion matrices as JSON.")
@BACKEND
@reading_options
@click.pass_context
def evaluate(
    context: click.Context,
    model: str,
    data: str | None,
    classes: str | None,
    as_json: bool,
    backend: str,
    landmark_model: str | None,
    **values: object,
) -> None:
    """Print the accuracy of MODEL, a run folder or a model file.

    Without --data the clips are found and read as in the run that made the model.  With --data, clips of classes that
    the model does not have are left out.
    """
    from fernet import threads
    from fernet.backend import choose
    from fernet.commands.progress import TerminalProgress, visible
    from fernet.commands.train import print_accuracies, refuse_other_options
    from fernet.datasets.load import holds_arrays, refuse_landmark_model
    from fernet.errors import UserError
    from fernet.evaluation.metrics import all_metrics
    from fernet.experiments.held_out import (
        check_data_are_here,
        check_same_classes,
        class_pairs,
        held_out_of_run,
        note_on_people,
        with_classes_of,
    )
    from fernet.experiments.single_frames import load_as_trained
    from fernet.fast.precision import multiply_in
    from fernet.networks.model_file import load_model
    from fernet.networks.predict import frames_as_trained, landmark_model_for, note_differences, score_clips
    from fernet.training.settings import run_settings_from_json

    library, progress = choose(backend), TerminalProgress()
    pairs = class_pairs(classes) if classes is not None else {}
    trained = load_model(Path(model))
    settings = run_settings_from_json(trained.history)
    source = data or settings.data
    recordings = not holds_arrays(source)
    if landmark_model is not None:
        refuse_landmark_model(source)
    if recordings:
        landmark_model = str(landmark_model_for(trained, landmark_model))  # notes follow when clips are read
    if data is None:
        refuse_other_options(context, "without --data the clips are read as in the run", allowed=_NOT_READING)
        reading = settings.reading
    else:
        if recordings:
            rotation, values["on_missing_face"] = frames_as_trained(
                trained, values["rotation"], values["on_missing_face"], progress
            )
            values["rotation"] = rotation or values["rotation"]  # 0 by default leaves the choice to the layout
        reading = chosen_reading(values)
    try:
        clips = load_as_trained(source, trained.preprocessing, landmark_model, progress, reading)
    except UserError:
        if data is None:
            check_data_are_here(source)
        raise
    note_differences(trained, clips.provenance, progress)
    if data is None:
        check_same_classes(trained, clips)
        clips = held_out_of_run(Path(model), trained, clips, progress)
    else:
        clips, notes = with_classes_of(trained, clips, pairs)
        for note in (*notes, *note_on_people(Path(model), trained, clips)):
            progress.note(note)
    trained.to_library(library)
    with threads.worker_threads(), multiply_in(settings.precision):
        scores = score_clips(trained, clips.faces, clips.landmarks, library)
    metrics = all_metrics(scores, clips.labels, clips.classes)
    if as_json:
        click.echo(json.dumps(metrics, indent=2))
    else:
        click.echo(visible(clips.title))
        print_accuracies(metrics, "held-out clips" if data is None else "clips")
