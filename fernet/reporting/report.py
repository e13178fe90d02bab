"""One HTML file with all results of a cross-validation; it needs no network and no other file."""

import base64
import hashlib
import json
from html import escape
from importlib.resources import files

import numpy as np

from fernet.experiments.results import Results, summary
from fernet.reporting import tables
from fernet.reporting.report_parts import case_cards, figure_blocks, html_table, left_out, loss_curves, settings_list


def report(results: Results) -> str:
    """The page as text. Names of clips, people and classes come from outside and are escaped everywhere."""
    page = files("fernet.reporting").joinpath("page")
    script = page.joinpath("report.js").read_text(encoding="utf-8")
    numbers = summary(results)
    first, *others = [tables.comparison(results), *tables.all_tables(results)[:-1]]
    parts = {
        "title": escape(f"DTAGN on {results.title}"),
        "origin": escape(results.origin),
        "style": page.joinpath("report.css").read_text(encoding="utf-8"),
        "script": script,
        # The browser runs only this script, whatever a name may contain.
        "script hash": f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}",
        "facts": _facts(results, numbers),
        "notes": "".join(f'<p class="quiet">Note: {escape(note)}.</p>' for note in results.notes),
        "comparison": html_table(first.header, first.rows),
        "alpha confusion": _empty_confusion(results.classes),
        "tables": "".join(f"<h3>{escape(t.title)}</h3>{html_table(t.header, t.rows)}" for t in others),
        "figures": figure_blocks(results),
        "training": loss_curves(results),
        "failures": case_cards(results),
        "folds": html_table(
            ("Fold", "Clips", "People held out"),
            [(str(k), str((results.folds == k).sum()), ", ".join(people)) for k, people in enumerate(results.held_out)],
            wrap=True,
        ),
        "left out": left_out(results),
        "settings": settings_list(results),
        "scores": _scores(results),
    }
    # Split first, fill in afterwards: the contents of a part are never searched for placeholders.
    head, *rest = page.joinpath("report.html").read_text(encoding="utf-8").split("[[")
    filled = [head]
    for piece in rest:
        name, text = piece.split("]]", 1)
        filled += [parts[name], text]
    return "".join(filled)


def _facts(results: Results, numbers: dict) -> str:
    joint = numbers["methods"]["joint"]
    facts = {
        "accuracy, joint fine-tuning": f"{joint['accuracy']:.2%}",
        "mean ± deviation of the folds": f"{100 * joint['fold_mean']:.1f} ± {100 * joint['fold_deviation']:.1f}",
        "mean recall": f"{joint['mean_recall']:.2%}",
        "clips": str(numbers["clips"]),
        "left out": str(len(results.left_out)),
        "people": str(len(set(results.predictions[0].subjects))),
        "folds × seeds": f"{numbers['folds']} × {numbers['seeds']}",
    }
    return "".join(f"<div><strong>{escape(value)}</strong>{escape(name)}</div>" for name, value in facts.items())


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
