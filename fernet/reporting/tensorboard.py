"""The curves of a run for TensorBoard, from log.csv and layers.csv; they need the extra `tensorboard`."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from fernet.errors import UserError
from fernet.files import whole_folder
from fernet.training.layer_file import read_layers
from fernet.training.layer_statistics import LayerRow
from fernet.training.state_file import STAGES, read_log

FOLDER = "tensorboard"
_CURVES = ("loss", "accuracy", "learning_rate")
_STATISTICS = ("dead", "zeros", "mean", "deviation", "gradient", "update")

Point = tuple[str, int, float]  # tag, epoch, value


def write_events(run: Path) -> Path:
    """Write event files into RUN/tensorboard, in place of earlier ones, one folder for each network; return its path.

    UserError if `run` holds no run, or if the extra is not installed.
    """
    try:
        from tensorboardX import SummaryWriter
    except ImportError:
        raise UserError("event files need tensorboardX: pip install -e '.[tensorboard]' in fernet's folder") from None
    log, rows, path = read_log(run), read_layers(run), run / FOLDER
    if not log:
        tasks = ", such as one of its tasks" if (run / "crossval.json").exists() else ""
        raise UserError(f"{run} holds no epoch of a run in log.csv: expected the folder of a run{tasks}")
    if unknown := {network for network, _ in log} - set(STAGES):
        raise UserError(f"{run / 'log.csv'} names the network {min(unknown)!r}: expected one of {', '.join(STAGES)}")
    shutil.rmtree(path, ignore_errors=True)
    with whole_folder(path) as folder:
        for network in dict.fromkeys(network for network, _ in log):
            with SummaryWriter(str(folder / network)) as writer:
                for tag, epoch, value in sorted(_points(network, log, rows), key=lambda point: point[1]):
                    writer.add_scalar(tag, value, epoch)
    return path


def _points(network: str, log: list[list], rows: list[LayerRow]) -> Iterator[Point]:
    """Loss, accuracy and learning rate; then "zeros/conv1" and the like, so that a chart stands beside its kind."""
    for stage, epoch in log:
        if stage == network:
            yield from ((name, epoch.number, getattr(epoch, name)) for name in _CURVES)
    for row in rows:
        if row.network == network:
            values = {f"{name}/{row.layer}": getattr(row, name) for name in _STATISTICS} | {"loss": row.loss}
            yield from ((tag, row.epoch, value) for tag, value in values.items() if value is not None)
