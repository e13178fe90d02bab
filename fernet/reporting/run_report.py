"""One HTML file on one run, finished or not: its curves, its layers, and its results on the held-out clips."""

from html import escape

from fernet.evaluation.metrics import accuracy, confusion_matrix, mean_recall
from fernet.experiments.results import failures_of
from fernet.json_settings import to_json
from fernet.reporting.case_cards import case_cards, faces_by_name
from fernet.reporting.html_tables import facts, html_table, left_out_table, remark, settings_tables, shaded_table
from fernet.reporting.page_text import page_text
from fernet.reporting.run_training import curve_section, layer_section, training_remarks
from fernet.reporting.saved_run import SavedRun

_LATER = "The results follow when the run is finished."


def run_report(run: SavedRun) -> str:
    """The page as text. Names of clips, people and classes come from outside and are escaped everywhere."""
    networks = " and ".join(run.name_of(name) for name in run.schedules if name in ("dtan", "dtgn"))
    parts = {
        "title": escape(f"{networks} on {run.title}"),
        "origin": escape(run.origin),
        "state": _state(run),
        "facts": facts(_facts(run)),
        "remarks": _remarks(training_remarks(run)),
        "accuracy": _accuracy(run),
        "training": curve_section(run),
        "layers": layer_section(run),
        "confusion": _confusion(run),
        "failures": _failures(run),
        "people": _people(run),
        "left out": _left_out(run),
        "settings": settings_tables(to_json(run.settings), run.folder),
    }
    return page_text("run.html", parts)


def _state(run: SavedRun) -> str:
    """What is missing of an unfinished run, and of one whose results are lost."""
    if run.predictions is not None:
        return ""
    resume = f"<code>{escape(run.resume)}</code>"
    if run.complete:
        fault = escape(run.faults["predictions"])
        text = f"The results of this run cannot be read: {fault}. {resume} makes them again."
    else:
        epochs = ", ".join(
            f"{run.name_of(name)} {len(run.log.get(name, ()))} of {schedule.epochs}"
            for name, schedule in run.schedules.items()
        )
        text = (
            f"This run is not finished. Epochs so far: {escape(epochs)}. While it is running, repeat "
            f"<code>report {escape(str(run.folder))}</code> to see more; if it was interrupted, resume it with "
            f"{resume}."
        )
    return f'<p class="warning">{text}</p>'


def _remarks(said: list[str]) -> str:
    items = "".join(f"<li>{escape(one)}</li>" for one in said)
    return f'<div class="warning"><strong>Remarks on the training</strong><ul>{items}</ul></div>' if said else ""


def _facts(run: SavedRun) -> dict[str, str]:
    numbers = {}
    if run.predictions is not None:
        p = run.predictions
        numbers = {f"accuracy, {run.name_of(run.method)}": f"{accuracy(p.scores[run.method], p.labels):.1%}"}
        numbers |= {"held-out clips": str(len(p.labels)), "people held out": str(len(set(p.subjects)))}
    if run.record is not None and run.record.trained_on is not None:
        numbers["people trained on"] = str(len(run.record.trained_on))
    numbers["epochs"] = str(sum(map(len, run.log.values())))
    numbers["training time"] = _duration(sum(epoch.seconds for own in run.log.values() for epoch in own))
    return numbers


def _duration(seconds: float) -> str:
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.1f} s"


def _accuracy(run: SavedRun) -> str:
    if run.predictions is None:
        return remark(_LATER)
    p, rows = run.predictions, []
    for method, scores in run.predictions.scores.items():
        right = int((scores.argmax(axis=1) == p.labels).sum())
        recall = mean_recall(confusion_matrix(scores, p.labels))
        rows.append(
            (run.name_of(method), f"{accuracy(scores, p.labels):.1%}", f"{right} of {len(p.labels)}", f"{recall:.1%}")
        )
    return html_table(("Method", "Accuracy", "Recognised", "Mean recall"), rows)


def _confusion(run: SavedRun) -> str:
    """The matrix of the method that `predict` takes, and those of the others, which can be unfolded."""
    if run.predictions is None:
        return remark(_LATER)
    blocks = [f"<h3>{escape(run.name_of(run.method))}</h3>{_matrix(run, run.method)}"]
    for method in run.predictions.scores:
        if method != run.method:
            name = escape(run.name_of(method))
            blocks.append(f"<details><summary>{name}</summary>{_matrix(run, method)}</details>")
    return "".join(blocks)


def _matrix(run: SavedRun, method: str) -> str:
    p = run.predictions
    counts = confusion_matrix(p.scores[method], p.labels)
    rows = [
        ((name,), [(str(count), count / max(own.sum(), 1)) for count in own])
        for name, own in zip(p.classes, counts, strict=True)
    ]
    return shaded_table(("true \\ predicted", *p.classes), rows)


def _failures(run: SavedRun) -> str:
    if run.predictions is None:
        return remark(_LATER)
    cases, sentence = failures_of(run.predictions, run.method), ""
    if cases and run.data is None:
        sentence = remark(f"The frames cannot be shown: {run.faults['data']}.")
    elif "data" in run.faults:
        sentence = remark(f"The frames may be different from those of the run: {run.faults['data']}.")
    faces = faces_by_name(run.data.clips) if run.data is not None else {}
    return f"<p>Method: {escape(run.name_of(run.method))}.</p>{sentence}{case_cards(cases, faces)}"


def _people(run: SavedRun) -> str:
    if run.record is None:
        return remark("environment.json, which names them, is missing or damaged.")
    trained_on = ", ".join(run.record.trained_on) if run.record.trained_on is not None else "not recorded"
    rows = [("held out", ", ".join(run.record.held_out)), ("trained on", trained_on)]
    return html_table(("", "People"), rows, wrap=True)


def _left_out(run: SavedRun) -> str:
    if run.data is not None:
        return left_out_table(run.data.failures)
    if run.predictions is None:
        return remark("This follows when the run is finished; `info` shows it at any time.")
    return remark(f"The data of the run cannot be read: {run.faults['data']}.")
