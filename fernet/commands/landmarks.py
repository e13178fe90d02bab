"""`landmarks`: fetch the public 68-point model, or train one."""

from pathlib import Path

import click

from fernet.faces.model_download import MODEL_URL


@click.group()
def landmarks() -> None:
    """Get a landmark model for real faces, or train one."""


@landmarks.command()
@click.option(
    "--url", default=MODEL_URL, show_default=True, help="Where to download; a mirror must have the same file."
)
def fetch(url: str) -> None:
    """Download the public 68-point model (54 MB).

    It is stored in your data directory, where every command finds it.
    """
    from fernet.commands.progress import TerminalProgress
    from fernet.faces.landmarks import installed_model_path
    from fernet.faces.lbf.file import check_lbf_file
    from fernet.faces.model_download import MODEL_BLOB, fetch_model, git_blob_id

    path = installed_model_path()
    if path.is_file() and git_blob_id(path) == MODEL_BLOB:
        click.echo(f"the public model is already there: {path}")
        return
    fetch_model(path, check_lbf_file, url, MODEL_BLOB, TerminalProgress())
    click.echo(f"fetched and checked: {path}\nit is used from now on unless --landmark-model names another")


@landmarks.command()
@click.option(
    "--data",
    default="synthetic",
    show_default=True,
    help="The faces: synthetic, or a folder of images with .pts files.",
)
@click.option("--out", required=True, type=click.Path(dir_okay=False), help="Model file, .yaml or .yaml.gz.")
@click.option("--trees", default=3, show_default=True, help="Trees per landmark and stage.")
@click.option("--depth", default=3, show_default=True, help="Levels of a tree, including the leaves.")
@click.option("--stages", default=7, show_default=True, help="Number of stages, each with one regression.")
@click.option(
    "--faces", default=5000, show_default=True, help="Number of procedural faces; of a folder, all images are used."
)
@click.option("--seed", default=0, show_default=True, help="Seed of all random numbers.")
def train(data: str, out: str, trees: int, depth: int, stages: int, faces: int, seed: int) -> None:
    """Train a model of local binary features.

    It is that of Ren et al. 2014, in the file format of OpenCV.
    """
    from fernet import threads
    from fernet.commands.progress import TerminalProgress
    from fernet.faces.lbf.pts_folder import PtsFolder
    from fernet.faces.lbf.samples import cut_out_all, training_samples
    from fernet.faces.lbf.training import CascadeSettings, train_cascade
    from fernet.faces.lbf.writer import check_model_name, write_cascade

    path, settings, progress = Path(out), CascadeSettings(trees, depth, stages, seed), TerminalProgress()
    check_model_name(path)
    folder = None if data == "synthetic" else PtsFolder(Path(data))
    count, read = (faces, _procedural(seed)) if folder is None else (len(folder), folder.read)
    with threads.worker_threads():
        found, skipped = cut_out_all(read, count, progress)
        _print_skipped(skipped)
        click.echo(f"{len(found)} faces, {sum(face.detected for face in found)} of them found by the Haar detector")
        samples, points = training_samples(found, seed)
        cascade = train_cascade(samples, points, settings, progress)
    write_cascade(path, cascade)
    click.echo(f"{path}: {path.stat().st_size / 1e6:.2f} MB, {stages} stages of {trees} trees of depth {depth}")


def _procedural(seed: int) -> "Callable[[int], tuple[np.ndarray, np.ndarray]]":  # noqa: F821
    """A function from i to a procedural face that depends on (seed, i) alone: 192 x 192 pixels and points (68, 2)."""
    import numpy as np

    from fernet.synthetic import random_face

    return lambda number: random_face(np.random.default_rng([seed, number]), 192)


def _print_skipped(skipped: list[str]) -> None:
    if skipped:
        click.echo(f"{len(skipped)} images were left out:", err=True)
    for reason in skipped:
        click.echo(f"  {reason}", err=True)
