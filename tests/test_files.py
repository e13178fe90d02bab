"""Files and folders appear whole or not at all, kills leave nothing for long, and what is read is checked first."""

import fcntl
import os

import pytest

from fernet.files import parse_json, read_json, read_text, whole_file, whole_folder, write_json, write_text

DEEP = 60


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def _interrupted(write, content):
    write(content)
    raise KeyboardInterrupt


@pytest.fixture
def umask():
    """Set the umask for one test."""
    before = os.umask(0o022)
    yield os.umask
    os.umask(before)


def test_what_a_killed_process_left_is_used_again(tmp_path):
    (tmp_path / ".a.txt.0.part").write_text("half a text, longer than the next one")
    write_text(tmp_path / "a.txt", "whole")
    assert names(tmp_path) == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "whole"


def test_two_writers_of_one_file_do_not_disturb_each_other(tmp_path):
    path = tmp_path / "a.txt"
    with whole_file(path) as first:
        first.write(b"first")
        write_text(path, "second")
        assert path.read_text() == "second"
    assert (names(tmp_path), path.read_text()) == (["a.txt"], "first")


@pytest.mark.parametrize("link", ["hard", "symbolic"])
def test_a_link_in_the_place_of_the_temporary_file_is_not_followed(tmp_path, link):
    (tmp_path / "precious").write_text("kept")
    part = tmp_path / ".a.txt.0.part"
    part.hardlink_to(tmp_path / "precious") if link == "hard" else part.symlink_to(tmp_path / "precious")
    write_text(tmp_path / "a.txt", "new")
    assert (tmp_path / "precious").read_text() == "kept"
    assert (tmp_path / "a.txt").read_text() == "new"


def test_a_pipe_in_the_place_of_the_temporary_file_does_not_wait(tmp_path):
    os.mkfifo(tmp_path / ".a.txt.0.part")
    write_text(tmp_path / "a.txt", "new")
    assert (tmp_path / "a.txt").read_text() == "new"


def test_a_failure_leaves_the_older_file(tmp_path):
    write_text(tmp_path / "a.txt", "older")
    with pytest.raises(KeyboardInterrupt), whole_file(tmp_path / "a.txt") as stream:
        _interrupted(stream.write, b"new")
    assert (names(tmp_path), (tmp_path / "a.txt").read_text()) == (["a.txt"], "older")


@pytest.mark.parametrize("mask", [0o022, 0o077, 0o002])
def test_permissions_follow_the_umask(tmp_path, umask, mask):
    umask(mask)
    write_text(tmp_path / "a.txt", "")
    with whole_folder(tmp_path / "folder") as folder:
        (folder / "b.txt").write_text("")
    assert (tmp_path / "a.txt").stat().st_mode & 0o777 == 0o666 & ~mask
    assert (tmp_path / "folder").stat().st_mode & 0o777 == 0o777 & ~mask


def test_a_folder_left_by_a_killed_process_is_emptied_and_used(tmp_path):
    left = tmp_path / ".new.0.part"
    (left / "inner").mkdir(parents=True)
    (left / "inner" / "old.txt").write_text("")
    (left / "link").symlink_to(tmp_path)
    (tmp_path / "kept").write_text("")
    with whole_folder(tmp_path / "new") as folder:
        (folder / "a.txt").write_text("")
        assert not (tmp_path / "new").exists()
    assert names(tmp_path) == ["kept", "new"]
    assert names(tmp_path / "new") == ["a.txt"]


@pytest.mark.parametrize("mask", [0o022, 0o077])
def test_a_folder_in_which_another_process_writes_is_left_alone(tmp_path, umask, mask):
    umask(mask)
    other = tmp_path / ".new.0.part"
    other.mkdir()
    (other / "theirs").write_text("")
    descriptor = os.open(other, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    with whole_folder(tmp_path / "new") as folder:
        (folder / "ours").write_text("")
    os.close(descriptor)
    assert names(other) == ["theirs"]
    assert names(tmp_path / "new") == ["ours"]
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o777 & ~mask


def test_a_folder_that_fails_leaves_nothing(tmp_path):
    with pytest.raises(KeyboardInterrupt), whole_folder(tmp_path / "new") as folder:
        _interrupted((folder / "a.txt").write_text, "new")
    assert names(tmp_path) == []


def test_json_is_read_back(tmp_path):
    value = {"a": [1, None, "ñ\x1b"], "b": {"c": 0.5}}
    write_json(tmp_path / "a.json", value)
    assert read_json(tmp_path / "a.json") == value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[" * DEEP + "]" * DEEP, "nested too deeply"),
        ('{"a":' * DEEP + "1" + "}" * DEEP, "nested too deeply"),
        ("[" * 100_000, "nested too deeply"),
        ('"\\ud800"', "not Unicode"),
        ("{", "line 1"),
    ],
)
def test_json_that_fernet_never_writes_is_refused(text, words):
    with pytest.raises(ValueError, match=words):
        parse_json(text)


def test_text_is_checked_before_it_is_read(tmp_path):
    (tmp_path / "latin").write_bytes(b"a\xe9")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "zero").symlink_to("/dev/zero")
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(1 << 40)  # takes no space on the disk
    for name, words in {
        "latin": "byte 1 is not UTF-8",
        "pipe": "expected a file",
        "zero": "expected a file",
        ".": "expected a file",
        "huge": "1099511627776 bytes, expected at most",
    }.items():
        with pytest.raises(ValueError, match=words):
            read_text(tmp_path / name)
    with pytest.raises(FileNotFoundError):
        read_text(tmp_path / "missing")
