"""Fault drills: kills, damaged files, full disks and attacks, at random places but with a seed.

    pytest tests/drills                          the short form, part of the suite
    pytest tests/drills --long --drill-seed 7    ten times as many cases, other ones for every seed

A failure names the seed and the number of its case; the same seed repeats it.
"""

import gzip
import shutil

import cv2
import pytest
import toy_run
from test_lbf_file import small_model, text_of
from toy_set import toy_set

from fernet.clips.prepared_file import PreparedSet, save_prepared
from fernet.datasets.layouts.synthetic_writer import write_set
from fernet.experiments.saved_results import load_results, write_results
from fernet.faces.lbf.writer import with_checksum
from fernet.progress import Progress
from fernet.synthetic import clip_specs, render_clip
from fernet.training.run import Run

LONGER = 10


def pytest_addoption(parser):
    parser.addoption("--long", action="store_true", help=f"{LONGER} times as many cases in the fault drills")
    parser.addoption("--drill-seed", type=int, default=0, help="seed of the fault drills")


@pytest.fixture(scope="session")
def drill_seed(request):
    return request.config.getoption("drill_seed", 0)


@pytest.fixture(scope="session")
def repeats(request):
    """What the number of cases of the short form is multiplied by."""
    return LONGER if request.config.getoption("long", False) else 1


class _StopIn(Progress):
    """Interrupts the training in one of its stages."""

    def __init__(self, stage):
        self.stage = stage

    def task(self, title, total):
        if title == self.stage:
            raise KeyboardInterrupt
        return super().task(title, total)


@pytest.fixture(scope="session")
def material(tmp_path_factory):
    """A folder with every kind of file that fernet reads; tests must not write into it.

    All paths inside are relative to it: a command runs in a copy.
    """
    root = tmp_path_factory.mktemp("material")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        save_prepared(root / "data.npz", PreparedSet(toy_set(), failures={"bad clip": "no face"}))
        wanted = toy_run.settings(data="data.npz", folds=2)
        Run(wanted.run, toy_set(), root / "run", Progress()).train_all(1)
        with pytest.raises(KeyboardInterrupt):
            Run(wanted.run, toy_set(), root / "half", _StopIn("joint")).train_all(1)
        toy_run.finished(root / "cv", toy_set(), wanted)
        write_results(load_results(root / "cv"))
    _write_recordings(root)
    write_set("demo", root / "clips", video=False, clips=4, size=64)
    text = with_checksum(text_of(small_model()).split("---\n")[1].encode())
    (root / "model.yaml").write_bytes(text)
    (root / "model.yaml.gz").write_bytes(gzip.compress(text, mtime=0))
    return root


def _write_recordings(root):
    """Images, videos and lists, of procedural faces only."""
    frames = render_clip(clip_specs("demo")[0], 96).frames[::4]
    for suffix in (".png", ".jpg", ".tiff", ".webp", ".bmp"):
        cv2.imwrite(str(root / f"image{suffix}"), frames[-1])
    for name, codec in (("video.mp4", "mp4v"), ("video.avi", "MJPG")):
        video = cv2.VideoWriter(str(root / name), cv2.VideoWriter_fourcc(*codec), 25, frames.shape[:0:-1])
        for frame in frames:
            video.write(cv2.cvtColor(frame, cv2.COLOR_GRAY2BGR))
        video.release()
    (root / "list.csv").write_text("path,label,subject\nvideo.mp4,happy,Ann\nvideo.avi,sad,Bob\nimage.png,sad,Cleo\n")
    for number in (1, 2):
        folder = root / "mmi" / "Sessions" / str(number)
        folder.mkdir(parents=True)
        shutil.copy(root / "video.avi", folder / f"S00{number}-001.avi")
        (folder / "session.xml").write_text('<?xml version="1.0"?>\n<session><track type="Video" view="0"/></session>')
        (folder / f"S00{number}-001.xml").write_text(f'<s><Metatag Name="Emotion" Value="{number}"/></s>')


@pytest.fixture
def copy(material, tmp_path, monkeypatch):
    """A copy of the material, which is the current folder."""
    shutil.copytree(material, tmp_path / "copy")
    monkeypatch.chdir(tmp_path / "copy")
    monkeypatch.setenv("FERNET_CACHE", str(tmp_path / "cache"))
    return tmp_path / "copy"
