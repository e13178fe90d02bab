"""`info`: what a dataset contains, what is missing, what is skipped."""

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest

from fernet.commands import main


@pytest.fixture
def info(capsys):
    """Run the command and return exit status, output and messages."""

    def run(*arguments):
        with pytest.raises(SystemExit) as left:
            main(["info", *map(str, arguments)])
        captured = capsys.readouterr()
        return left.value.code, captured.out, captured.err

    return run


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "some clips"
    for name, frames in (("calm/ann__1", 3), ("calm/bob__1", 7), ("busy/ann__1", 5)):
        (root / name).mkdir(parents=True)
        for frame in range(frames):
            (root / name / f"{frame}.png").touch()
    for number in range(5):
        (root / f"calm/nobody{number}.mp4").touch()
    return root


def test_counts_lengths_and_reasons(info, folder):
    status, out, _ = info(folder)
    assert status == 0
    title, summary, _, header, row = out.splitlines()[:5]
    assert title == "some clips (folder of clips)"
    assert summary == "3 clips of 2 people, 3 to 7 frames"
    assert dict(zip(header.split(), row.split(), strict=True)) == {"busy": "1", "calm": "2", "all": "3"}
    assert "     5  the name does not give a subject" in out
    assert "calm/nobody0.mp4, calm/nobody1.mp4, calm/nobody2.mp4, ..." in out


def test_json_says_the_same(info, folder):
    status, out, _ = info(folder, "--json")
    found = json.loads(out)
    assert status == 0
    assert (found["clips"], found["counts"], found["subjects"]) == (3, {"busy": 1, "calm": 2}, ["ann", "bob"])
    assert found["frames"] == [3, 7]
    assert found["skipped"][0]["count"] == 5


def test_many_classes_break_the_table(info, tmp_path):
    for number in range(9):
        (tmp_path / f"class{number}/s__{number}").mkdir(parents=True)
        (tmp_path / f"class{number}/s__{number}/1.png").touch()
    _, out, _ = info(tmp_path)
    assert "1 frames each" in out
    assert [len(line.split()) for line in out.splitlines()[3:]] == [8, 8, 0, 2, 2]


def test_length_of_videos_and_videos_that_do_not_open(info, folder):
    writer = cv2.VideoWriter(str(folder / "busy/cara__1.avi"), cv2.VideoWriter_fourcc(*"MJPG"), 25, (32, 32))
    for _ in range(11):
        writer.write(np.zeros((32, 32, 3), np.uint8))
    writer.release()
    (folder / "busy/dora__1.mp4").write_bytes(b"no video")
    _, out, _ = info(folder)
    assert "5 clips of 4 people, 3 to 11 frames" in out
    assert "a video that cannot be opened" in out


def test_line_breaks_in_names_do_not_reach_the_terminal(info, folder):
    (folder / "calm/evil\n\x1b[31m.mp4").touch()
    _, out, _ = info(folder)
    assert "\x1b" not in out
    assert "evil\ufffd\ufffd[31m.mp4" in out


@pytest.mark.parametrize(("name", "clips", "people"), [("ck+", 327, 118), ("oulu", 480, 80), ("mmi", 205, 30)])
def test_synthetic_sets_have_the_counts_of_table_1(info, name, clips, people):
    _, out, _ = info(f"synthetic:{name}")
    assert f"{clips} clips of {people} people" in out


def test_options_reach_the_loader(info, tmp_path):
    for label in ("Anger", "Fear"):
        (tmp_path / f"OriginalImg/NI/Dark/P001/{label}").mkdir(parents=True)
        (tmp_path / f"OriginalImg/NI/Dark/P001/{label}/000.jpeg").touch()
    assert "Oulu-CASIA NI Dark" in info(tmp_path, "--light", "NI", "--strength", "Dark")[1]
    status, _, err = info(tmp_path)
    assert status == 2
    assert "only NI/Dark" in err


def test_mistakes_are_told_in_one_line(info, tmp_path):
    for arguments in ((tmp_path / "gone",), ("synthetic:jaffe",), (tmp_path,)):
        status, _, err = info(*arguments)
        assert status == 2
        assert err.startswith("fernet: ")
        assert len(err.splitlines()) == 1


def test_a_prepared_set_and_a_damaged_file(info, tmp_path):
    from fernet.clips.prepared_file import PreparedSet, save_prepared
    from fernet.clips.provenance import Provenance
    from fernet.clips.sequence_set import Preprocessing, SequenceSet

    clips = SequenceSet(
        np.zeros((2, 3, 64, 64), np.uint8), np.zeros((2, 12, 49, 2), np.float32), np.array([1, 0]), ("calm", "busy"),
        ("ann", "bob"), ("1", "2"), Preprocessing(), "a few clips",
    )  # fmt: skip
    report = prepared_report()
    save_prepared(tmp_path / "set.npz", PreparedSet(clips, (report, report), {"3": "no face was found"}, "0" * 64))
    status, out, err = info(tmp_path / "set.npz")
    assert (status, err) == (0, "")
    assert "a few clips\n2 clips of 2 people, 12 frames each" in out
    assert "     1  no face was found\n        3" in out
    known = Provenance({"name": "lbf.yaml", "sha256": "0"}, 90, "skip")
    saved = PreparedSet(replace(clips, provenance=known), notes=("Ann, ann differ only in case",))
    save_prepared(tmp_path / "turned.npz", saved)
    out = info(tmp_path / "turned.npz")[1]
    assert "prepared with: landmark model lbf.yaml; rotation 90 degrees; --on-missing-face skip\n" in out
    assert "note: Ann, ann differ only in case" in out
    assert json.loads(info(tmp_path / "turned.npz", "--json")[1])["provenance"]["rotation"] == 90
    (tmp_path / "other.npz").write_bytes(b"PK")
    assert info(tmp_path / "other.npz")[0] == 2


def prepared_report():
    from dataclasses import fields

    from fernet.faces.tracking import TrackReport

    return TrackReport(*[0 for _ in fields(TrackReport)])
