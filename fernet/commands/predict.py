"""`predict`: the expressions in unlabelled clips."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from fernet.commands.options import BACKEND, LANDMARK_MODEL, ON_MISSING_FACE, ROTATION
from fernet.commands.progress import visible
from fernet.csv_text import csv_line

_CONTROLS = {code: f"\\u{code:04x}" for code in range(0x7F, 0xA0)}  # JSON allows them, a terminal may obey them


@click.command()
@click.argument("model", type=click.Path())
@click.argument("clips", nargs=-1, required=True, type=click.Path(readable=False))
@click.option("--json", "output", flag_value="json", help="Print probabilities and tracking reports as JSON.")
@click.option("--csv", "output", flag_value="csv", help="Print one line for each clip and method.")
@ROTATION
@ON_MISSING_FACE
@BACKEND
@LANDMARK_MODEL
def predict(
    model: str,
    clips: tuple[str, ...],
    output: str | None,
    rotation: int | None,
    on_missing_face: str | None,
    backend: str,
    landmark_model: str | None,
) -> int:
    """Classify CLIPS with MODEL, a run folder or a model file.

    CLIPS are videos, folders of frames, or images. Clips that cannot be used are named on standard error and the others
    are classified; the exit status is then 2. Each result is written as soon as it is known.
    """
    from fernet import threads
    from fernet.backend import PRECISIONS, choose
    from fernet.clips.provenance import Provenance
    from fernet.commands import BAD_INPUT
    from fernet.commands.progress import TerminalProgress
    from fernet.faces.landmarks import LandmarkModel, identity
    from fernet.fast.precision import multiply_in
    from fernet.networks.model_file import load_model
    from fernet.networks.predict import (
        Prediction,
        frames_as_trained,
        landmark_model_for,
        note_differences,
        peak_of,
        predict_clips,
    )
    from fernet.progress import SILENT

    library = choose(backend)
    trained = load_model(Path(model))
    progress = TerminalProgress()
    landmarks = LandmarkModel(landmark_model_for(trained, landmark_model, progress))
    rotation, on_missing_face = frames_as_trained(trained, rotation, on_missing_face, progress)
    if peak_of(trained) == "middle":
        progress.note("the model sees one frame of each clip: the middle one, as in its training")
    note_differences(trained, Provenance(identity(landmarks.path), rotation, on_missing_face), progress)
    trained.to_library(library)
    status = 0
    # Models of earlier versions do not record the precision.
    precision = str(trained.history.get("precision", PRECISIONS[0]))
    with threads.worker_threads(), multiply_in(precision), _FORMS[output](trained.classes) as out:
        for result in predict_clips(
            trained,
            [Path(clip) for clip in clips],
            landmarks,
            library,
            rotation=rotation,
            on_missing_face=on_missing_face,
            progress=SILENT if sys.stdout.isatty() else progress,  # the results show the progress
        ):
            if isinstance(result, Prediction):
                out.add(result)
                sys.stdout.flush()
            else:
                progress.complain(result.message)
                status = BAD_INPUT
    return status


class _Text:
    """A table for each clip."""

    def __init__(self, classes: tuple[str, ...]) -> None:
        self.classes = classes

    def __enter__(self) -> "_Text":
        return self

    def __exit__(self, *error: object) -> None:
        """Called after the last clip, also when Ctrl-C ended the work."""

    def add(self, prediction: "Prediction") -> None:  # noqa: F821 - imported above, to keep --help quick
        classes, methods, report = self.classes, list(prediction.scores), prediction.report
        lost = f", {report.filled} filled in, {report.missing} left out" if report.filled or report.missing else ""
        cuts = f", {report.cuts} cuts" if report.cuts else ""
        others = f", {report.other_faces} other faces" if report.other_faces else ""
        lines = [
            f"{visible(prediction.clip)}: {visible(prediction.label(classes))}",
            f"  face found in {report.found} of {report.frames} frames{lost}{cuts}{others}",
            f"  {'':<12}" + "".join(f"{method.replace('_', ' '):>14}" for method in methods),
        ]
        for number, name in enumerate(classes):
            row = "".join(f"{prediction.scores[method][number]:>14.1%}" for method in methods)
            lines.append(f"  {visible(name):<12}{row}")
        sys.stdout.write("\n".join(lines) + "\n")


class _Csv(_Text):
    """One line for each clip and method, below a header."""

    def __enter__(self) -> "_Csv":
        sys.stdout.write(csv_line(["clip", "method", "label", *self.classes]))
        return self

    def add(self, prediction: "Prediction") -> None:  # noqa: F821
        for method, p in prediction.scores.items():
            label = self.classes[p.argmax()]
            sys.stdout.write(csv_line([prediction.clip, method, label, *(f"{value:.6f}" for value in p)]))


class _Json(_Text):
    """An array with an object for each clip; it is closed even when the work is interrupted."""

    def __enter__(self) -> "_Json":
        self._before = "["
        return self

    def __exit__(self, kind: type | None, *error: object) -> None:
        if kind is None or not issubclass(kind, OSError):  # otherwise nothing more can be written
            sys.stdout.write("[]\n" if self._before == "[" else "\n]\n")
            sys.stdout.flush()

    def add(self, prediction: "Prediction") -> None:  # noqa: F821
        value = {
            "clip": prediction.clip,
            "label": prediction.label(self.classes),
            "probabilities": {
                method: dict(zip(self.classes, map(float, p), strict=True)) for method, p in prediction.scores.items()
            },
            "tracking": asdict(prediction.report),
        }
        text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
        try:
            text.encode(sys.stdout.encoding or "utf-8")
        except UnicodeEncodeError:
            text = json.dumps(value, indent=2, allow_nan=False)
        text = text.translate(_CONTROLS)
        indented = "\n".join(f"  {line}" for line in text.split("\n"))
        sys.stdout.write(f"{self._before}\n{indented}")
        self._before = ","


_FORMS = {None: _Text, "csv": _Csv, "json": _Json}
