"""The paper's tables from a finished cross-validation, with the printed numbers beside those of this run."""

import numpy as np

from fernet.evaluation.metrics import mean_recall
from fernet.experiments import paper_results
from fernet.experiments.paper_datasets import DATASETS
from fernet.experiments.results import METHODS, Results
from fernet.reporting.table import Table

NOTHING = "–"  # in place of a number that the paper does not print


def all_tables(results: Results) -> list[Table]:
    """Every table that the results allow, in the order of the paper, with the comparison at the end."""
    tables = [sequences(results), accuracies(results), *confusions(results), losses(results), concatenation(results)]
    return [*tables, folds(results), comparison(results)]


def sequences(results: Results) -> Table:
    """Table 1: sequences per emotion."""
    counts = np.bincount(results.predictions[0].labels, minlength=len(results.classes))
    rows = [("this run", *(str(n) for n in counts), str(counts.sum()))]
    for dataset, printed in paper_results.SEQUENCES.items():
        if all(name in results.classes for name in printed):
            own = [printed.get(name) for name in results.classes]
            cells = [NOTHING if n is None else str(n) for n in own]
            rows.append((f"paper, {DATASETS[dataset].title}", *cells, str(sum(n for n in own if n is not None))))
    return Table(
        "table-1-sequences",
        "Table 1. Sequences per emotion",
        results.origin,
        ("", *results.classes, "all"),
        tuple(rows),
    )


def accuracies(results: Results) -> Table:
    """Tables 2, 4 and 6: accuracy over all clips, starting with the results of others."""
    dataset = results.settings.dataset
    rows = [(name, f"{value:.2f}", "", "", "") for name, value in paper_results.OTHERS.get(dataset, {}).items()]
    for method, name in METHODS.items():
        folds = 100 * results.fold_accuracies(method)
        rows.append(
            (
                name,
                _printed(dataset, method),
                f"{100 * results.accuracy(method):.2f}",
                f"{folds.mean():.2f} ± {folds.std(ddof=1):.2f}",
                f"{100 * mean_recall(results.confusion(method)):.2f}",
            )
        )
    header = ("Method", "Paper", "This run", "Mean ± deviation of folds", "Mean recall")
    title = "Accuracy over all clips, per cent"
    return Table(
        _name("accuracy_table", dataset, "accuracy"),
        _title("accuracy_table", dataset, title),
        results.origin,
        header,
        tuple(rows),
    )


def confusions(results: Results) -> list[Table]:
    """Tables 3, 5 and 7, for joint fine-tuning: those of this run, in per cent and in clips, and the paper's."""
    dataset, counts = results.settings.dataset, results.confusion("joint")
    rates = 100 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    title = _title("confusion_table", dataset, "Confusion matrix of the joint fine-tuning")
    name = _name("confusion_table", dataset, "confusion")
    header = ("true \\ predicted", *results.classes)
    tables = [
        Table(name, f"{title}, per cent", results.origin, header, _matrix(results.classes, rates, "{:.2f}")),
        Table(f"{name}-clips", f"{title}, clips", results.origin, header, _matrix(results.classes, counts, "{:d}")),
    ]
    if dataset and paper_results.CLASSES[dataset] == results.classes:
        rows = _matrix(results.classes, np.array(paper_results.CONFUSION[dataset]), "{:g}")
        tables.append(
            Table(f"{name}-paper", f"{title}, as the paper prints it, per cent", results.origin, header, rows)
        )
    return tables


def losses(results: Results) -> Table:
    """Table 8: one loss compared with three."""
    return _methods_as_columns(
        results,
        "table-8-losses",
        "Table 8. Number of loss functions, accuracy in per cent",
        {"weighted_sum": "Baseline (weighted sum)", "l3": "One (L3 only)", "joint": "Three"},
    )


def concatenation(results: Results) -> Table:
    """Table 9: concatenation compared with joint fine-tuning."""
    return _methods_as_columns(
        results,
        "table-9-concatenation",
        "Table 9. Concatenation and joint fine-tuning, accuracy in per cent",
        {"concatenation": "Concatenation", "joint": "Joint fine-tuning"},
    )


def folds(results: Results) -> Table:
    """Accuracy of every fold, for which the paper has no table."""
    by_method = {method: results.fold_accuracies(method) for method in METHODS}
    rows = []
    for fold in range(results.settings.run.folds):
        values = (f"{100 * by_method[method][fold]:.2f}" for method in METHODS)
        rows.append((str(fold), str(int((results.folds == fold).sum())), *values))
    header = ("Fold", "Clips", *METHODS.values())
    return Table("folds", "Accuracy of every fold, per cent", results.origin, header, tuple(rows))


def comparison(results: Results) -> Table:
    """Paper, this run, and the difference in percentage points."""
    rows = []
    for method, name in METHODS.items():
        printed = paper_results.ACCURACY.get(results.settings.dataset, {}).get(method)
        own = 100 * results.accuracy(method)
        difference = NOTHING if printed is None else f"{round(own, 2) - printed:+.2f}"
        rows.append((name, _printed(results.settings.dataset, method), f"{own:.2f}", difference))
    title = "Paper and this run, accuracy over all clips in per cent"
    return Table("comparison", title, results.origin, ("Method", "Paper", "This run", "Difference"), tuple(rows))


def _methods_as_columns(results: Results, name: str, title: str, columns: dict[str, str]) -> Table:
    rows = [
        (f"paper, {DATASETS[dataset].title}", *(f"{printed[method]:.2f}" for method in columns))
        for dataset, printed in paper_results.ACCURACY.items()
        if results.settings.dataset in (dataset, None)
    ]
    rows.append(("this run", *(f"{100 * results.accuracy(method):.2f}" for method in columns)))
    return Table(name, title, results.origin, ("", *columns.values()), tuple(rows))


def _matrix(classes: tuple[str, ...], values: np.ndarray, form: str) -> tuple[tuple[str, ...], ...]:
    return tuple((name, *(form.format(value) for value in row)) for name, row in zip(classes, values, strict=True))


def _printed(dataset: str | None, method: str) -> str:
    value = paper_results.ACCURACY.get(dataset, {}).get(method)
    return NOTHING if value is None else f"{value:.2f}"


def _name(kind: str, dataset: str | None, what: str) -> str:
    return f"table-{getattr(DATASETS[dataset], kind)}-{what}" if dataset else what


def _title(kind: str, dataset: str | None, what: str) -> str:
    return f"Table {getattr(DATASETS[dataset], kind)}. {what}" if dataset else what
