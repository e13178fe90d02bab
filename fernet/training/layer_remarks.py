"""What is wrong with a training, in words for its user: units that never fire, steps too large, nothing learned."""

from collections.abc import Callable
from math import log

from fernet.networks.dtagn import INTEGRATIONS
from fernet.training.layer_statistics import LayerRow

# Share of a layer that is too much. A map that is silent at every position of every sample hardly ever fires; a unit
# that is silent on the probe may fire for other samples, and some are silent from the start.
_DEAD = {"maps": 1 / 4, "units": 1 / 2}
_FIRST_LOSS = 1.1  # times the loss of guessing
_UPDATE = 3e-2  # of the weights in one step; 1e-3 is usual, and small last layers move by up to 2e-2


class LayerRemarks:
    """Remarks on one stage, each when it first applies; dead units and a training in vain once more at the end."""

    def __init__(
        self,
        stage: str,
        title: str,
        classes: int,
        rows: list[LayerRow],
        note: Callable[[str], None],
        fresh_top: bool = True,
    ) -> None:
        """`rows` grow during the training; those of other stages are left aside.

        `fresh_top`: the top layer starts from random weights, with which the first loss should be that of a guess.
        """
        self.stage, self.title, self.rows, self.note = stage, title, rows, note
        self.fresh_top = fresh_top
        self.single = stage in ("dtan", "dtgn")
        self.guessing = log(classes) * sum((not self.single and INTEGRATIONS[stage]) or (1.0,))
        self.chance = f"{self.guessing:.2f}, the loss of a guess among {classes} classes"
        self.said: dict[str, str] = {}

    def epoch_ended(self, epoch: int, loss: float, last: bool) -> None:
        """Remark on the latest rows, those of `epoch`, of which `loss` is the mean loss."""
        own = [row for row in self.rows if row.network == self.stage and row.epoch in (epoch, 0)]
        now, place = [row for row in own if row.epoch == epoch], f"{self.title} epoch {epoch}"
        if epoch == 1 and self.fresh_top:
            self._first_loss(max((row.loss for row in own if row.loss is not None), default=0.0))
        # The first step, in epoch 0, is left aside: a layer that starts with small weights moves far in it.
        large = ", ".join(f"{row.layer} by {row.update:.1%}" for row in now if (row.update or 0) > _UPDATE)
        if large:
            self._say(
                "update",
                f"{place}: one step changes the weights of {large}, where 0.1% is usual and more than "
                f"{_UPDATE:.0%} too much: {self._smaller_steps()}",
            )
        dead = {
            row.layer: f"{row.dead} of {row.units} {_kind(row)}"
            for row in now
            if row.dead is not None and row.dead >= _DEAD[_kind(row)] * row.units
        }
        new = [layer for layer in dead if layer not in self.said]
        if new or (last and any(self.said[layer] != text for layer, text in dead.items())):
            texts = ", ".join(f"{layer}: {text}" for layer, text in dead.items())
            self.note(f"{place}: {texts} never fire, and so cannot learn: {self._smaller_steps()}")
            self.said |= dead
        if last and not loss < self.guessing:
            self.note(
                f"{self.title} has learned nothing: its loss is {loss:.2f}, not below {self.chance}: {self._way_on()}"
            )

    def _first_loss(self, first: float) -> None:
        if first > _FIRST_LOSS * self.guessing:
            self._say(
                "first loss",
                f"{self.title}: the loss of the first batch is {first:.2f}, more than {self.chance}: the initial "
                f"weights of the last layer are too large, which may damage the layers below: {self._smaller_steps()}",
            )

    def _say(self, kind: str, text: str) -> None:
        if kind not in self.said:
            self.said[kind] = text
            self.note(text)

    def _smaller_steps(self) -> str:
        return f"try a smaller {'--learning-rate' if self.single else 'learning rate'}"

    def _way_on(self) -> str:
        epochs = {"dtan": "--epochs", "dtgn": "--dtgn-epochs"}.get(self.stage, "--joint-epochs")
        return f"train longer with {epochs}, or {self._smaller_steps().removeprefix('try ')}"


def _kind(row: LayerRow) -> str:
    return "maps" if row.layer.startswith("conv") else "units"
