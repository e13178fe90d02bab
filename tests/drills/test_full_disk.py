"""Full disks: a file that cannot be written to its end leaves the older one as it was, and the status is not 0.

The system refuses every write beyond a random number of bytes of a file (RLIMIT_FSIZE), or all output (/dev/full).
"""

import resource
import shutil
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from outcome import fault_of, leftovers

CASES = 3  # for each command, in the short form
LARGEST = 300_000  # bytes; most of the files are smaller
WRITERS = {  # the command, and what it writes
    "report": (("report", "cv", "--out", "out.html"), "out.html"),
    "figure": (("figure", "11", "cv", "--out", "out.png"), "out.png"),
    "prepare": (("prepare", "clips", "--out", "out.npz", "--jobs", "1"), "out.npz"),
    "synth": (("synth", "new", "--format", "png", "--clips", "2", "--size", "64"), "new"),
    "videos": (("synth", "new", "--clips", "2", "--size", "64"), "new"),
    "overlay": (("overlay", "video.avi", "--out", "out.mp4"), "out.mp4"),
    "train": (("train", "--resume", "half"), "half/predictions.csv"),
}
PRINTERS = {
    "predict": ("predict", "run", "image.png", "video.avi", "--json", "--backend", "numpy"),
    "csv": ("predict", "run", "image.png", "--csv", "--backend", "numpy"),
    "info": ("info", "data.npz", "--json"),
    "evaluate": ("evaluate", "run", "--json"),
}


def limited(command, arguments, size):
    """The command with files of at most `size` bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        return command(*arguments)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def contents(path):
    """The bytes of a file, or those of all files in a folder, by name."""
    return {str(one.relative_to(path)): one.read_bytes() for one in (path, *path.rglob("*")) if one.is_file()}


@pytest.mark.parametrize("name", WRITERS)
def test_a_disk_becomes_full(name, command, copy, material, tmp_path, monkeypatch, drill_seed, repeats):
    if name == "figure":
        pytest.importorskip("matplotlib")
    else:
        monkeypatch.setitem(sys.modules, "matplotlib", None)  # figures take the report seconds
    arguments, path = WRITERS[name]
    assert command(*arguments)[0] == 0
    expected = contents(copy / path)
    ends = set()
    for number in range(CASES * repeats):
        rng = np.random.default_rng([drill_seed, zlib.crc32(name.encode()), number])
        work = tmp_path / f"case {number}"
        shutil.copytree(material, work)
        monkeypatch.chdir(work)
        if "." in path and not (work / path).exists():
            (work / path).write_bytes(b"older")
        older = contents(work / path)
        size = 0 if number == 0 else int(LARGEST ** rng.uniform(0, 1))
        status, out, err = limited(command, arguments, size)
        case = f"seed {drill_seed}, case {number}, {size} bytes: {err}"
        assert fault_of(status, out, err) is None, case
        assert contents(work / path) == (older if status else expected), case
        if name != "prepare":  # which keeps finished clips, to be resumed
            assert not leftovers(work), case
        ends.add(status)
        if status:  # there is space again
            assert command(*arguments)[0] == 0, case
            assert contents(work / path) == expected, case
        shutil.rmtree(work)
    assert 2 in ends


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
@pytest.mark.parametrize("unbuffered", [False, True])
@pytest.mark.parametrize("name", PRINTERS)
def test_standard_output_is_full(name, unbuffered, copy):
    options = ["-u"] if unbuffered else []
    command = [sys.executable, *options, "-c", "from fernet.commands import main; main()", *PRINTERS[name]]
    with open("/dev/full", "wb") as full:
        process = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=120, check=False)
    assert process.returncode == 2, process.stderr
    assert fault_of(2, "", process.stderr) is None
    assert "full" in process.stderr
