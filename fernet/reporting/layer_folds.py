"""What the layers did in a cross-validation: the dead units of each fold, and the worst of all folds."""

from collections.abc import Iterator

from fernet.errors import UserError, first_line
from fernet.experiments.cross_validation import task_name
from fernet.experiments.results import METHODS, Results
from fernet.experiments.tasks import NETWORK_SETS, TASKS
from fernet.reporting.html_tables import html_table, remark, shaded_table
from fernet.reporting.layer_charts import dead_share
from fernet.reporting.saved_run import checked_layers
from fernet.reporting.training_charts import loss_of_guess
from fernet.training.layer_statistics import LayerRow

_NAMED = 3  # tasks without statistics
_Found = dict[tuple[str, str], dict[int, list[LayerRow]]]  # rows by network and layer, then by fold


def fold_layers(results: Results) -> str:
    """Tables of all folds, and sentences on those that have no statistics."""
    found: _Found = {}
    missing: list[str] = []
    for network_set, fold, task in _tasks(results):
        try:
            rows = checked_layers(results.folder / TASKS / task)
        except (UserError, OSError) as error:
            missing.append(f"{task}: {first_line(error)}.")
            continue
        for row in rows:
            name = METHODS["single_frame" if network_set == "single-frame" else row.network]
            found.setdefault((name, row.layer), {}).setdefault(fold, []).append(row)
    sentences = "".join(map(remark, missing[:_NAMED]))
    if len(missing) > _NAMED:
        sentences += remark(f"Tasks without statistics: {len(missing)} in all.")
    if not found:
        return sentences
    folds = range(results.settings.run.folds)
    return (
        f"{sentences}<h3>Units that never fire, after the last epoch</h3>{_dead(found, folds)}"
        f"<h3>The worst of all folds</h3>{_worst(found)}"
        f"<h3>Loss of the first batch</h3>{_first_losses(found, len(results.classes))}"
    )


def _tasks(results: Results) -> Iterator[tuple[str, int, str]]:
    """Network set, fold and name of each task."""
    for network_set in NETWORK_SETS:
        for seed in range(results.settings.seeds):
            for fold in range(results.settings.run.folds):
                yield network_set, fold, task_name(network_set, fold, seed)


def _dead(found: _Found, folds: range) -> str:
    """One column for each fold; of several seeds, the largest number."""
    rows = []
    for (network, layer), by_fold in found.items():
        ends = {fold: _ends(rows) for fold, rows in by_fold.items()}
        worst = {fold: max(own, key=dead_share) for fold, own in ends.items() if own}
        if worst:
            units = {row.units for row in worst.values()}
            cells = [
                (str(worst[fold].dead), dead_share(worst[fold])) if fold in worst else ("–", 0.0) for fold in folds
            ]
            rows.append(((network, layer, " or ".join(map(str, sorted(units)))), cells))
    return shaded_table(("Network", "Layer", "Units", *(f"fold {k}" for k in folds)), rows, "alarm")


def _worst(found: _Found) -> str:
    """For each layer with weights: the most zeros and the smallest spread at the end, and the largest step."""
    table = []
    for (network, layer), by_fold in found.items():
        last = [(row, fold) for fold, rows in by_fold.items() for row in _last(rows)]
        steps = [(row, fold) for fold, rows in by_fold.items() for row in rows if row.update is not None and row.epoch]
        if not steps:
            continue
        zeros = max(((r.zeros, fold) for r, fold in last if r.zeros is not None), default=None)
        spread = min(((r.deviation, fold) for r, fold in last if r.deviation is not None), default=None)
        step, fold = max(steps, key=lambda one: one[0].update)
        table.append(
            (
                network,
                layer,
                "" if zeros is None else f"{zeros[0]:.1%} (fold {zeros[1]})",
                "" if spread is None else f"{spread[0]:.3g} (fold {spread[1]})",
                f"{step.update:.2g} (fold {fold}, epoch {step.epoch})",
            )
        )
    header = ("Network", "Layer", "Most zeros", "Smallest spread", "Largest update/weight after an epoch")
    return html_table(header, table)


def _first_losses(found: _Found, classes: int) -> str:
    table = []
    for (network, _), by_fold in found.items():
        first = [row for rows in by_fold.values() for row in rows if row.loss is not None]
        if first:
            losses = [row.loss for row in first]
            guess = loss_of_guess(first[0].network, classes)
            table.append((network, f"{min(losses):.2f}", f"{max(losses):.2f}", f"{guess:.2f}"))
    return html_table(("Network", "Lowest", "Highest", "A guess"), table)


def _last(rows: list[LayerRow]) -> list[LayerRow]:
    """Of rows of one layer and fold, those of the last epoch: one for each seed."""
    epoch = max(row.epoch for row in rows)
    return [row for row in rows if row.epoch == epoch]


def _ends(rows: list[LayerRow]) -> list[LayerRow]:
    return [row for row in _last(rows) if row.dead is not None and row.units]
