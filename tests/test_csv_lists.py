"""Encodings of CSV files, spellings of classes and people, and entries that must not stop the rest."""

import json
import os
import subprocess
import sys
import threading
import unicodedata
from pathlib import Path

import pytest

from fernet.commands import main
from fernet.datasets.find import find_clips
from fernet.errors import UserError


@pytest.fixture
def media(tmp_path):
    (tmp_path / "v").mkdir()
    for name in ("1", "2", "3", "4", "sœur – 1", "é"):
        (tmp_path / "v" / f"{name}.mp4").touch()
    return tmp_path


def run(*arguments) -> int:
    with pytest.raises(SystemExit) as stop:
        main([str(argument) for argument in arguments])
    return stop.value.code


def csv_of(root: Path, *rows: str, encoding: str = "utf-8", columns: str = "path,label,subject") -> Path:
    path = root / "clips.csv"
    path.write_bytes("\r\n".join([columns, *rows, ""]).encode(encoding))
    return path


def test_western_names_of_files_confirm_the_encoding(media):
    found = find_clips(csv_of(media, "v/sœur – 1.mp4,fâché,Zoë", "v/é.mp4,gai,Œ", encoding="cp1252"))
    assert [clip.frames.name for clip in found.clips] == ["sœur – 1.mp4", "é.mp4"]
    assert (found.classes, found.subjects, found.skipped) == (("fâché", "gai"), ("Zoë", "Œ"), ())


@pytest.mark.parametrize(
    ("rows", "encoding"),
    [
        (("v/1.mp4,快乐,ann", "v/2.mp4,伤心,bob"), "gbk"),
        (("v/1.mp4,радость,ann", "v/2.mp4,грусть,bob"), "cp1251"),
        (("v/1.mp4,szczęście,ann", "v/2.mp4,złość,bob"), "cp1250"),
        (("v/1.mp4,喜び,ann", "v/2.mp4,怒り,bob"), "shift-jis"),
        (("v/é.mp4,gai,ann", "v/快乐.mp4,fâché,bob"), "gb18030"),
        (("v/1.mp4,fâché,ann", "v/2.mp4,gai,bob"), "cp1252"),  # no name of a file can confirm it
        (("v/1.mp4,gai,ann", "v/ç.mp4,fâché,bob"), "cp1252"),  # and here one speaks against it
    ],
)
def test_other_encodings_are_refused_and_never_become_classes(media, rows, encoding):
    with pytest.raises(UserError, match=r"clips.csv: line \d is not UTF-8.*save it as CSV in UTF-8"):
        find_clips(csv_of(media, *rows, encoding=encoding))


def test_spellings_of_one_class_are_one_class(media):
    rows = "v/1.mp4,Happy,ann", "v/2.mp4,happy,bob", "v/3.mp4,HAPPY ,ann", "v/4.mp4,very  sad,bob", "v/é.mp4,Very sad,c"
    found = find_clips(csv_of(media, *rows))
    assert found.counts == {"Happy": 3, "very  sad": 2}
    assert found.notes == (
        "'Happy', 'happy', 'HAPPY' differ only in case, width, blanks or leading zeros: taken as one class, 'Happy'",
        "'very  sad', 'Very sad' differ only in case, width, blanks or leading zeros: taken as one class, 'very  sad'",
    )


@pytest.mark.parametrize(
    "others",
    [
        ("Ann", "ann", "ANN"),
        ("1", "01", "001"),
        ("S7", "s07", "s7"),
        ("Ann", "Ann", "Ａｎｎ"),
        ("Ann", "A\u200bnn", "ann"),
    ],
)
def test_spellings_of_one_person_are_one_person(media, others):
    first, second, third = others
    rows = f"v/1.mp4,happy,{first}", f"v/2.mp4,sad,{second}", f"v/3.mp4,happy,{third}", "v/4.mp4,sad,bob"
    found = find_clips(csv_of(media, *rows))
    assert [clip.subject for clip in found.clips] == [first, first, first, "bob"]
    assert len(found.notes) == 1
    assert f"taken as one person, {first!r}" in found.notes[0]


def test_different_people_stay_different(media):
    rows = "v/1.mp4,happy,s1", "v/2.mp4,sad,s10", "v/3.mp4,happy,s100", "v/4.mp4,sad,s0", "v/é.mp4,sad,1.01"
    found = find_clips(csv_of(media, *rows))
    assert len(found.subjects) == 5
    assert found.notes == ()


def test_spellings_in_the_names_of_folders(tmp_path):
    for name in ("Happy/ann__1", "happy/Ann__2", "sad/bob 01__1", "sad/bob 1__2"):
        path = tmp_path / f"{name}.mp4"
        path.parent.mkdir(exist_ok=True)
        path.touch()
    found = find_clips(tmp_path)
    assert found.counts == {"Happy": 2, "sad": 2}
    assert found.subjects == ("ann", "bob 01")
    assert [clip.name for clip in found.clips] == ["Happy/ann__1", "happy/Ann__2", "sad/bob 01__1", "sad/bob 1__2"]
    assert len(found.notes) == 3


