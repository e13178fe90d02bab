"""Curves of the training: loss and accuracy against epochs."""

from collections.abc import Sequence
from itertools import pairwise

from fernet.experiments.results import METHODS, Results
from fernet.experiments.saved_results import training_log
from fernet.experiments.tasks import NETWORK_SETS
from fernet.reporting.charts import Line, Mark, line_chart, titled_chart
from fernet.reporting.scales import from_zero, shares
from fernet.training.fit import Epoch
from fernet.training.layer_remarks import LayerRemarks

_CHANGES = 2  # of a learning rate, in words


def fold_curves(results: Results) -> str:
    """The loss of each network of a cross-validation, one line for each fold and seed."""
    curves: dict[str, list[Line]] = {}
    for network_set in NETWORK_SETS:
        for seed in range(results.settings.seeds):
            for fold in range(results.settings.run.folds):
                for network, epochs in training_log(results.folder, network_set, fold, seed).items():
                    name = METHODS[network if network_set == "dtagn" else "single_frame"]
                    last = f"{epochs[-1]['accuracy']:.1%} of the training samples right in the end"
                    points = [(number, epoch["loss"]) for number, epoch in enumerate(epochs, 1)]
                    curves.setdefault(name, []).append(Line(points, f"fold {fold}, seed {seed}: {last}"))
    charts = []
    for name, lines in curves.items():
        scale = from_zero(loss for line in lines for _, loss in line.points)
        charts.append(titled_chart(name, line_chart(f"training loss of {name} against epochs", lines, scale)))
    return "".join(charts)


def loss_of_guess(stage: str, classes: int) -> float:
    """The loss of a network or integration that gives every class the same probability."""
    return LayerRemarks(stage, stage, classes, [], lambda _: None).guessing


def loss_chart(name: str, epochs: Sequence[Epoch], guess: float | None) -> str:
    """The loss of one network and, unless it is far above, the loss of a `guess`."""
    last, losses = epochs[-1], [epoch.loss for epoch in epochs]
    marks = [Mark(guess, f"a guess: {guess:.2f}")] if guess is not None and guess <= 1.5 * max(losses) else []
    line = Line([(epoch.number, epoch.loss) for epoch in epochs], f"{last.loss:.3f} in epoch {last.number}")
    scale = from_zero([*losses, *(mark.value for mark in marks)])
    chart = line_chart(f"loss of {name} against epochs", [line], scale, marks)
    return titled_chart(name, chart, line.tip)


def accuracy_chart(name: str, epochs: Sequence[Epoch], held_out: float | None) -> str:
    """The accuracy of one network on the training samples, and as a line that on the held-out clips at the end."""
    last = epochs[-1]
    marks = [] if held_out is None else [Mark(held_out, f"held-out clips: {held_out:.1%}")]
    line = Line([(epoch.number, epoch.accuracy) for epoch in epochs], f"{last.accuracy:.1%} in epoch {last.number}")
    return titled_chart(name, line_chart(f"accuracy of {name} against epochs", [line], shares(), marks), line.tip)


def learning_rates(epochs: Sequence[Epoch]) -> str:
    """The first learning rate, and later ones with their epochs; only the range if there are many."""
    changes = [(b.number, b.learning_rate) for a, b in pairwise(epochs) if a.learning_rate != b.learning_rate]
    if len(changes) > _CHANGES:
        rates = [epoch.learning_rate for epoch in epochs]
        return f"{min(rates):g} to {max(rates):g}, {rates[-1]:g} in epoch {epochs[-1].number}"
    later = (f"{rate:g} from epoch {number} on" for number, rate in changes)
    return ", ".join([f"{epochs[0].learning_rate:g}", *later])
