"""One HTML file with all results of a cross-validation."""

import base64
import json
from html import escape

import numpy as np

from fernet.clips.prepared_file import load_prepared
from fernet.experiments.cross_validation import task_name
from fernet.experiments.results import Results, failure_cases, summary
from fernet.experiments.tasks import CLIPS, TASKS
from fernet.json_settings import to_json
from fernet.reporting import tables
from fernet.reporting.case_cards import case_cards, faces_by_name
from fernet.reporting.figure_blocks import figure_blocks
from fernet.reporting.html_tables import facts, html_table, left_out_table, remark, settings_tables
from fernet.reporting.layer_folds import fold_layers
from fernet.reporting.page_text import page_text
from fernet.reporting.training_charts import fold_curves


def report(results: Results) -> str:
    """The page as text. Names of clips, people and classes come from outside and are escaped everywhere."""
    numbers, first_task = summary(results), results.folder / TASKS / task_name("dtagn", 0, 0)
    first, *others = [tables.comparison(results), *tables.all_tables(results)[:-1]]
    parts = {
        "title": escape(f"DTAGN on {results.title}"),
        "origin": escape(results.origin),
        "facts": facts(_facts(results, numbers)),
        "notes": "".join(remark(f"Note: {note}.") for note in results.notes),
        "comparison": html_table(first.header, first.rows),
        "alpha confusion": _empty_confusion(results.classes),
        "tables": "".join(f"<h3>{escape(t.title)}</h3>{html_table(t.header, t.rows)}" for t in others),
        "figures": figure_blocks(results),
        "training": fold_curves(results),
        "layers": fold_layers(results),
        "first task": f"{TASKS}/{first_task.name}",
        "failures": case_cards(failure_cases(results), faces_by_name(load_prepared(results.folder / CLIPS))),
        "folds": html_table(
            ("Fold", "Clips", "People held out"),
            [(str(k), str((results.folds == k).sum()), ", ".join(people)) for k, people in enumerate(results.held_out)],
            wrap=True,
        ),
        "left out": left_out_table(results.left_out),
        "settings": settings_tables(_settings(results), first_task),
        "scores": _scores(results),
    }
    return page_text("report.html", parts)


def _settings(results: Results) -> dict[str, object]:
    """All settings that the folds share."""
    settings = to_json(results.settings)
    run = {name: value for name, value in settings.pop("run").items() if name not in ("fold", "seed")}
    return {**settings, **run}


def _facts(results: Results, numbers: dict) -> dict[str, str]:
    joint = numbers["methods"]["joint"]
    return {
        "accuracy, joint fine-tuning": f"{joint['accuracy']:.2%}",
        "mean ± deviation of the folds": f"{100 * joint['fold_mean']:.1f} ± {100 * joint['fold_deviation']:.1f}",
        "mean recall": f"{joint['mean_recall']:.2%}",
        "clips": str(numbers["clips"]),
        "left out": str(len(results.left_out)),
        "people": str(len(set(results.predictions[0].subjects))),
        "folds × seeds": f"{numbers['folds']} × {numbers['seeds']}",
    }


def _empty_confusion(classes: tuple[str, ...]) -> str:
    """The matrix that the script fills in."""
    head = "".join(f"<th>{escape(name)}</th>" for name in ("true \\ predicted", *classes))
    rows = "".join(f"<tr><th>{escape(name)}</th>{'<td></td>' * len(classes)}</tr>" for name in classes)
    return f'<table id="alpha-confusion"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


def _scores(results: Results) -> str:
    """Scores of DTAN and DTGN, float32 in base64, so that the page computes with exactly the same numbers."""

    def packed(method: str) -> str:
        scores = np.concatenate([p.scores[method] for p in results.predictions])
        return base64.b64encode(scores.astype("<f4").tobytes()).decode()

    labels = [int(label) for p in results.predictions for label in p.labels]
    data = {"classes": list(results.classes), "labels": labels, "dtan": packed("dtan"), "dtgn": packed("dtgn")}
    return json.dumps(data).replace("<", "\\u003c")  # so that a class named </script> remains text
