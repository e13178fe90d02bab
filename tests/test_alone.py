"""Two processes never work in one folder; what a killed one leaves behind is in nobody's way."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from toy_run import prepared, settings
from toy_set import toy_set

from fernet.errors import UserError
from fernet.experiments.tasks import OWNER
from fernet.training import run_folder
from fernet.training.run_folder import LOCK, alone_in

HOLD = """
import sys
from pathlib import Path
from fernet.training.run_folder import alone_in
with alone_in(Path(sys.argv[1])):
    print("in", flush=True)
    sys.stdin.read()
"""
CROSSVAL = """
import sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from toy_run import settings
from fernet.commands.crossval import carry_out
if __name__ == "__main__":
    carry_out(Path(sys.argv[1]), settings(epochs=300), 1, "processes", None)
"""


@pytest.fixture
def held():
    """A function that starts a process which works in a folder until it is killed."""
    started = []

    def hold(folder):
        arguments = [sys.executable, "-c", HOLD, str(folder)]
        child = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        started.append(child)
        assert child.stdout.readline() == "in\n"
        return child

    yield hold
    for child in started:
        child.kill()
        child.communicate()


def test_a_second_process_is_refused_until_the_first_is_killed(held, tmp_path):
    folder = tmp_path / "run"
    child = held(folder)
    with (
        pytest.raises(UserError, match=r"another process is at work in .*run: wait until it has ended"),
        alone_in(folder),
    ):
        pass
    assert (folder / LOCK).exists()  # the refused one touched nothing
    child.kill()
    child.wait()
    with alone_in(folder):
        (folder / "result").touch()
    assert [path.name for path in folder.iterdir()] == ["result"]


def test_an_orderly_end_lets_the_next_one_in(held, tmp_path):
    child = held(tmp_path / "run")
    child.communicate("")
    assert child.returncode == 0
    with alone_in(tmp_path / "run"):
        pass


@pytest.mark.parametrize("arguments", [["train", "--out"], ["crossval", "synthetic:demo", "--out"]])
def test_commands_with_the_same_out_exclude_each_other(arguments, held, command, tmp_path):
    held(tmp_path / "run")
    before = sorted(tmp_path.rglob("*"))
    status, out, err = command(*arguments, tmp_path / "run", "--backend", "numpy")
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert "another process is at work in" in err
    assert sorted(tmp_path.rglob("*")) == before


def test_train_is_not_resumed_beside_itself(held, command, finished_run, tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    (run / "settings.json").write_bytes((finished_run / "tasks/dtagn-seed0-fold0/settings.json").read_bytes())
    child = held(run)
    status, _, err = command("train", "--resume", run)
    assert status == 2
    assert "another process is at work in" in err
    child.kill()
    child.wait()
    assert "another process" not in command("train", "--resume", run)[2]  # of data that are not here, but not locked


@pytest.mark.skipif(os.name == "nt", reason="kills with a signal")
def test_a_living_cross_validation_goes_on_when_another_is_refused(command, tmp_path):
    folder = prepared(tmp_path / "run", toy_set(), settings(epochs=300))
    script = tmp_path / "child.py"
    script.write_text(CROSSVAL.format(tests=str(Path(__file__).parent)))
    with subprocess.Popen([sys.executable, str(script), str(folder)], stdout=subprocess.DEVNULL) as child:
        try:
            wait_for(lambda: list(folder.glob("tasks/*/state.npz")), child)
            owner = (folder / OWNER).read_text()
            status, _, err = command("crossval", "--resume", folder)
            assert status == 2
            assert "another process is at work in" in err
            assert (folder / OWNER).read_text() == owner
            written = newest(folder)
            wait_for(lambda: newest(folder) > written, child)  # it works on
        finally:
            child.send_signal(signal.SIGKILL)
    with alone_in(folder):
        assert not list(folder.glob("tasks/*/metrics.json"))


def newest(folder):
    found = [0]
    for path in folder.glob("tasks/*/state.npz"):
        found.append(path.stat().st_mtime_ns)
    return max(found)


def wait_for(condition, child):
    while not condition():
        assert child.poll() is None, "the cross-validation has ended"
        time.sleep(0.01)


def test_a_lock_file_that_is_deleted_at_the_last_moment_does_not_count(monkeypatch, tmp_path):
    """Its owner ends between the opening of the file and its locking; a third process may have made a new one."""
    lock, calls = run_folder._lock_file, []

    def after_deletion(descriptor):
        if not calls:
            (tmp_path / LOCK).unlink()
        calls.append(descriptor)
        lock(descriptor)

    monkeypatch.setattr(run_folder, "_lock_file", after_deletion)
    with alone_in(tmp_path):
        assert len(calls) == 2
        assert (tmp_path / LOCK).exists()
        with pytest.raises(UserError, match="another process"), alone_in(tmp_path):
            pass


def test_a_disk_without_locks_excludes_nothing(monkeypatch, tmp_path):
    def refuse(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(run_folder, "_lock_file", refuse)
    with alone_in(tmp_path), alone_in(tmp_path):
        pass
    assert not (tmp_path / LOCK).exists()


def test_windows_locks_a_byte(monkeypatch, tmp_path):
    held = []

    def locking(descriptor, mode, count):
        if held:
            raise PermissionError(errno.EACCES, "Permission denied")
        held.append((mode, count))

    monkeypatch.setitem(sys.modules, "fcntl", None)
    monkeypatch.setitem(sys.modules, "msvcrt", SimpleNamespace(locking=locking, LK_NBLCK=2))
    with alone_in(tmp_path):
        assert held == [(2, 1)]
        with pytest.raises(UserError, match="another process"), alone_in(tmp_path):
            pass


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "run").touch()
    with pytest.raises(UserError, match="run is a file: choose another --out"), alone_in(tmp_path / "run"):
        pass


def fail_in(folder, keep):
    with alone_in(folder):
        (folder / "mine").touch()
        if not keep:
            (folder / "mine").unlink()
        raise ZeroDivisionError


def test_a_folder_disappears_only_if_nothing_is_in_it(tmp_path):
    for keep in (True, False):
        with pytest.raises(ZeroDivisionError):
            fail_in(tmp_path / "run", keep)
        assert (tmp_path / "run").exists() == keep


MADE_HERE = (".model.npz.0.part", ".state.npz.a8b_cd1z.part", ".log.csv.aaaaaaaa.part")
OF_OTHERS = (
    "film.part",
    ".part",
    ".film.part",
    ".model.npz.toolong99.part",
    ".model.npz.ABCDEFGH.part",
    "model.npz.0.part",
)


def test_only_our_own_leftovers_are_removed(tmp_path):
    places = [tmp_path, tmp_path / "tables", tmp_path / "figures", tmp_path / "tasks/one", tmp_path / "mine"]
    for place in places:
        place.mkdir(parents=True, exist_ok=True)
        for name in MADE_HERE + OF_OTHERS:
            (place / name).touch()
    (tmp_path / ".folder.0.part").mkdir()
    with alone_in(tmp_path):
        pass
    for place in places:
        left = {path.name for path in place.iterdir() if path.is_file()}
        assert left == set(OF_OTHERS) | (set(MADE_HERE) if place.name == "mine" else set())
    assert (tmp_path / ".folder.0.part").is_dir()
