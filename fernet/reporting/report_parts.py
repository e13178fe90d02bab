"""The longer parts of the report: tables, figures, curves, failure cases, settings."""

import base64
from collections.abc import Sequence
from html import escape
from pathlib import Path

import cv2

from fernet.clips.prepared_file import load_prepared
from fernet.errors import UserError, first_line
from fernet.experiments.cross_validation import task_name
from fernet.experiments.results import METHODS, Results, failure_cases, training_log
from fernet.experiments.tasks import CLIPS, NETWORK_SETS, TASKS
from fernet.files import read_json
from fernet.json_settings import to_json
from fernet.reporting.figures import FIGURES, draw, figure_bytes, numbers_of
from fernet.training.data_record import ENVIRONMENT

_WIDTH, _HEIGHT, _LEFT, _BOTTOM = 300, 170, 38, 24  # of one chart, in pixels
_DOTS = 110  # per inch of a figure: sharp at the width of the page, and small enough to send
_CASES = 200  # shown at most: the page must stay small enough to send
_NAMES = 20  # shown at most for one reason
_PEOPLE = ("held_out_subjects", "training_subjects")


def html_table(header: Sequence[str], rows: Sequence[Sequence[str]], wrap: bool = False) -> str:
    """A table that scrolls separately if the screen is too narrow for it."""
    head = "".join(f"<th>{escape(cell)}</th>" for cell in header)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    kind = ' class="wrap"' if wrap else ""
    return f'<div class="scroll"><table{kind}><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def figure_blocks(results: Results) -> str:
    """The figures, each for light and dark mode, except figure 11, which the part with the slider replaces."""
    blocks = []
    for number in numbers_of(results.settings.dataset):
        form = FIGURES[number].report_form
        if form is None:
            continue
        kind = "svg+xml" if form == "svg" else form
        try:
            light, dark = (
                base64.b64encode(figure_bytes(draw(number, results, dark), form, _DOTS)).decode()
                for dark in (False, True)
            )
        except UserError as error:  # the extra is not installed; the rest of the page does not need it
            return f'<p class="quiet">{escape(str(error))}</p>'
        title = escape(FIGURES[number].title)
        blocks.append(
            f"<figure><picture>"
            f'<source media="(prefers-color-scheme: dark)" srcset="data:image/{kind};base64,{dark}">'
            f'<img alt="{title}" src="data:image/{kind};base64,{light}"></picture>'
            f"<figcaption>Figure {number}. {title}.</figcaption></figure>"
        )
    return "".join(blocks)


def loss_curves(results: Results) -> str:
    """One chart for each network, one line for each fold and seed."""
    curves: dict[str, list[tuple[str, list[float]]]] = {}
    for network_set in NETWORK_SETS:
        for seed in range(results.settings.seeds):
            for fold in range(results.settings.run.folds):
                for network, epochs in training_log(results.folder, network_set, fold, seed).items():
                    name = METHODS[network if network_set == "dtagn" else "single_frame"]
                    last = f"{epochs[-1]['accuracy']:.1%} of the training samples right in the end"
                    label = f"fold {fold}, seed {seed}: {last}"
                    curves.setdefault(name, []).append((label, [epoch["loss"] for epoch in epochs]))
    return "".join(_chart(name, lines) for name, lines in curves.items())


def case_cards(results: Results) -> str:
    """Every misclassified clip, with its frames."""
    clips, cases = load_prepared(results.folder / CLIPS), failure_cases(results)
    place = {name: i for i, name in enumerate(clips.names)}
    if not cases:
        return "<p>None: every clip was recognised.</p>"
    blocks = []
    for label in dict.fromkeys(case.label for case in cases[:_CASES]):
        own = [case for case in cases if case.label == label]
        cards = [
            f'<div class="case"><div class="frames">{_frames(clips.faces[place[case.name]])}</div>'
            f"<strong>{escape(case.prediction)}</strong> {case.probability:.0%}<br>"
            f'<span class="quiet">{escape(case.name)}</span></div>'
            for case in own
        ]
        blocks.append(f'<h3>{escape(label)}, taken for</h3><div class="cases">{"".join(cards)}</div>')
    return "".join(blocks)


