"""`train --config` and `crossval --config`: a run's settings come back, the command line overrides them."""

import json
from dataclasses import replace

import pytest
from toy_run import settings as toy_settings
from toy_set import toy_set

from fernet.clips.prepared_file import PreparedSet, save_prepared
from fernet.clips.sequence_set import Preprocessing
from fernet.commands.settings_options import crossval_settings, train_settings
from fernet.datasets.reading import Reading
from fernet.errors import UserError
from fernet.experiments.paper_settings import run_settings
from fernet.json_settings import to_json
from fernet.networks.dtagn import INTEGRATIONS
from fernet.networks.options import NetworkOptions
from fernet.training.settings import RunSettings, Schedule, run_settings_from_json
from fernet.training.settings_file import entry_names, read_settings_file, with_entries

UNUSUAL = RunSettings(
    data="clips",
    folds=3,
    fold=1,
    fold_scheme="stratified",
    integrations=("l3", "concatenation"),
    alpha=0.25,
    dtgn="D1176-FC20-S7",
    small_networks=True,
    options=NetworkOptions(frames=2, normalisation="response", ceil_pooling=True, dropout=0.25),
    preprocessing=Preprocessing(appearance_frames=2, normalise_first=True),
    dtan_schedule=Schedule(epochs=5, learning_rate=0.02, batch_size=16, momentum=0.5, weight_decay=0.0),
    balance=True,
    seed=9,
    backend="numpy",
    precision="float32",
    reading=Reading(layout="oulu", rotation=90, options={"light": "NI"}, follow_links=True, on_missing_face="skip"),
)


def written(folder, text, name="settings.toml"):
    path = folder / name
    path.write_text(text if isinstance(text, str) else json.dumps(text), encoding="utf-8")
    return path


def from_file(path, **given):
    return train_settings({"config": str(path), **given})


def test_the_settings_of_a_run_come_back(tmp_path):
    assert from_file(written(tmp_path, to_json(UNUSUAL), "settings.json")) == UNUSUAL


def test_a_part_as_toml_leaves_the_rest_as_it_is(tmp_path):
    path = written(
        tmp_path,
        'data = "synthetic:ck+"\nintegrations = ["l3"]\nbalance = true\n[options]\ndropout = 0.25\n'
        "[joint_schedule]\nepochs = 4\n",
    )
    assert from_file(path) == RunSettings(
        data="synthetic:ck+",
        integrations=("l3",),
        balance=True,
        options=NetworkOptions(dropout=0.25),
        joint_schedule=Schedule(epochs=4, learning_rate=0.003),
    )


def test_options_override_the_file_and_leave_the_rest_of_it(tmp_path):
    path = written(tmp_path, to_json(UNUSUAL), "settings.json")
    given = {
        "epochs": 6,
        "learning_rate": 0.1,
        "dropout": 0.0,
        "ceil_pooling": False,
        "balance": False,
        "frames": 4,
        "normalise_first": False,
        "light": "VL",
        "on_missing_face": "error",
        "integrations": ("joint",),
        "seed": 0,
    }
    assert from_file(path, **given) == replace(
        UNUSUAL,
        dtan_schedule=replace(UNUSUAL.dtan_schedule, epochs=6, learning_rate=0.1),
        dtgn_schedule=replace(UNUSUAL.dtgn_schedule, learning_rate=0.1),
        options=replace(UNUSUAL.options, dropout=0.0, ceil_pooling=False, frames=4),
        preprocessing=Preprocessing(appearance_frames=4),
        reading=replace(UNUSUAL.reading, options={}, on_missing_face="error"),
        balance=False,
        integrations=("joint",),
        seed=0,
    )


def test_other_data_have_the_networks_and_the_reading_that_are_theirs(tmp_path):
    path = written(tmp_path, to_json(UNUSUAL), "settings.json")
    assert not from_file(path, data="synthetic:ck+").small_networks
    assert from_file(path, data="synthetic:ck+").reading == Reading()
    assert from_file(path, data="other").reading == UNUSUAL.reading
    assert from_file(written(tmp_path, 'data = "synthetic:mmi"')).small_networks


