"""Starting a run from the weights of a trained model."""

import hashlib
from collections.abc import Collection, Set
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from fernet.clips.sequence_set import SequenceSet
from fernet.errors import UserError
from fernet.networks.build import Network
from fernet.networks.dtagn import DTAGN
from fernet.networks.model_file import load_model
from fernet.networks.notation import Notation, Part
from fernet.training.settings import RunSettings, StartingModel, networks_of


@dataclass(frozen=True)
class Start:
    """The model from which a run starts, and the settings that name it."""

    settings: StartingModel
    model: DTAGN

    def fill_in(self, settings: RunSettings, chosen: Set[str]) -> RunSettings:
        """`settings` with the networks, their options and the preprocessing of the model.

        `chosen` names the settings that the user chose: where they differ from the model's, this is a UserError. Only
        the dropout rate is free.
        """
        own = self.model.networks
        if "networks" not in chosen:
            settings = replace(settings, networks="both" if len(own) == 2 else next(iter(own)))
        options = _taken(settings.options, next(iter(own.values())).options, chosen - {"dropout"})
        if "dropout" in chosen:
            options = replace(options, dropout=settings.options.dropout)
        preprocessing = _taken(settings.preprocessing, self.model.preprocessing, chosen)
        return self._with_notations(replace(settings, options=options, preprocessing=preprocessing, init=self.settings))

    def for_classes(self, settings: RunSettings, classes: tuple[str, ...]) -> RunSettings:
        """`settings` with top layers for `classes` where the notation is that of the model."""
        settings = self._with_notations(replace(settings, init=self.settings))
        adapted = {}
        for name in networks_of(settings):
            notation = self._network(name).notation
            if getattr(settings, name) == str(notation):
                adapted[name] = str(Notation((*notation.parts[:-1], Part("S", (len(classes),)))))
        return replace(settings, **adapted)

    def give_weights(self, name: str, network: Network, classes: tuple[str, ...]) -> None:
        """Copy the weights into `network`; its top layer keeps its own unless the model has the same classes.

        Outputs of the top layer are put into the order of `classes`. UserError if the layers below it differ.
        """
        theirs = self._network(name)
        if theirs.notation.parts[:-1] != network.notation.parts[:-1]:
            raise UserError(
                f"{name} of the starting model is {theirs.notation}, that of the run {network.notation}: expected the "
                "same up to the last layer"
            )
        top = f"{network.layers[-1][0]}."
        params = {key: w.copy() for key, w in theirs.params.items()}
        if self.has_classes(classes):
            columns = [self.model.classes.index(one) for one in classes]
            params |= {key: np.ascontiguousarray(w[..., columns]) for key, w in params.items() if key.startswith(top)}
        else:
            params |= {key: w for key, w in network.params.items() if key.startswith(top)}
        network.set_params(params)

    def has_classes(self, classes: tuple[str, ...]) -> bool:
        """Whether the model was trained on these classes, in any order."""
        return sorted(self.model.classes) == sorted(classes)

    def remarks(self, clips: SequenceSet, held_out: Collection[str]) -> list[str]:
        """What the user should know before a run on `clips` that holds out the people `held_out` starts."""
        file, remarks = self.settings.file, []
        if not self.has_classes(clips.classes):
            remarks.append(
                f"{file} has the classes {', '.join(self.model.classes)}, the data have {', '.join(clips.classes)}: "
                "the top layers start from random weights"
            )
        trained_on = self.model.data.get("training_subjects")
        known = sorted(set(held_out) & {one for one in trained_on if isinstance(one, str)}) if trained_on else []
        if known:
            some = ", ".join(known[:3]) + (f" and {len(known) - 3} others" if len(known) > 3 else "")
            remarks.append(
                f"{file} was trained on people called {some}, who are held out here: if they are the same people, the "
                "accuracy says nothing about new ones; hold out others with --fold"
            )
        return remarks

    def to_json(self, classes: tuple[str, ...]) -> dict[str, Any]:
        """What environment.json records of it."""
        settings = self.settings
        top = "kept" if self.has_classes(classes) else "new"
        return {"name": Path(settings.file).name, "sha256": settings.sha256, "trained": settings.layers, "top": top}

    def _with_notations(self, settings: RunSettings) -> RunSettings:
        missing = [name for name in networks_of(settings) if getattr(settings, name) is None]
        return replace(settings, **{name: str(self._network(name).notation) for name in missing})

    def _network(self, name: str) -> Network:
        if name not in self.model.networks:
            raise UserError(
                f"{self.settings.file} has no {name}: expected --networks {next(iter(self.model.networks))}"
            )
        return self.model.networks[name]


def starting_model(settings: StartingModel) -> Start | None:
    """The model that the settings name, None if they name none; UserError if the file is missing or another one."""
    if settings.file is None:
        return None
    found, model = sha256_of(Path(settings.file)), load_model(Path(settings.file))
    if settings.sha256 not in (None, found):
        raise UserError(
            f"{settings.file} is not the model from which the run starts: its SHA-256 is {found[:12]}..., expected "
            f"{settings.sha256[:12]}...; restore the file, or start a new run with --init"
        )
    return Start(replace(settings, sha256=found), model)


def sha256_of(file: Path) -> str:
    """The SHA-256 of a model file, in hexadecimal digits; UserError if it cannot be read."""
    if not file.is_file():
        raise UserError(f"{file} does not exist: expected the model from which the run starts")
    with open(file, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _taken(settings: Any, theirs: Any, chosen: Set[str]) -> Any:
    for name in sorted(chosen & {field.name for field in fields(theirs)}):
        if getattr(settings, name) != getattr(theirs, name):
            raise UserError(
                f"{name} is {getattr(settings, name)}, but the starting model was trained with "
                f"{getattr(theirs, name)}: expected the same, or leave it out"
            )
    return theirs
