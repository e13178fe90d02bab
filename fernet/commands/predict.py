"""`predict`: the expressions in unlabelled clips."""

from pathlib import Path

import click

from fernet.commands.options import BACKEND, LANDMARK_MODEL, ON_MISSING_FACE


@click.command()
@click.argument("model", type=click.Path())
@click.argument("clips", nargs=-1, required=True, type=click.Path())
@click.option("--json", "output", flag_value="json", help="Print probabilities and tracking reports as JSON.")
@click.option("--csv", "output", flag_value="csv", help="Print one line for each clip and method.")
@ON_MISSING_FACE
@BACKEND
@LANDMARK_MODEL
def predict(
    model: str,
    clips: tuple[str, ...],
    output: str | None,
    on_missing_face: str,
    backend: str,
    landmark_model: str | None,
) -> int:
    """Classify CLIPS with MODEL, a run folder or a model file.

    CLIPS are videos, folders of frames, or images. Clips that cannot be used are named on standard error and the others
    are classified; the exit status is then 2.
    """
    from fernet import threads
    from fernet.backend import choose
    from fernet.commands import BAD_INPUT
    from fernet.commands.progress import TerminalProgress
    from fernet.faces.landmarks import LandmarkModel, find_model
    from fernet.networks.model_file import load_model
    from fernet.networks.predict import predict_clips

    library = choose(backend)
    trained = load_model(Path(model))
    progress = TerminalProgress()
    landmarks = LandmarkModel(find_model(landmark_model or trained.history.get("landmark_model"), progress))
    trained.to_library(library)
    with threads.worker_threads():
        predictions, failures = predict_clips(
            trained,
            [Path(clip) for clip in clips],
            landmarks,
            library,
            on_missing_face=on_missing_face,
            progress=progress,
        )
    _print(predictions, trained.classes, output)
    for message in failures:
        click.echo(f"fernet: {message}", err=True)
    return BAD_INPUT if failures else 0


def _print(predictions: list, classes: tuple[str, ...], output: str | None) -> None:
    if output == "json":
        _print_json(predictions, classes)
    elif output == "csv":
        _print_csv(predictions, classes)
    else:
        for prediction in predictions:
            _print_table(prediction, classes)


def _print_json(predictions: list, classes: tuple[str, ...]) -> None:
    import json
    from dataclasses import asdict

    values = [
        {
            "clip": prediction.clip,
            "label": prediction.label(classes),
            "probabilities": {
                method: dict(zip(classes, map(float, p), strict=True)) for method, p in prediction.scores.items()
            },
            "tracking": asdict(prediction.report),
        }
        for prediction in predictions
    ]
    click.echo(json.dumps(values, indent=2, ensure_ascii=False))


def _print_csv(predictions: list, classes: tuple[str, ...]) -> None:
    import csv
    import io

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["clip", "method", "label", *classes])
    for prediction in predictions:
        for method, p in prediction.scores.items():
            writer.writerow([prediction.clip, method, classes[p.argmax()], *(f"{value:.6f}" for value in p)])
    click.echo(text.getvalue(), nl=False)


def _print_table(prediction: "Prediction", classes: tuple[str, ...]) -> None:  # noqa: F821 - to keep --help quick
    methods, report = list(prediction.scores), prediction.report
    click.echo(f"{prediction.clip}: {prediction.label(classes)}")
    lost = f", {report.filled} filled in, {report.missing} left out" if report.filled or report.missing else ""
    cuts = f", {report.cuts} cuts" if report.cuts else ""
    others = f", {report.other_faces} other faces" if report.other_faces else ""
    click.echo(f"  face found in {report.found} of {report.frames} frames{lost}{cuts}{others}")
    click.echo(f"  {'':<12}" + "".join(f"{method.replace('_', ' '):>14}" for method in methods))
    for number, name in enumerate(classes):
        click.echo(f"  {name:<12}" + "".join(f"{prediction.scores[method][number]:>14.1%}" for method in methods))
