"""Attacks: files and names made to fill the memory, to leave a folder, to run code, to deceive a terminal or a reader.

The short form tries each attack once. The long form repeats those that place something at random.
"""

import csv
import gzip
import io
import os
import pickle
import re
import resource
import shutil
import signal
import struct
import sys
import zipfile
import zlib
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
import toy_run
from outcome import fault_of
from toy_set import toy_set

from fernet.clips.prepared_file import PreparedSet, save_prepared
from fernet.datasets.find import find_clips
from fernet.evaluation.predictions_file import read_predictions
from fernet.experiments.saved_results import load_results
from fernet.networks.model_file import load_model, save_model
from fernet.reporting.report import report
from fernet.reporting.table import write_tables
from fernet.reporting.tables import all_tables

PREDICT = ("predict", "run", "--backend", "numpy")
TASK = "cv/tasks/dtagn-seed0-fold0"
READERS = {  # a file, and a command that reads it
    "run/model.npz": (*PREDICT, "image.png"),
    "data.npz": ("info", "data.npz"),
    "half/settings.json": ("train", "--resume", "half"),
    "half/state.npz": ("train", "--resume", "half"),
    "half/log.csv": ("train", "--resume", "half"),
    "cv/crossval.json": ("report", "cv"),
    "cv/clips.npz": ("report", "cv"),
    f"{TASK}/predictions.csv": ("report", "cv"),
    f"{TASK}/log.csv": ("report", "cv"),
    "image.png": (*PREDICT, "image.png"),
    "video.avi": (*PREDICT, "video.avi"),
    "list.csv": ("info", "list.csv"),
    "model.yaml": (*PREDICT, "image.png", "--landmark-model", "model.yaml"),
    "model.yaml.gz": (*PREDICT, "image.png", "--landmark-model", "model.yaml.gz"),
}
BOMBS = ("model.npz", "data.npz", "array", "million clips", "png", "tiff", "yaml.gz")
MISCHIEF = ("=cmd|' /C calc'!A1", "+1+1", "-2+3", "@SUM(1)", "[x](javascript:alert(1))", "<img src=x onerror=alert(1)>")
TERMINAL = "\x1b]0;title\x07\x1b[2J\x9b31m\r"


