"""layers.csv: what the layers of a run did in every epoch, one row for each network, epoch and layer."""

import csv
import io
import re
from pathlib import Path

from fernet.errors import UserError
from fernet.files import read_text, write_text
from fernet.training.layer_statistics import LayerRow
from fernet.training.state_file import STAGES

LAYERS = "layers.csv"
LAYER_COLUMNS = LayerRow._fields
_COUNTS = ("epoch", "units", "dead")
_LAYER = re.compile(r"[a-z_]+[0-9]*", re.ASCII)


def write_layers(folder: Path, rows: list[LayerRow]) -> None:
    """Write layers.csv, whole or not at all; a statistic that is None is an empty cell."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(LAYER_COLUMNS)
    writer.writerows([f"{cell:.6g}" if isinstance(cell, float) else cell for cell in row] for row in rows)
    write_text(folder / LAYERS, text.getvalue())


def read_layers(folder: Path) -> list[LayerRow]:
    """The rows of layers.csv in `folder`, none if there is no such file; UserError if it is damaged."""
    path = folder / LAYERS
    try:
        table = csv.DictReader(read_text(path).splitlines(), strict=True)
        return [_row(cells) for cells in table]
    except FileNotFoundError:
        return []
    except (KeyError, ValueError, TypeError, csv.Error) as error:
        raise UserError(f"{path} cannot be read ({error}): delete it to go on without it") from None


def _row(cells: dict[str, str]) -> LayerRow:
    values = {name: cells[name] for name in LAYER_COLUMNS}
    if values["network"] not in STAGES or not _LAYER.fullmatch(values["layer"]):
        raise ValueError(f"{values['network']} {values['layer']} is not a layer that a run can have")
    numbers = {
        name: None if text == "" else int(text) if name in _COUNTS else float(text)
        for name, text in values.items()
        if name not in ("network", "layer")
    }
    return LayerRow(network=values["network"], layer=values["layer"], **numbers)
