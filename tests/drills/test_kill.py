"""Kills: a command is killed at a random moment and repeated until it succeeds; nothing differs from a quiet run.

SIGKILL leaves the process no time for anything. Afterwards the same command, or `--resume` for runs, must end with the
same bytes, and no temporary file or folder may remain.
"""

import shutil
import signal
import subprocess
import sys
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
from outcome import leftovers

CASES = 1  # for each command, in the short form
KILLS = 2  # at most, in each case
ALREADY = ("is complete", "is not empty")  # the answer to a repetition after a kill between the last file and the exit
COMMANDS = {  # what is started, and the files that must be the same in the end
    "train": (("train", "--resume", "half"), ("half/predictions.csv", "half/metrics.json", "half/model.npz")),
    "prepare": (("prepare", "clips", "--out", "new/set.npz", "--jobs", "1"), ("new/set.npz",)),
    "synth": (("synth", "new/set", "--format", "png", "--clips", "6", "--size", "96"), ("new/set",)),
    "crossval": (("crossval", "--resume", "cv", "--jobs", "2"), ("cv/results.json", "cv/tables/tables.md")),
}


def start(arguments):
    command = [sys.executable, "-c", "from fernet.commands import main; main()", *arguments]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def is_done(process):
    """Whether the process had done its work when it ended; AssertionError if it failed."""
    err = process.communicate(timeout=300)[1]  # waits until the workers have also ended
    if process.returncode == -signal.SIGKILL:
        return False
    assert process.returncode == 0 or any(words in err for words in ALREADY), err
    return True


def contents(names):
    """The bytes of the files, and of all files in the folders, by name."""
    found = [path for name in map(Path, names) for path in (name, *name.rglob("*")) if path.is_file()]
    return {str(path): path.read_bytes() for path in found}


@pytest.fixture
def unfinished(copy):
    """Two tasks of the cross-validation are left to be done."""
    for name in ("dtagn-seed0-fold1", "single-frame-seed0-fold0"):
        shutil.rmtree(copy / "cv" / "tasks" / name)
    (copy / "cv" / "results.json").unlink()
    return copy


@pytest.mark.parametrize("name", COMMANDS)
def test_a_killed_command_is_repeated(name, unfinished, tmp_path, monkeypatch, drill_seed, repeats):
    arguments, results = COMMANDS[name]
    shutil.copytree(unfinished, tmp_path / "before")
    began = time.monotonic()
    assert is_done(start(arguments))
    duration, expected = time.monotonic() - began, contents(results)
    assert expected
    for number in range(CASES * repeats):
        rng = np.random.default_rng([drill_seed, zlib.crc32(name.encode()), number])
        work = tmp_path / f"case {number}"
        shutil.copytree(tmp_path / "before", work)
        monkeypatch.chdir(work)
        for _ in range(rng.integers(1, KILLS + 1)):
            process = start(arguments)
            time.sleep(duration * rng.uniform(0.3, 1.0))  # importing takes the first part of it
            if process.poll() is None:
                process.kill()
            if is_done(process):
                break
        else:
            assert is_done(start(arguments))
        case = f"seed {drill_seed}, case {number}"
        assert contents(results) == expected, case
        assert not leftovers(work), case
        shutil.rmtree(work)
