"""Damaged files: every command that reads one succeeds, or says in one sentence what is wrong; status 0 or 2.

Each file is mutated at random (mutations.py) in a copy of the material, and a command that reads it runs in this
process, with at most a minute and a gigabyte.
"""

import resource
import shutil
import signal
import sys
import zlib

import numpy as np
import pytest
from mutations import mutated
from outcome import fault_of

CASES = 4  # for each file, in the short form
LIMIT = 1 << 20  # kB
TASK = "cv/tasks/dtagn-seed0-fold0"
REPORT, RESUME = ("report", "cv"), ("train", "--resume", "half")
PREDICT = ("predict", "run", "--backend", "numpy")
READERS = {
    "run/model.npz": [("evaluate", "run"), (*PREDICT, "image.png"), (*PREDICT, "image.png", "--json")],
    "run/environment.json": [("evaluate", "run")],
    "data.npz": [("info", "data.npz"), ("evaluate", "run", "--data", "data.npz")],
    "half/state.npz": [RESUME],
    "half/settings.json": [RESUME],
    "half/environment.json": [RESUME],
    "half/log.csv": [RESUME],
    "cv/crossval.json": [REPORT, ("crossval", "--resume", "cv")],
    "cv/clips.npz": [REPORT],
    "cv/folds.json": [REPORT, ("crossval", "--resume", "cv")],
    "cv/results.json": [REPORT, ("crossval", "--resume", "cv")],
    f"{TASK}/environment.json": [REPORT],
    f"{TASK}/metrics.json": [REPORT, ("crossval", "--resume", "cv", "--jobs", "1")],
    f"{TASK}/predictions.csv": [REPORT, ("figure", "11", "cv")],
    f"{TASK}/log.csv": [REPORT],
    f"{TASK}/model.npz": [("figure", "3", "cv"), ("evaluate", TASK)],
    "model.yaml": [(*PREDICT, "image.png", "--landmark-model", "model.yaml")],
    "model.yaml.gz": [(*PREDICT, "image.png", "--landmark-model", "model.yaml.gz")],
    **{f"image{suffix}": [(*PREDICT, f"image{suffix}")] for suffix in (".png", ".jpg", ".tiff", ".webp", ".bmp")},
    **{f"video{suffix}": [(*PREDICT, f"video{suffix}")] for suffix in (".mp4", ".avi")},
    "list.csv": [("info", "list.csv")],
    "mmi/Sessions/1/session.xml": [("info", "mmi")],
    "mmi/Sessions/1/S001-001.xml": [("info", "mmi")],
}


@pytest.mark.parametrize("arguments", sorted({one for several in READERS.values() for one in several}))
def test_without_damage_every_command_succeeds(arguments, command, copy):
    if arguments[0] == "figure":
        pytest.importorskip("matplotlib")
    status, out, err = command(*arguments)
    assert (status, fault_of(status, out, err)) == (0, None)


@pytest.fixture
def limited():
    """An alarm that ends a case in an error."""

    def too_long(*_):
        raise TimeoutError("more than a minute")

    before = signal.signal(signal.SIGALRM, too_long)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("name", READERS)
def test_a_damaged_file(name, command, copy, material, drill_seed, repeats, limited, monkeypatch):
    original, faults = (material / name).read_bytes(), []
    for number in range(CASES * repeats):
        rng = np.random.default_rng([drill_seed, zlib.crc32(name.encode()), number])
        way, content = mutated(original, rng)
        arguments = READERS[name][number % len(READERS[name])]
        for folder in {name.split("/")[0], arguments[-1]} & {"run", "half", "cv"}:
            shutil.rmtree(copy / folder)
            shutil.copytree(material / folder, copy / folder)
        (copy / name).write_bytes(content)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        signal.alarm(60)
        with monkeypatch.context() as patch:
            if arguments[0] != "figure":
                patch.setitem(sys.modules, "matplotlib", None)
            fault = fault_of(*command(*arguments))
        signal.alarm(0)
        if resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before > LIMIT:
            fault = "more than a gigabyte"
        if fault:
            faults.append(f"seed {drill_seed}, case {number} ({way}; {' '.join(arguments)}): {fault}")
        (copy / name).write_bytes(original)
    assert not faults, "\n".join(faults)
