"""The results of a finished run: whether they are whole, and how lost ones are made again from its model."""

import json
from pathlib import Path

from fernet.errors import first_line
from fernet.evaluation.predictions_file import read_predictions
from fernet.networks.model_file import load_model
from fernet.training import state_file
from fernet.training.run import Run
from fernet.training.settings import run_settings_from_json

RESULTS = ("model.npz", "predictions.csv", "metrics.json")


def has_results(folder: Path) -> bool:
    """Whether all results are in `folder`, readable or not."""
    return all((folder / name).exists() for name in RESULTS)


def fault_in_results(folder: Path) -> str | None:
    """Which result in `folder` is missing or cannot be read, in words; None if all are whole."""
    missing = [name for name in RESULTS if not (folder / name).exists()]
    if missing:
        return f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing"
    try:
        load_model(folder / "model.npz")
        read_predictions(folder / "predictions.csv")
    except (OSError, ValueError) as error:  # a UserError is a ValueError
        return first_line(error)
    try:
        json.loads((folder / "metrics.json").read_text(encoding="utf-8"))["accuracy"].items()
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return "metrics.json cannot be read"
    return None


def repair(run: Run) -> None:
    """Before `run` is trained: note what is lost of the results in its folder, and make it from the model if possible.

    Training then has nothing left to do but to write the results; without a usable model it begins again, or continues
    from the saved state.
    """
    fault = fault_in_results(run.out)
    if fault is None or not any((run.out / name).exists() for name in RESULTS):
        return
    if _resume_from_model(run):
        run.progress.note(f"{fault}; the results are made again from the model")
    elif (run.out / "metrics.json").exists():
        run.progress.note(f"{fault}; the run is trained again")


def _resume_from_model(run: Run) -> bool:
    """Take the trained model in the folder; False if it is missing, damaged, or of other settings or data."""
    settings, expected = run.settings, run.model
    try:
        model = load_model(run.out / "model.npz")
        fits = run_settings_from_json(model.history) == settings
    except (OSError, ValueError):
        return False
    integrations = set(settings.integrations) if len(expected.networks) == 2 else set()
    notations, expected_notations = (
        {name: str(network.notation) for name, network in one.networks.items()} for one in (model, expected)
    )
    if (
        not fits
        or model.data.get("data_mark") not in (None, run.record.mark)
        or (notations, model.classes, set(model.tops)) != (expected_notations, expected.classes, integrations)
    ):
        return False
    model.history, model.data = expected.history, expected.data
    schedules = {"dtan": settings.dtan_schedule, "dtgn": settings.dtgn_schedule}
    epochs = {name: schedules.get(name, settings.joint_schedule).epochs for name in model.parts}
    run.model, run.state = model, state_file.State(epochs)
    run.logs.epochs = state_file.load_log(run.out, run.state)
    return True
