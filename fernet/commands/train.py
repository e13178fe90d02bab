"""`train`: DTAN, DTGN and their integration."""

from pathlib import Path

import click

from fernet.commands.options import BACKEND, LANDMARK_MODEL, chosen_network_options, network_options


@click.command()
@click.option(
    "--data",
    default="synthetic:demo",
    show_default=True,
    help="synthetic:demo, synthetic:ck+, synthetic:oulu, synthetic:mmi, a folder of clips, or a CSV.",
)
@click.option("--out", type=click.Path(file_okay=False), help="Folder of the run.  [default: runs/DATA]")
@click.option("--resume", type=click.Path(exists=True, file_okay=False), help="Go on with the run in this folder.")
@click.option("--networks", type=click.Choice(["dtan", "dtgn", "both"]), default="both", show_default=True)
@click.option(
    "--integration",
    "integrations",
    type=click.Choice(["joint", "l3", "concatenation"]),
    multiple=True,
    default=("joint",),
    show_default=True,
    help="How to join DTAN and DTGN; may be given several times.",
)
@click.option("--dtan", help="Notation of the appearance network.  [default: the paper's]")
@click.option("--dtgn", help="Notation of the geometry network.  [default: the paper's]")
@network_options
@click.option("--epochs", type=int, help="Epochs of DTAN.")
@click.option("--dtgn-epochs", type=int, help="Epochs of DTGN.")
@click.option("--joint-epochs", type=int, help="Epochs of the joint fine-tuning.")
@click.option("--batch-size", type=int)
@click.option("--learning-rate", type=float, help="Of DTAN and DTGN; the joint fine-tuning has its own default.")
@click.option("--momentum", type=float)
@click.option("--weight-decay", type=float)
@click.option("--alpha", type=float, default=0.5, show_default=True, help="Weight of DTAN in the weighted sum.")
@click.option("--folds", type=int, default=5, show_default=True, help="Person-independent folds to cut the data into.")
@click.option("--fold", type=int, default=0, show_default=True, help="The fold that is held out.")
@click.option("--seed", type=int, default=0, show_default=True)
@BACKEND
@LANDMARK_MODEL
def train(resume: str | None, out: str | None, **values: object) -> None:
    """Train on one fold and print the accuracy on the held-out people."""
    from fernet.commands.progress import TerminalProgress
    from fernet.datasets.load import load
    from fernet.training.run import Run
    from fernet.training.run_folder import open_run, start_run

    if resume is not None:
        folder = Path(resume)
        settings = open_run(folder)
    else:
        settings = _settings(values)
        folder = (
            Path(out) if out else Path("runs") / settings.data.replace("synthetic:", "").strip("./").replace("/", "_")
        )
        start_run(folder)
    progress = TerminalProgress()
    clips = load(settings.data, settings.preprocessing, settings.landmark_model, progress.counter("faces"))
    click.echo(f"{clips.title}: {len(clips)} clips, {len(set(clips.subjects))} people, {len(clips.classes)} classes")
    run = Run(settings, clips, folder, progress, resume=resume is not None)
    click.echo(f"training on {len(run.train)} clips, held out: {len(run.test)} clips of other people")
    print_accuracies(run.train_all())
    click.echo(f"\nmodel, log and metrics are in {folder}")


def print_accuracies(metrics: dict) -> None:
    """The accuracy of every method on the held-out clips."""
    click.echo(f"\naccuracy on {metrics['clips']} held-out clips")
    for method, value in metrics["accuracy"].items():
        click.echo(f"  {method.replace('_', ' '):<14}{value:>7.1%}")


def _settings(values: dict) -> "RunSettings":  # noqa: F821 - imported below, to keep --help quick
    from dataclasses import replace

    from fernet.sequences.sequence_set import Preprocessing
    from fernet.training.settings import RunSettings

    schedule_values = {
        name: value
        for name in ("batch_size", "learning_rate", "momentum", "weight_decay")
        if (value := values.pop(name)) is not None
    }
    epochs = {
        "dtan_schedule": values.pop("epochs"),
        "dtgn_schedule": values.pop("dtgn_epochs"),
        "joint_schedule": values.pop("joint_epochs"),
    }
    options = chosen_network_options(values)
    settings = RunSettings(options=options, preprocessing=Preprocessing(appearance_frames=options.frames), **values)
    for name, count in epochs.items():
        own = {key: v for key, v in schedule_values.items() if (name, key) != ("joint_schedule", "learning_rate")}
        if count is not None:
            own["epochs"] = count
        settings = replace(settings, **{name: replace(getattr(settings, name), **own)})
    return settings
