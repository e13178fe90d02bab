"""Model files: one .npz with the weights and everything else that prediction needs."""

from pathlib import Path
from typing import Any

import numpy as np

from fernet.array_file import ArrayFile, save_arrays
from fernet.backend import Array, to_host
from fernet.clips.sequence_set import Preprocessing
from fernet.errors import UserError
from fernet.json_settings import checked, to_json
from fernet.networks.build import Network
from fernet.networks.dtagn import DTAGN, INTEGRATIONS, check_network_fits, new_top
from fernet.networks.notation import parse
from fernet.networks.options import NetworkOptions

_FORMAT = "fernet model 1"
_WHAT = "a fernet model"
_CROSS_VALIDATION = "crossval.json"  # a folder with this file holds a model for each task, but none of its own


def save_model(path: Path, model: DTAGN) -> None:
    """Write `model`, whole or not at all."""
    networks = model.networks
    description = {
        "format": _FORMAT,
        "classes": list(model.classes),
        "preprocessing": to_json(model.preprocessing),
        "networks": {name: str(network.notation) for name, network in networks.items()},
        "options": {name: to_json(network.options) for name, network in networks.items()},
        "integrations": list(model.tops),
        "alpha": model.alpha,
        "history": model.history,
        "data": model.data,
    }
    arrays = {f"{name}/{key}": w for name, part in model.parts.items() for key, w in part.params.items()}
    arrays["trajectory_mean"] = model.trajectory_mean
    save_arrays(path, description, {name: to_host(w) for name, w in arrays.items()})


def load_model(path: Path) -> DTAGN:
    """Read a model, of a file or of the run folder that holds it; UserError if it is damaged, or is no model."""
    if path.is_dir():
        path = path / "model.npz"
    if not path.exists() and (path.parent / _CROSS_VALIDATION).exists():
        tasks = sorted(file.parent for file in path.parent.glob("tasks/*/model.npz"))
        one = f"e.g. {tasks[0]}" if tasks else "once one is finished"
        raise UserError(f"{path.parent} holds a cross-validation, and each of its tasks a model: name a task, {one}")
    with ArrayFile(path, _WHAT) as file:
        try:
            model = _skeleton(file.description)
        except (UserError, KeyError, TypeError, AttributeError) as error:
            raise UserError(f"{path} is not {_WHAT} that this version can read: {error}") from None
        model.trajectory_mean = file.read("trajectory_mean", model.trajectory_mean.shape, np.float32)
        for name, part in model.parts.items():
            part.set_params(_read(file, name, part.params))
    return model


def _skeleton(description: dict[str, Any]) -> DTAGN:
    """The model with fresh weights."""
    if description["format"] != _FORMAT:
        raise UserError(f"its format is {description['format']!r}, expected {_FORMAT!r}")
    classes = description["classes"]
    if not isinstance(classes, list) or len(classes) < 2 or not all(isinstance(name, str) for name in classes):
        raise UserError(f"its classes are {classes!r}, expected two or more names")
    preprocessing = Preprocessing(**checked(Preprocessing, description["preprocessing"]))
    networks = {}
    for name, notation in description["networks"].items():
        options = NetworkOptions(**checked(NetworkOptions, description["options"][name]))
        if options.frames != preprocessing.appearance_frames:
            raise UserError(f"its {name} takes {options.frames} frames, not {preprocessing.appearance_frames}")
        networks[name] = Network(parse(notation), options)
        check_network_fits(name, networks[name], preprocessing, len(classes))
    if not networks or not set(networks) <= {"dtan", "dtgn"}:
        raise UserError(f"its networks are {sorted(networks)}, expected dtan, dtgn or both")
    alpha, integrations = description["alpha"], description["integrations"]
    if not isinstance(alpha, (int, float)) or not 0 <= alpha <= 1:
        raise UserError(f"its alpha is {alpha!r}, expected 0 to 1")
    mean = np.zeros(49 * 2 * preprocessing.geometry_frames, np.float32)
    model = DTAGN(tuple(classes), preprocessing, mean, networks.get("dtan"), networks.get("dtgn"), alpha=float(alpha))
    model.history = description["history"]
    if not isinstance(model.history, dict):
        raise UserError(f"its history is {model.history!r}, expected the settings of the run that made it")
    data = description.get("data")
    model.data = data if isinstance(data, dict) else {}
    if not isinstance(integrations, list) or not all(name in INTEGRATIONS for name in integrations):
        raise UserError(f"its integrations are {integrations!r}, expected some of {', '.join(INTEGRATIONS)}")
    if integrations and len(networks) < 2:
        raise UserError(f"it integrates two networks but holds only {', '.join(networks)}")
    model.tops = {name: new_top(name, model.dtan, model.dtgn) for name in integrations}
    return model


def _read(file: ArrayFile, prefix: str, params: dict[str, Array]) -> dict[str, Array]:
    return {key: file.read(f"{prefix}/{key}", w.shape, np.float32) for key, w in params.items()}