@pytest.fixture(autouse=True)
def without_figures(monkeypatch):
    """They take a report seconds."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)


@pytest.fixture
def bounded(command):
    """Run a command, which has a minute and a gigabyte."""

    def too_long(*_):
        raise TimeoutError("more than a minute")

    def run(*arguments):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        signal.alarm(60)
        status, out, err = command(*arguments)
        signal.alarm(0)
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 1 << 20
        assert fault_of(status, out, err) is None
        return status, out, err

    earlier = signal.signal(signal.SIGALRM, too_long)
    yield run
    signal.alarm(0)
    signal.signal(signal.SIGALRM, earlier)


@pytest.mark.parametrize("what", ["endless", "pipe", "folder", "huge", "loop"])
@pytest.mark.parametrize("name", READERS)
def test_a_file_that_is_none(name, what, bounded, copy):
    path = copy / name
    path.unlink()
    if what == "endless":
        path.symlink_to("/dev/zero")
    elif what == "pipe":
        os.mkfifo(path)
    elif what == "folder":
        path.mkdir()
    elif what == "loop":
        path.symlink_to(path)
    else:
        with path.open("wb") as file:
            file.truncate(1 << 42)  # takes no space on the disk
    status = bounded(*READERS[name])[0]
    assert status == 2 or (what, name) == ("loop", "half/state.npz")  # as if it were missing: training starts anew


@pytest.mark.parametrize("what", BOMBS)
def test_a_small_file_that_unfolds(what, bounded, copy):
    if what in ("model.npz", "data.npz"):
        name = "run/model.npz" if what == "model.npz" else "data.npz"
        with (
            zipfile.ZipFile(copy / name) as before,
            zipfile.ZipFile(copy / "bomb", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as after,
        ):
            for member in before.namelist():
                with after.open(member, "w") as file:
                    file.write(before.read(member))
                    for _ in range(60 if member.endswith(("labels.npy", "mean.npy")) else 0):
                        file.write(bytes(20 << 20))
        (copy / "bomb").replace(copy / name)
        arguments = READERS[name]
    elif what in ("array", "million clips"):
        with zipfile.ZipFile(copy / "data.npz") as file:
            members = {member: file.read(member) for member in file.namelist()}
        text = members["description.json"].decode()
        text = text.replace('"clips": 24', '"clips": 1000000' if what == "million clips" else '"clips": 99999999999999')
        with zipfile.ZipFile(copy / "data.npz", "w") as file:
            for member, content in {**members, "description.json": text}.items():
                file.writestr(member, content)
        arguments = READERS["data.npz"]
    elif what == "png":
        content = bytearray((copy / "image.png").read_bytes())
        content[16:24] = struct.pack(">II", 2_000_000_000, 2_000_000_000)
        content[29:33] = struct.pack(">I", zlib.crc32(content[12:29]))
        (copy / "image.png").write_bytes(content)
        arguments = READERS["image.png"]
    elif what == "tiff":
        (copy / "image.tiff").write_bytes(_tiff(1_000_000, 1_000_000))
        arguments = (*PREDICT, "image.tiff")
    else:
        (copy / "model.yaml.gz").write_bytes(60 * gzip.compress(bytes(20 << 20)))
        arguments = READERS["model.yaml.gz"]
    assert bounded(*arguments)[0] == 2


def _tiff(width, height):
    """A header that promises a large image."""
    tags = {256: width, 257: height, 258: 8, 259: 1, 262: 1, 273: 8, 277: 1, 278: height, 279: 16}
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    return struct.pack("<2sHI", b"II", 42, 24) + bytes(16) + struct.pack("<H", len(tags)) + entries + bytes(4)


def test_a_pickle_is_not_opened(bounded, copy):
    class Trap:
        def __reduce__(self):
            return os.mkdir, (str(copy / "trapped"),)

    array = np.empty(1, object)
    array[0] = Trap()
    for name in ("run/model.npz", "data.npz", "half/state.npz", "cv/clips.npz"):
        with zipfile.ZipFile(copy / name) as file:
            members = {member: file.read(member) for member in file.namelist()}
        stream = io.BytesIO()
        np.lib.format.write_array(stream, array, allow_pickle=True)
        with zipfile.ZipFile(copy / name, "w") as file:
            for member, content in members.items():
                file.writestr(member, stream.getvalue() if member.endswith(".npy") else content)
        assert bounded(*READERS[name])[0] == 2
    (copy / "image.png").write_bytes(pickle.dumps(Trap()))
    assert bounded(*READERS["image.png"])[0] == 2
    assert not (copy / "trapped").exists()


def test_lists_and_links_do_not_leave_their_folder(bounded, copy):
    outside = copy.parent / "outside"
    shutil.copytree(copy / "clips", outside)
    one = next(path for path in outside.rglob("*.png"))
    inside = copy / "clips" / next(path.name for path in (copy / "clips").iterdir() if path.is_dir())
    (inside / "Eve__001").symlink_to(one.parent)
    (copy / "link").symlink_to(outside)
    rows = ["../outside", str(one), f"clips/../../{one.relative_to(copy.parent)}", "link", "/dev/zero", "..\\outside"]
    (copy / "list.csv").open("a").writelines(f"{row},sad,Eve\n" for row in rows)
    for data in ("list.csv", "clips"):
        found = find_clips(copy / data)
        assert "Eve" not in found.subjects
        assert bounded("info", data)[0] == 0


def test_names_do_not_reach_the_terminal(bounded, copy, drill_seed, repeats):
    rng = np.random.default_rng([drill_seed, 1])
    for _ in range(repeats):
        place = int(rng.integers(1, 8))
        evil = f"ca{TERMINAL[:place]}lm{TERMINAL[place:]}"
        model = load_model(copy / "run")
        save_model(copy / "evil.npz", replace(model, classes=(evil, "glad", "sad")))
        clips = replace(toy_set(), classes=(evil, "glad", "sad"), title=evil)
        clips = replace(clips, names=tuple(evil + name for name in clips.names), subjects=(evil, *clips.subjects[1:]))
        save_prepared(copy / "evil-data.npz", PreparedSet(clips, failures={evil: evil}))
        shutil.copy(copy / "image.png", copy / f"{evil}.png")
        for arguments in (
            ("info", "evil-data.npz"),
            ("info", "evil-data.npz", "--json"),
            ("evaluate", "evil.npz", "--data", "evil-data.npz"),
            ("evaluate", "run", "--data", "evil-data.npz"),
            ("predict", "evil.npz", f"{evil}.png", "missing\x1b[2J.png"),
            ("predict", "evil.npz", f"{evil}.png", "--json"),
            ("train", "--data", "evil-data.npz", "--out", "new", "--dtan", "x\x1b[2J"),
            ("info", evil),
        ):
            bounded(*arguments)


def test_a_spreadsheet_finds_no_formula_and_fernet_the_same_names(copy, tmp_path, command):
    clips = toy_set()
    clips = replace(
        clips,
        names=tuple(f"{MISCHIEF[i % 6]}{i}" for i in range(24)),
        classes=MISCHIEF[:3],
        subjects=tuple(f"{MISCHIEF[i // 3 % 6]}{i // 3}" for i in range(24)),
        title=MISCHIEF[0],
    )
    folder = toy_run.finished(tmp_path / "cv", clips)
    results = load_results(folder)
    assert results.classes == clips.classes
    write_tables(all_tables(results), folder / "tables")
    shutil.copy(copy / "image.png", copy / "=1+1.png")
    model = replace(load_model(copy / "run"), classes=MISCHIEF[:3])
    save_model(copy / "evil.npz", model)
    status, printed, _ = command("predict", "evil.npz", "=1+1.png", "--csv", "--backend", "numpy")
    assert status == 0
    files = [*folder.rglob("*.csv")]
    assert len(files) > 10
    for text in (printed, *(path.read_text(encoding="utf-8") for path in files)):
        for row in csv.reader(io.StringIO(text, newline="")):
            for cell in row:
                assert cell[:1] not in ("=", "+", "-", "@") or re.fullmatch(r"[+-][0-9.e+-]+", cell), cell
    assert read_predictions(folder / "tasks" / "dtagn-seed0-fold0" / "predictions.csv").classes == clips.classes


class _Links(HTMLParser):
    """Everything in a page that a browser would follow or run."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name.startswith("on") or (
                name in ("href", "src", "srcset") and not value.startswith(("data:image", "#"))
            ):
                self.found.append((tag, name, value))


