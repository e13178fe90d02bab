"""`train`: DTAN, DTGN and their integration."""

from pathlib import Path

import click

from fernet.commands.fold_scheme import FOLD_SCHEME
from fernet.commands.network_options import network_options
from fernet.commands.options import BACKEND, NORMALISE_FIRST, PRECISION
from fernet.commands.reading_options import reading_options
from fernet.commands.settings_options import CONFIG, given_options, train_settings


@click.command()
@click.option(
    "--data",
    default="synthetic:demo",
    show_default=True,
    help="The clips: synthetic:demo, :ck+, :oulu or :mmi, a folder of clips, a CSV, or a file made by `prepare`.",
)
@click.option("--out", type=click.Path(file_okay=False), help="Folder of the run.  [default: a new one in runs/]")
@click.option(
    "--resume",
    type=click.Path(),
    metavar="RUN",
    help="Resume the run in this folder, with its own settings.  [default: start a new run]",
)
@CONFIG
@click.option(
    "--init",
    type=click.Path(),
    metavar="MODEL",
    help="Start from the weights of this model, a run folder or a model file.  [default: random weights]",
)
@click.option(
    "--init-layers",
    type=click.Choice(["all", "top"]),
    default="all",
    show_default=True,
    help="With --init: train all layers, or only the top one of each network.",
)
@click.option(
    "--networks",
    type=click.Choice(["dtan", "dtgn", "both"]),
    default="both",
    show_default=True,
    help="Which networks to train.  With --init: those that the model has.",
)
@click.option(
    "--integration",
    "integrations",
    type=click.Choice(["joint", "l3", "concatenation"]),
    multiple=True,
    default=("joint",),
    show_default=True,
    help="How to integrate DTAN and DTGN; may be repeated.",
)
@click.option("--dtan", help="Notation of the appearance network.  [default: the paper's]")
@click.option("--dtgn", help="Notation of the geometry network.  [default: the paper's]")
@network_options
@click.option("--epochs", type=int, help="Epochs of DTAN.  [default: 8]")
@click.option("--dtgn-epochs", type=int, help="Epochs of DTGN.  [default: 40]")
@click.option("--joint-epochs", type=int, help="Epochs of joint fine-tuning.  [default: 10]")
@click.option("--batch-size", type=int, help="Samples in a batch.  [default: 64]")
@click.option(
    "--learning-rate",
    type=float,
    help="Learning rate of DTAN and DTGN; joint fine-tuning has its own, 0.003.  [default: 0.01]",
)
@click.option("--momentum", type=float, help="Momentum of SGD.  [default: 0.9]")
@click.option("--weight-decay", type=float, help="Weight decay of SGD.  [default: 0.0005]")
@click.option(
    "--balance/--no-balance",
    default=False,
    show_default=True,
    help="Draw every class equally often in training, however few clips it has.",
)
@click.option("--alpha", type=float, default=0.5, show_default=True, help="Weight of DTAN in the weighted sum.")
@click.option("--folds", type=int, default=5, show_default=True, help="Number of person-independent folds.")
@click.option("--fold", type=int, default=0, show_default=True, help="The fold to hold out.")
@FOLD_SCHEME
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of all random numbers.")
@NORMALISE_FIRST
@BACKEND
@PRECISION
@reading_options
@click.pass_context
def train(context: click.Context, resume: str | None, out: str | None, **values: object) -> None:
    """Train DTAN, DTGN and their integration on one fold.

    The accuracy on the held-out people is printed at the end.
    """
    from fernet.training.run_folder import alone_in, free_folder, open_run, start_run

    if resume is not None:
        refuse_other_options(context, "--resume takes the settings from the run", allowed=("resume",))
        folder = Path(resume)
        settings = open_run(folder)
    else:
        settings = train_settings(given_options(context, values))
        folder = Path(out) if out else free_folder(settings.data)
    try:
        with alone_in(folder):
            if resume is None:
                start_run(folder)
            else:
                open_run(folder)  # again: another process may just have completed it
            _train(settings, folder, resume is not None)
    except KeyboardInterrupt:
        if not (folder / "settings.json").exists():
            raise
        raise KeyboardInterrupt(f"resume with: train --resume {folder}") from None


def _train(settings: "RunSettings", folder: Path, resume: bool) -> None:  # noqa: F821
    from fernet.backend import choose
    from fernet.commands.progress import TerminalProgress, visible
    from fernet.experiments.single_frames import load_as_trained
    from fernet.training.finished import repair
    from fernet.training.fold_check import check_fold_early
    from fernet.training.run import Run

    choose(settings.backend)  # fail before the faces are made, which takes a while
    if not resume:
        check_fold_early(settings)
    progress = TerminalProgress()
    clips = load_as_trained(settings.data, settings.preprocessing, settings.landmark_model, progress, settings.reading)
    people, classes = len(set(clips.subjects)), len(clips.classes)
    click.echo(f"{visible(clips.title)}: {len(clips)} clips, {people} people, {classes} classes")
    run = Run(settings, clips, folder, progress, resume)
    repair(run)
    click.echo(f"training on {len(run.train)} clips, held out: {len(run.test)} clips of other people")
    print_accuracies(run.train_all(), "held-out clips")
    click.echo(f"\nmodel, log, predictions and metrics are in {folder}")


def print_accuracies(metrics: dict, whose: str) -> None:
    """Print the accuracy of every method."""
    click.echo(f"\naccuracy on {metrics['clips']} {whose}")
    for method, value in metrics["accuracy"].items():
        click.echo(f"  {method.replace('_', ' '):<14}{value:>7.1%}")


def refuse_other_options(context: click.Context, reason: str, allowed: tuple[str, ...] = ()) -> None:
    """UserError, with the reason, if parameters other than those `allowed` are given on the command line."""
    from fernet.errors import UserError

    given = [
        parameter.opts[0]
        for parameter in context.command.params
        if parameter.name not in ("debug", *allowed)
        and context.get_parameter_source(parameter.name) is click.core.ParameterSource.COMMANDLINE
    ]
    if given:
        raise UserError(f"{reason}: leave out {', '.join(given)}")