def test_one_clip_with_two_spellings_of_its_label_is_no_contradiction(media):
    found = find_clips(csv_of(media, "v/1.mp4,happy,a", "v/1.mp4,Happy,a", "v/2.mp4,sad,b"))
    assert (found.counts, found.skipped[0].reason) == ({"happy": 1, "sad": 1}, "a clip that is already listed above")


def test_pipes_and_control_characters_are_skipped(media):
    os.mkfifo(media / "v" / "pipe.mp4")
    os.mkfifo(media / "v" / "points")
    rows = (
        "v/1.mp4,happy,ann,", "v/2.mp4,sad,bob,", "v/pipe.mp4,sad,bob,", "v/3.mp4,sad,bob,v/points",
        "v/4.mp4,\x1b[2Jsad,bob,", "v/4.mp4,sad,b\x07ob,", '"v/4\n.mp4",sad,bob,',
    )  # fmt: skip
    listed = []
    path = csv_of(media, *rows, columns="path,label,subject,landmarks")
    reader = threading.Thread(target=lambda: listed.append(find_clips(path)), daemon=True)  # a pipe waits for ever
    reader.start()
    reader.join(20)
    assert listed, "waits for the pipe"
    assert len(listed[0]) == 2
    assert [one.reason for one in listed[0].skipped] == [
        *["neither a file nor a folder, but a pipe, a socket or a device"] * 2,
        *["a row with control characters"] * 3,
    ]


@pytest.mark.parametrize("listed", ["NFC", "NFD"])
@pytest.mark.parametrize("stored", ["NFC", "NFD"])
def test_accents_may_be_composed_in_the_list_and_decomposed_on_disk(tmp_path, listed, stored):
    path = tmp_path / unicodedata.normalize(stored, "é1.mp4")
    path.touch()
    (tmp_path / "2.mp4").touch()
    row = unicodedata.normalize(listed, "é1.mp4,fâché,Zoë")
    found = find_clips(csv_of(tmp_path, row, "2.mp4,gai,Zoë"))
    assert found.clips[0].frames == path
    assert (found.clips[0].name, found.classes, found.subjects) == ("é1.mp4", ("fâché", "gai"), ("Zoë",))


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names on the disk do not depend on the locale")
def test_names_on_the_disk_are_found_in_every_locale(tmp_path):
    for name in ("é.mp4", "2.mp4"):
        (tmp_path / name).touch()
    path = csv_of(tmp_path, "é.mp4,gai,a", "2.mp4,sad,b")
    script = "import sys; from pathlib import Path; from fernet.datasets.find import find_clips; "
    script += "print([clip.frames.exists() for clip in find_clips(Path(sys.argv[1])).clips])"
    locale = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run(
        [sys.executable, "-c", script, path], env=os.environ | locale, capture_output=True, text=True, check=False
    )
    assert done.stdout == "[True, True]\n"


def test_other_columns_may_hold_anything(media):
    rows = 'v/1.mp4,happy,ann,"two\nlines"', 'v/2.mp4,sad,bob,"a\tb"'
    found = find_clips(csv_of(media, *rows, columns="path,label,subject,remark"))
    assert (len(found), found.skipped) == (2, ())


def test_utf_16_that_is_cut_short_is_named(media):
    path = csv_of(media, "v/1.mp4,happy,ann", encoding="utf-16")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(UserError, match="is not UTF-16"):
        find_clips(path)


def test_names_that_look_alike_are_one_name(tmp_path):
    names = [unicodedata.normalize(form, "é.mp4") for form in ("NFC", "NFD")]
    for name in (*names, "2.mp4"):
        (tmp_path / name).touch()
    if len(list(tmp_path.iterdir())) < 3:
        pytest.skip("the file system takes both names for one")
    found = find_clips(csv_of(tmp_path, f"{names[0]},happy,a", f"{names[1]},happy,a", "2.mp4,sad,b"))
    assert [clip.name for clip in found.clips] == ["é.mp4", "2.mp4"]
    assert "another clip has the same name" in found.skipped[0].reason


def test_info_shows_notes_and_no_terminal_command(media, capsys):
    path = csv_of(media, "v/1.mp4,happy,Ann", "v/2.mp4,sad,ann")
    assert run("info", path) == 0
    assert "note: 'Ann', 'ann' differ only in case" in capsys.readouterr().out
    assert run("info", "--json", path) == 0
    assert len(json.loads(capsys.readouterr().out)["notes"]) == 1
    hostile = media / "\x1b]0;title\x07.csv"
    hostile.write_text("\x1b[2Jpath,label\n")
    assert run("info", hostile) == 2
    message = capsys.readouterr().err
    assert "subject is missing" in message
    assert "\x1b" not in message
    assert "\x07" not in message