def test_a_name_is_neither_a_link_nor_markup(tmp_path):
    names = (MISCHIEF[4], MISCHIEF[5], "<javascript:alert(1)>")
    clips = replace(toy_set(), names=tuple(f"{names[i % 3]}{i}" for i in range(24)), classes=names, title=names[0])
    folder = toy_run.finished(tmp_path / "cv", clips, failures={name: name for name in names})
    results = load_results(folder)
    assert _Links(report(results)).found == []
    write_tables(all_tables(results), folder / "tables")
    for path in (folder / "tables").glob("*.md"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"(?<!\\)[\[\]<>]|javascript:", text.replace("&lt;", "").replace("&gt;", "")), path


def test_a_model_of_huge_weights_gives_no_numbers_that_are_none(bounded, copy):
    with zipfile.ZipFile(copy / "run" / "model.npz") as file:
        members = {member: file.read(member) for member in file.namelist()}
    with zipfile.ZipFile(copy / "run" / "model.npz", "w") as file:
        for member, content in members.items():
            big = content[:128] + np.full((len(content) - 128) // 4, 3e38, "<f4").tobytes()
            file.writestr(member, big if "fc" in member and member.endswith(".npy") else content)
    status, out, err = bounded(*PREDICT, "image.png", "--json")
    assert status == 2
    assert "nan" not in (out + err).lower()