def test_the_settings_of_earlier_versions_come_back(tmp_path):
    old = to_json(replace(UNUSUAL, small_networks=False))
    for name in ("precision", "small_networks", "reading", "init", "balance"):
        del old[name]
    expected = replace(UNUSUAL, small_networks=False, precision="tf32", reading=Reading(), balance=False)
    assert from_file(written(tmp_path, old, "settings.json")) == expected
    assert run_settings_from_json(old) == expected
    path = written(tmp_path, old | {"data": "synthetic:mmi"}, "settings.json")
    assert with_entries(RunSettings(), read_settings_file(path), path).small_networks


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.toml", "epoch = 3", "there is no setting epoch: expected some of data, folds"),
        ("a.toml", "fols = 3", "there is no setting fols (did you mean folds?)"),
        ("a.toml", "[options]\nframe = 3", "there is no setting options.frame (did you mean options.frames?)"),
        ("a.toml", "options = 3", "options holds 3, expected a table of settings"),
        ("a.json", "[1]", "the file holds [1], expected a table of settings"),
        ("a.toml", 'seed = "one"', "seed is 'one', expected int"),
        ("a.toml", "balance = 1", "balance is 1, expected bool"),
        ("a.toml", "integrations = 3", "integrations is 3, expected a list of names"),
        ("a.toml", "[dtan_schedule]\nepochs = 2020-01-01", "epochs is '2020-01-01', expected int"),
        ("a.toml", "[dtan_schedule]\nepochs = 0", "both must be at least 1"),
        ("a.toml", "[dtan_schedule]\nlearning_rate = nan", "learning rate nan"),
        ("a.toml", "[options]\nframes = 2", "the network takes T_a = 2 frames, preprocessing makes 3"),
        ("a.toml", 'dtan = "I64"', "it must end in S<classes>"),
        ("a.toml", "seed = ", "cannot be read as settings"),
        ("a.json", "{", "cannot be read as settings"),
        ("a.json", '{"reading": {"options": ' + '{"a": ' * 60 + "1" + "}" * 62, "nested too deeply"),
        ("a.toml", "data = " + "[" * 3000 + "]" * 3000, "nested too deeply"),
        ("a.yaml", "seed: 1", "must be called .json or .toml"),
        ("a.toml", '[init]\nlayers = "some"', "expected one of all, top"),
        ("a.toml", '[init]\nlayers = "top"', "no model to start from is given"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_in_one_sentence(name, text, words, command, tmp_path):
    path = written(tmp_path, text, name)
    status, out, err = command("train", "--config", path, "--out", tmp_path / "run")
    assert (status, out, err.count("\n")) == (2, "", 1), err
    assert words in err
    assert str(path) in err
    assert not (tmp_path / "run").exists()


def test_a_file_that_is_not_there(command, tmp_path):
    status, _, err = command("train", "--config", tmp_path / "none.json")
    assert status == 2
    assert "none.json does not exist: expected settings, such as the settings.json of a run" in err
    assert command("train", "--config", tmp_path)[0] == 2
    assert "leave out --config" in command("train", "--resume", tmp_path, "--config", tmp_path)[2]


def test_of_a_cross_validation_the_settings_of_its_runs_are_taken(tmp_path):
    path = written(tmp_path, to_json(toy_settings()), "crossval.json")
    assert from_file(path, fold=1) == replace(toy_settings().run, fold=1)
    path = written(tmp_path, {"run": {}, "other": 1}, "crossval.json")
    with pytest.raises(UserError, match="there is no setting run"):
        read_settings_file(path)


def test_entry_names_are_those_in_the_file(tmp_path):
    path = written(tmp_path, "seed = 1\n[options]\ndropout = 0.1\n")
    assert entry_names(read_settings_file(path)) == {"seed", "options", "dropout"}


def test_a_run_is_repeated_from_its_settings(command, tmp_path):
    save_prepared(tmp_path / "toy.npz", PreparedSet(toy_set()))
    run = replace(toy_settings().run, data=str(tmp_path / "toy.npz"), networks="dtgn")
    path = written(tmp_path, to_json(run), "settings.json")
    assert command("train", "--config", path, "--out", tmp_path / "a")[0] == 0
    assert json.loads((tmp_path / "a/settings.json").read_text()) == json.loads(path.read_text())
    assert command("train", "--config", tmp_path / "a/settings.json", "--out", tmp_path / "b")[0] == 0
    assert (tmp_path / "a/predictions.csv").read_bytes() == (tmp_path / "b/predictions.csv").read_bytes()
    assert command("train", "--config", path, "--seed", 1, "--out", tmp_path / "c")[0] == 0
    assert (tmp_path / "a/predictions.csv").read_bytes() != (tmp_path / "c/predictions.csv").read_bytes()


def test_crossval_trains_everything_with_the_settings_of_the_file(tmp_path):
    path = written(tmp_path, to_json(UNUSUAL), "settings.json")
    run, known = crossval_settings({"config": str(path)})
    assert known == "oulu"
    assert run == replace(UNUSUAL, fold=0, seed=0, networks="both", integrations=tuple(INTEGRATIONS))
    run, known = crossval_settings({"config": str(path), "dataset": "synthetic:ck+", "folds": 4, "backend": "numpy"})
    assert (known, run.data, run.small_networks, run.folds, run.reading) == (
        "ck+",
        "synthetic:ck+",
        False,
        4,
        Reading(),
    )
    assert run.dtan_schedule == UNUSUAL.dtan_schedule


def test_crossval_without_a_file_has_the_settings_of_the_paper(tmp_path):
    run, known = crossval_settings({"dataset": "synthetic:mmi", "backend": "numpy"})
    assert (run, known) == (replace(run_settings("synthetic:mmi", "mmi"), backend="numpy"), "mmi")
    run, _ = crossval_settings(
        {"dataset": "synthetic:ck+", "config": str(written(tmp_path, "balance = true")), "backend": "numpy"}
    )
    assert run == replace(run_settings("synthetic:ck+", "ck+"), backend="numpy", balance=True)


def test_crossval_needs_data_and_takes_no_starting_model(command, tmp_path):
    assert "expected a dataset" in command("crossval", "--config", written(tmp_path, "seed = 1"))[2]
    path = written(tmp_path, 'data = "synthetic:demo"\n[init]\nfile = "model.npz"')
    status, _, err = command("crossval", "--config", path, "--out", tmp_path / "out")
    assert status == 2
    assert "a cross-validation starts from random weights" in err
    assert not (tmp_path / "out").exists()
