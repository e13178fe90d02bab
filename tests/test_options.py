"""Every option of every command has a text and shows its default, and the defaults shown are those that apply."""

import re

import click
import pytest

from fernet.commands import cli
from fernet.commands.settings_options import given_options, train_settings
from fernet.commands.train import train
from fernet.training.settings import RunSettings


def commands(command, path="fernet"):
    context = click.Context(command, info_name=path)
    yield path, command, context
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            yield from commands(command.get_command(context, name), f"{path} {name}")


def options():
    return [
        (path, option, context)
        for path, command, context in commands(cli)
        for option in command.params
        if isinstance(option, click.Option)
    ]


def faults(option, context):
    """What is wrong with the help of an option; a switch that is off needs no default, nor does what must be given."""
    if not option.help or len(option.help.split()) < 2:
        return "no text"
    plain_switch = option.is_flag and not option.secondary_opts
    _, text = option.get_help_record(context)
    text = " ".join(text.split())
    if not (plain_switch or option.required or re.search(r"\[default: [^]]+\]", text)):
        return f"no default in {text!r}"
    if text.count("[default:") > 1:
        return f"two defaults in {text!r}"
    return None if text[0].isupper() and re.search(r"[.:;] ?( \[.*\])?$", text) else f"{text!r} is not a sentence"


@pytest.mark.parametrize(
    ("path", "option", "context"), [pytest.param(*one, id=f"{one[0]} {one[1].opts[0]}") for one in options()]
)
def test_every_option_has_a_text_and_shows_its_default(path, option, context):
    assert faults(option, context) is None, f"{path} {option.opts[0]}"


def test_faults_are_found():
    context = click.Context(click.Command("x"))
    assert faults(click.Option(["--a"], default=1, show_default=True), context) == "no text"
    assert "no default" in faults(click.Option(["--a"], default=1, help="The number."), context)
    assert "two defaults" in faults(
        click.Option(["--a"], default=1, show_default=True, help="The number.  [default: 2]"), context
    )
    assert "not a sentence" in faults(click.Option(["--a"], default=1, show_default=True, help="the number"), context)
    assert faults(click.Option(["--a"], is_flag=True, help="The switch."), context) is None


def test_the_walk_reaches_the_commands_within_commands():
    paths = {path for path, _, _ in commands(cli)}
    assert {"fernet train", "fernet landmarks train", "fernet report"} <= paths


@pytest.mark.parametrize(
    ("option", "shown"),
    [
        ("epochs", lambda run: run.dtan_schedule.epochs),
        ("dtgn_epochs", lambda run: run.dtgn_schedule.epochs),
        ("joint_epochs", lambda run: run.joint_schedule.epochs),
        ("batch_size", lambda run: run.dtan_schedule.batch_size),
        ("learning_rate", lambda run: run.dtan_schedule.learning_rate),
        ("momentum", lambda run: run.dtan_schedule.momentum),
        ("weight_decay", lambda run: run.dtan_schedule.weight_decay),
        ("alpha", lambda run: run.alpha),
        ("balance", lambda run: "balance" if run.balance else "no-balance"),
        ("normalise_first", lambda run: "normalise-first" if run.preprocessing.normalise_first else "faces-first"),
        ("ceil_pooling", lambda run: "ceil-pooling" if run.options.ceil_pooling else "no-ceil-pooling"),
        ("frames", lambda run: run.options.frames),
        ("padding", lambda run: run.options.padding),
        ("normalisation", lambda run: run.options.normalisation),
        ("normalisation_scale", lambda run: run.options.normalisation_scale),
        ("dropout", lambda run: run.options.dropout),
        ("data", lambda run: run.data),
        ("integrations", lambda run: ", ".join(run.integrations)),
        ("networks", lambda run: run.networks),
        ("init_layers", lambda run: run.init.layers),
        ("folds", lambda run: run.folds),
        ("fold", lambda run: run.fold),
        ("fold_scheme", lambda run: run.fold_scheme),
        ("seed", lambda run: run.seed),
        ("backend", lambda run: run.backend),
        ("precision", lambda run: run.precision),
        ("landmarks", lambda run: run.reading.landmarks),
        ("on_missing_face", lambda run: f"{run.reading.on_missing_face}; of a model: as in its training"),
    ],
)
def test_the_defaults_shown_by_train_are_those_of_the_settings(option, shown):
    parameter = next(one for one in train.params if one.name == option)
    _, text = parameter.get_help_record(click.Context(train))
    assert f"[default: {shown(RunSettings())}]" in " ".join(text.split())


@pytest.mark.parametrize("name", ["predict", "overlay"])
def test_commands_that_read_one_clip_do_not_promise_the_rotations_of_mmi(name, command):
    status, out, _ = command(name, "--help")
    assert status == 0
    assert "MMI" not in out


def test_the_learning_rate_of_joint_fine_tuning_is_the_one_that_the_text_names():
    text = next(one for one in train.params if one.name == "learning_rate").help
    assert f"has its own, {RunSettings().joint_schedule.learning_rate}." in text


def test_no_option_means_the_settings_of_a_run_without_any():
    context = train.make_context("train", [])
    assert train_settings(given_options(context, context.params)) == RunSettings()
