"""The two logs of a run, log.csv and layers.csv, written after every epoch."""

from collections.abc import Callable
from pathlib import Path

from fernet.files import write_text
from fernet.training import state_file
from fernet.training.fit import Epoch
from fernet.training.layer_file import LAYERS, write_layers
from fernet.training.layer_statistics import LayerRow


class Logs:
    """Rows that grow during a run: [stage, Epoch] in `epochs`, and those of `layers`."""

    def __init__(self, out: Path, note: Callable[[str], None]) -> None:
        self.out, self.note = out, note
        self.epochs: list[list[str | Epoch]] = []
        self.layers: list[LayerRow] = []
        self.behind = False  # whether the files lack rows

    def try_to_write(self) -> None:
        """Write both files; while another program holds one open, as on Windows, leave it for later."""
        path = self.out / "log.csv"
        try:
            write_text(path, state_file.log_text(self.epochs))
            path = self.out / LAYERS
            write_layers(self.out, self.layers)
        except PermissionError as error:
            if not self.behind:
                self.note(
                    f"{path} cannot be written ({error.strerror or error}), perhaps another program "
                    "holds it open: it is written again after the next epoch"
                )
            self.behind = True
        else:
            self.behind = False
