"""How the networks of a run were trained: remarks, curves and layers."""

from html import escape
from math import log

from fernet.evaluation.metrics import accuracy
from fernet.reporting.html_tables import remark
from fernet.reporting.layer_charts import layer_charts
from fernet.reporting.saved_run import SavedRun
from fernet.reporting.training_charts import accuracy_chart, learning_rates, loss_chart, loss_of_guess
from fernet.training.layer_remarks import LayerRemarks


def training_remarks(run: SavedRun) -> list[str]:
    """What is wrong with the training, in the words of `train`."""
    said: list[str] = []
    if run.classes is not None:
        for stage, schedule in run.schedules.items():
            fresh_top = run.settings.init.file is None
            own = LayerRemarks(stage, run.name_of(stage), run.classes, run.rows, said.append, fresh_top)
            for epoch in run.log.get(stage, ()):
                own.epoch_ended(epoch.number, epoch.loss, epoch.number == schedule.epochs)
    return said


def curve_section(run: SavedRun) -> str:
    """Loss and accuracy of every network and top that has been trained so far."""
    if "log" in run.faults:
        return remark(f"The curves cannot be drawn: {run.faults['log']}.")
    if not run.log:
        return remark("No epoch has ended so far.")
    p = run.predictions
    tested = {name: accuracy(scores, p.labels) for name, scores in p.scores.items()} if p is not None else {}
    losses = [loss_chart(run.name_of(stage), epochs, _guess(run, stage)) for stage, epochs in run.log.items()]
    right = [accuracy_chart(run.name_of(stage), epochs, tested.get(stage)) for stage, epochs in run.log.items()]
    names: dict[str, list[str]] = {}
    for stage, epochs in run.log.items():
        names.setdefault(learning_rates(epochs), []).append(run.name_of(stage))
    rates = "; ".join(f"{' and '.join(own)} {rates}" for rates, own in names.items())
    return (
        f'<h3>Loss</h3><div class="charts">{"".join(losses)}</div>{remark(f"Learning rate: {rates}.")}'
        f'<h3>Accuracy on the training samples</h3><div class="charts">{"".join(right)}</div>'
    )


def layer_section(run: SavedRun) -> str:
    """The statistics of every network, after a sentence on its first loss."""
    if "layers" in run.faults:
        return remark(f"The charts cannot be drawn: {run.faults['layers']}.")
    blocks = []
    for stage in dict.fromkeys(row.network for row in run.rows):
        own, name = [row for row in run.rows if row.network == stage], run.name_of(stage)
        blocks.append(f"<h3>{escape(name)}</h3>{_first_loss(run, stage)}{layer_charts(name, own)}")
    return "".join(blocks)


def _guess(run: SavedRun, stage: str) -> float | None:
    """The loss of a guess among the classes."""
    return loss_of_guess(stage, run.classes) if run.classes is not None else None


def _first_loss(run: SavedRun, stage: str) -> str:
    first = next((row.loss for row in run.rows if row.network == stage and row.loss is not None), None)
    guess = _guess(run, stage)
    if first is None or guess is None:
        return ""
    chance, times = log(run.classes), guess / log(run.classes)
    formula = f"ln {run.classes} = {chance:.2f}"
    if abs(times - 1) > 1e-9:
        formula = f"{times:g} ln {run.classes} = {guess:.2f}, where {times:g} is the sum of the weights of its losses"
    difference = first / guess - 1
    size = "equal to" if abs(difference) < 0.005 else f"{abs(difference):.0%} {'above' if difference > 0 else 'below'}"
    return f"<p>The loss of the first batch was {first:.2f}, {size} that of a guess, {escape(formula)}.</p>"