def left_out(results: Results) -> str:
    """What of the data is not in the results, and why: the most frequent reason first."""
    if not results.left_out:
        return "<p>Nothing was left out.</p>"
    names: dict[str, list[str]] = {}
    for name, reason in results.left_out.items():
        names.setdefault(reason, []).append(name)
    rows = [
        (str(len(own)), reason, ", ".join(own[:_NAMES]) + (f" and {len(own) - _NAMES} more" * (len(own) > _NAMES)))
        for reason, own in sorted(names.items(), key=lambda item: -len(item[1]))
    ]
    more = f'<p class="quiet">and {len(rows) - _CASES} other reasons</p>' if len(rows) > _CASES else ""
    return html_table(("Number", "Reason", "Which"), rows[:_CASES], wrap=True) + more


def settings_list(results: Results) -> str:
    """All settings, and the software versions used for the first fold."""
    environment = _environment(results.folder / TASKS / task_name("dtagn", 0, 0) / ENVIRONMENT)
    settings = to_json(results.settings)
    run = {name: value for name, value in settings.pop("run").items() if name not in ("fold", "seed")}
    rows = [(name.replace("_", " "), _words(value)) for name, value in {**settings, **run, **environment}.items()]
    return html_table(("Setting", ""), rows, wrap=True)


def _environment(path: Path) -> dict[str, object]:
    """What environment.json says, except of people, who stand elsewhere; the page does without it if it is damaged."""
    try:
        values = read_json(path)
    except (OSError, ValueError) as error:
        return {"software versions": f"not known: {path.name} cannot be read ({first_line(error)})"}
    if not isinstance(values, dict):
        return {"software versions": f"not known: {path.name} does not hold names and values"}
    return {name: value for name, value in values.items() if name not in _PEOPLE}


def _words(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name.replace('_', ' ')} {_words(inner)}" for name, inner in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(_words(inner) for inner in value)
    return "the paper's" if value is None else str(value)


def _frames(faces: Sequence) -> str:
    images = (base64.b64encode(cv2.imencode(".png", face)[1].tobytes()).decode() for face in faces)
    return "".join(f'<img alt="" src="data:image/png;base64,{image}">' for image in images)


def _chart(name: str, lines: list[tuple[str, list[float]]]) -> str:
    """Loss against epochs as SVG, in the colours of the page."""
    highest = max(max(losses) for _, losses in lines) or 1.0
    epochs = max(len(losses) for _, losses in lines)

    def x(epoch: int) -> float:
        return _LEFT + epoch / max(epochs - 1, 1) * (_WIDTH - _LEFT - 8)

    def y(loss: float) -> float:
        return 8 + (1 - loss / highest) * (_HEIGHT - _BOTTOM - 8)

    grid = "".join(
        f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - 8}" y1="{y(v):.1f}" y2="{y(v):.1f}"/>'
        f'<text x="{_LEFT - 5}" y="{y(v) + 4:.1f}" text-anchor="end">{v:.2f}</text>'
        for v in (0.0, highest / 2, highest)
    )
    curves = "".join(
        f'<polyline class="fold" points="{" ".join(f"{x(i):.1f},{y(v):.1f}" for i, v in enumerate(losses))}">'
        f"<title>{escape(label)}</title></polyline>"
        + (f'<circle class="dot" r="3" cx="{x(0):.1f}" cy="{y(losses[0]):.1f}"/>' if len(losses) == 1 else "")
        for label, losses in lines
    )
    foot = f'<text x="{_LEFT}" y="{_HEIGHT - 6}">epoch 1</text>'
    foot += f'<text x="{_WIDTH - 8}" y="{_HEIGHT - 6}" text-anchor="end">{epochs}</text>'
    return (
        f'<figure><svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="training loss of {escape(name)}">'
        f"{grid}{curves}{foot}</svg><figcaption>{escape(name)}</figcaption></figure>"
    )
