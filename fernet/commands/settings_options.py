"""The settings of a run from the command line, a file of settings, and the model from which the run starts."""

from pathlib import Path

import click

from fernet.datasets.layouts import LAYOUTS

CONFIG = click.option(
    "--config",
    type=click.Path(),
    metavar="FILE",
    help="Settings from a file: settings.json of a run, or a part of it, as JSON or TOML.  Other options override it.  "
    "[default: none]",
)


def given_options(context: click.Context, values: dict) -> dict:
    """The values of the options that are on the command line."""
    source = context.get_parameter_source
    return {name: value for name, value in values.items() if source(name) is click.core.ParameterSource.COMMANDLINE}


def train_settings(given: dict) -> "RunSettings":  # noqa: F821 - imported below, to keep --help quick
    """The settings of a run: the defaults, changed by the file `config`, then by the options `given`."""
    from dataclasses import replace

    from fernet.commands.progress import TerminalProgress
    from fernet.datasets.load import refuse_landmark_model
    from fernet.experiments.paper_settings import takes_small_networks
    from fernet.training.settings import RunSettings, StartingModel
    from fernet.training.settings_file import entry_names, read_settings_file, with_entries

    settings, named = RunSettings(), set()
    if "config" in given:
        path = Path(given["config"])
        entries = read_settings_file(path)
        settings, named = with_entries(settings, entries, path), entry_names(entries)
    of_init = {"layers": given["init_layers"]} if "init_layers" in given else {}
    if "init" in given:
        file = Path(given["init"])
        file = file / "model.npz" if file.is_dir() else file
        init = StartingModel(str(file), **{"layers": settings.init.layers, **of_init})
    else:
        init = replace(settings.init, **of_init)
    settings = _with_options(replace(settings, init=init), given)
    if "landmark_model" in given:
        refuse_landmark_model(settings.data)
    if init.file is not None:
        return _started(settings, named | set(given))
    if "small_networks" not in named or {"data", "layout", "follow_links"} & set(given):
        reading = settings.reading
        small = takes_small_networks(settings.data, reading.layout, reading.follow_links, TerminalProgress())
        settings = replace(settings, small_networks=small)
    return settings


def crossval_settings(given: dict) -> tuple["RunSettings", str | None]:  # noqa: F821
    """What all runs of a cross-validation share, and the database of the paper that the data belong to, if any.

    UserError if neither `given` nor its file of settings names the data, or the file names a model to start from.
    """
    from dataclasses import replace

    from fernet.backend import choose
    from fernet.datasets.load import refuse_landmark_model
    from fernet.errors import UserError
    from fernet.experiments.paper_settings import recognise_dataset, run_settings
    from fernet.networks.dtagn import INTEGRATIONS
    from fernet.training.settings import RunSettings
    from fernet.training.settings_file import read_settings_file, with_entries

    path = Path(given.get("config", ""))
    entries = read_settings_file(path) if "config" in given else {}
    file = with_entries(RunSettings(), entries, path)
    if file.init.file is not None:
        raise UserError(
            f"{path} names a model to start from, but a cross-validation starts from random weights: take `init` out"
        )
    data = given.get("dataset") or (file.data if "data" in entries else None)
    if data is None:
        raise UserError(
            "expected a dataset (synthetic:ck+, a folder, a CSV, a prepared file), or --resume with a folder"
        )
    if "landmark_model" in given:
        refuse_landmark_model(data)
    reading = _changed_reading(_reading_for(data, file), given)
    known = recognise_dataset(data, reading.layout, reading.follow_links)
    defaults = run_settings(data, known)
    run = with_entries(defaults, entries, path)
    if data != file.data:
        run = replace(run, small_networks=defaults.small_networks)
    own = {name: given[name] for name in ("folds", "fold_scheme", "precision", "landmark_model") if name in given}
    run = replace(run, data=data, reading=reading, networks="both", integrations=tuple(INTEGRATIONS), **own)
    # The same library for all workers, whatever `auto` would choose there.
    return replace(run, fold=0, seed=0, backend=choose(given.get("backend", run.backend)).__name__), known


def _with_options(settings: "RunSettings", given: dict) -> "RunSettings":  # noqa: F821
    """`settings` with the options on the command line of `train`."""
    from dataclasses import fields, replace

    from fernet.networks.options import NetworkOptions

    def own(*names: str) -> dict:
        return {name: given[name] for name in names if name in given}

    schedules = {"dtan_schedule": "epochs", "dtgn_schedule": "dtgn_epochs", "joint_schedule": "joint_epochs"}
    for name, epochs in schedules.items():
        # Joint fine-tuning has a learning rate of its own.
        rate = own("learning_rate") if name != "joint_schedule" else {}
        changes = own("batch_size", "momentum", "weight_decay") | rate
        changes |= {"epochs": given[epochs]} if epochs in given else {}
        settings = replace(settings, **{name: replace(getattr(settings, name), **changes)})
    frames = {"appearance_frames": given["frames"]} if "frames" in given else {}
    simple = own("data", "networks", "integrations", "dtan", "dtgn", "alpha", "balance", "folds", "fold", "fold_scheme")
    return replace(
        settings,
        options=replace(settings.options, **own(*(field.name for field in fields(NetworkOptions)))),
        preprocessing=replace(settings.preprocessing, **frames, **own("normalise_first")),
        reading=_changed_reading(_reading_for(given.get("data", settings.data), settings), given),
        **simple,
        **own("seed", "backend", "precision", "landmark_model"),
    )


def _reading_for(data: str, settings: "RunSettings") -> "Reading":  # noqa: F821
    """How the settings read recordings, for these data: sets and prepared files have none."""
    from fernet.datasets.load import holds_arrays
    from fernet.datasets.reading import DEFAULT

    return DEFAULT if holds_arrays(data) and data != settings.data else settings.reading


def _changed_reading(reading: "Reading", given: dict) -> "Reading":  # noqa: F821
    from dataclasses import replace

    defaults = {one.name: one.values[0] for layout in LAYOUTS.values() for one in layout.options}
    options = reading.options | {name: given[name] for name in defaults if name in given}
    names = ("layout", "rotation", "follow_links", "landmarks", "on_missing_face")
    return replace(
        reading,
        options={name: value for name, value in options.items() if name not in defaults or value != defaults[name]},
        **{name: given[name] for name in names if name in given},
    )


def _started(settings: "RunSettings", chosen: set[str]) -> "RunSettings":  # noqa: F821
    """The settings of a run that starts from a model; recordings get the landmark model of its training."""
    from dataclasses import replace

    from fernet.datasets.load import holds_arrays
    from fernet.faces.landmarks import find_model
    from fernet.networks.predict import landmark_model_for
    from fernet.training.starting_model import starting_model

    start = starting_model(settings.init)
    settings = start.fill_in(settings, chosen)
    recordings = not holds_arrays(settings.data)
    if recordings and settings.reading.landmarks == "lbf" and settings.landmark_model is None:
        found = landmark_model_for(start.model, None)
        if found != find_model(None):
            settings = replace(settings, landmark_model=str(found))
    return settings
