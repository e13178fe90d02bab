"""Clips in folders named after classes, and clips listed in a CSV."""

import os
import unicodedata
from pathlib import Path

import pytest

from fernet.clips.clip_list import Skipped
from fernet.datasets.find import find_clips
from fernet.datasets.layouts.dataset_folder import VIDEO_SUFFIXES
from fernet.errors import UserError


def touch(root: Path, *names: str) -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return root


def reasons(clips) -> dict[str, str]:
    return {one.path.name: one.reason for one in clips.skipped}


@pytest.fixture
def two_classes(tmp_path):
    return touch(tmp_path / "set", "calm/ann__1.mp4", "busy/bob__1/frame1.png", "busy/bob__1/frame2.png")


def test_videos_and_folders_of_images(two_classes):
    touch(two_classes, "busy/bob__1/frame10.png", "busy/ann__a__b.WEBM")
    found = find_clips(two_classes)
    assert found.classes == ("busy", "calm")
    assert found.counts == {"busy": 2, "calm": 1}
    assert found.subjects == ("ann", "bob")
    assert found.skipped == ()
    by_name = {clip.name: clip for clip in found.clips}
    assert set(by_name) == {"busy/ann__a__b", "busy/bob__1", "calm/ann__1"}
    assert [path.name for path in by_name["busy/bob__1"].frames] == ["frame1.png", "frame2.png", "frame10.png"]
    assert by_name["calm/ann__1"].frames == two_classes / "calm/ann__1.mp4"
    assert (by_name["busy/ann__a__b"].subject, by_name["busy/ann__a__b"].label) == ("ann", "busy")


def test_every_unusable_entry_is_named_with_its_reason(two_classes):
    touch(
        two_classes, "calm/nobody.mp4", "calm/__2.mp4", "calm/ann__.mp4", "calm/notes.txt", "loose.mp4",
        "calm/ann__3/notes.txt", "calm/ann__1.avi", "calm/ann__4/a.png", "calm/ann__4/a.jpg",
    )  # fmt: skip
    (two_classes / "empty").mkdir()
    found = find_clips(two_classes)
    assert len(found) == 2
    unnamed = "the name does not give a subject: expected <subject>__<clip>"
    assert reasons(found) == {
        "nobody.mp4": unnamed,
        "__2.mp4": unnamed,
        "ann__.mp4": unnamed,
        "notes.txt": f"neither a folder of images nor a video ({', '.join(VIDEO_SUFFIXES)}) nor an image of several "
        "pictures (.webp, .png, .apng, .tif, .tiff)",
        "loose.mp4": "a video outside the folder of any class",
        "ann__3": "a folder without images",
        "ann__1.mp4": "another clip of the same class has the same name",
        "ann__4": "images of several formats in one clip, where some may be copies of others",
        "empty": "a class without clips",
    }


def test_leftovers_of_file_managers_are_no_clips_and_not_mentioned(two_classes):
    touch(two_classes, ".DS_Store", "calm/Thumbs.db", "busy/bob__1/._frame1.png", "__MACOSX/calm/ann__1.mp4")
    touch(two_classes, ".hidden/eve__1.mp4", "busy/desktop.ini", "README.txt")
    found = find_clips(two_classes)
    assert (found.counts, found.skipped) == ({"busy": 1, "calm": 1}, ())


def test_names_in_unicode_with_spaces(tmp_path):
    apart = unicodedata.normalize("NFD", "Åsa")
    found = find_clips(
        touch(tmp_path, "très calme/李 明__1.mp4", f"外/{apart}__1 2.mp4", "外/Åsa__3.mp4", "外/²1__x.mp4")
    )
    assert found.classes == ("très calme", "外")
    assert found.subjects == ("²1", "Åsa", "李 明")  # one person, however the accent is stored


def test_a_name_that_is_no_unicode(two_classes):
    (two_classes / os.fsdecode(b"calm/\xff__1.mp4")).touch()
    found = find_clips(two_classes)
    assert (len(found), found.skipped[0].reason) == (2, "a name that is not valid UTF-8")


def test_a_folder_without_permission_is_skipped(two_classes, monkeypatch):
    touch(two_classes, "calm/ann__9/frame1.png")
    real = os.scandir

    def guarded(path):
        if Path(path).name in ("ann__9", "closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", guarded)
    assert Skipped(two_classes / "calm/ann__9", "cannot be read (Permission denied)") in find_clips(two_classes).skipped
    closed = two_classes / "closed"
    closed.mkdir()
    with pytest.raises(UserError, match=r"closed: cannot be read .Permission denied"):
        find_clips(closed)


def test_too_little_found_says_what_was_expected_and_what_went_wrong(tmp_path):
    touch(tmp_path, "calm/a.mp4", "calm/b.mp4", "busy/c.mp4", "busy/d.txt")
    with pytest.raises(UserError, match=r"no clips found.*<subject>__<clip>/frame.*4 entries.*3 times.*give a subject"):
        find_clips(tmp_path)
    touch(tmp_path, "calm/ann__1.mp4")
    with pytest.raises(UserError, match="1 clips of the class calm found, at least two classes"):
        find_clips(tmp_path)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"layout": "jaffe"}, r"layout is 'jaffe': expected one of ck\+"),
        ({"layout": "csv"}, "a folder cannot have the layout csv"),
        ({"rotation": 45}, "rotation is 45: expected one of 0, 90"),
        ({"light": "UV"}, "light is 'UV'"),
        ({"strength": None}, "strength is None"),
        ({"view": "above"}, "view is 'above': expected one of frontal, profile"),
    ],
)
def test_unknown_options(two_classes, options, words):
    with pytest.raises(UserError, match=words):
        find_clips(two_classes, **options)


def test_paths_that_hold_no_dataset(tmp_path):
    with pytest.raises(UserError, match="no such file or folder"):
        find_clips(tmp_path / "gone")
    with pytest.raises(UserError, match="expected the folder of a dataset, or a CSV"):
        find_clips(touch(tmp_path, "clip.mp4") / "clip.mp4")


def test_a_forced_rotation_holds_for_every_clip(two_classes):
    assert {clip.rotation for clip in find_clips(two_classes).clips} == {0}
    assert {clip.rotation for clip in find_clips(two_classes, rotation=90).clips} == {90}


def write_csv(root: Path, text: str, encoding: str = "utf-8") -> Path:
    path = root / "clips.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.fixture
def media(tmp_path):
    return touch(tmp_path, "v/a b.mp4", "v/é.avi", "f/1.png", "f/2.png", "p/1.txt", "p/2.txt")


def test_csv_of_videos_and_folders(media):
    text = "Label, Path ,subject,landmarks,remark\nhappy,v/a b.mp4,s1,,x\n\nsad,f,s2,p,\nsad,v\\é.avi,s1,,\n"
    found = find_clips(write_csv(media, text))
    assert found.classes == ("happy", "sad")
    assert [clip.name for clip in found.clips] == ["v/a b.mp4", "f", "v/é.avi"]
    assert found.clips[1].frames == (media / "f/1.png", media / "f/2.png")
    assert found.clips[1].landmarks == (media / "p/1.txt", media / "p/2.txt")
    assert found.skipped == ()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_as_spreadsheets_save_it(media, encoding, delimiter):
    rows = [("path", "label", "subject"), ("v/é.avi", "fâché", "Zoë"), ("v/a b.mp4", "gai", "Zoë")]
    found = find_clips(write_csv(media, "\r\n".join(map(delimiter.join, rows)), encoding))
    assert (found.classes, found.subjects, len(found)) == (("fâché", "gai"), ("Zoë",), 2)


def test_csv_rows_that_cannot_be_used_are_named_by_line(media):
    (media / "away").symlink_to("/")
    text = (
        "path,label,subject,landmarks\nv/a b.mp4,x,s,\nf,y,s,p\n"
        "../v,x,s,\nv/../../v,x,s,\n/etc,x,s,\nC:\\v.mp4,x,s,\n\\\\host\\v.mp4,x,s,\naway/etc,x,s,\n"
        f"gone.mp4,x,s,\n{'n' * 999},x,s,\np/1.txt,x,s,\nv/é.avi,x,s,f\nv,y,s,\n"
        "v/é.avi,,s,\nv/é.avi,x\nv/é.avi,x,s,,,\nf,y,s,p\n"
    )
    found = find_clips(write_csv(media, text))
    assert len(found) == 2
    climbs, absolute = "a path that leads out of the folder", "an absolute path"
    missing, fields = "no file or folder of that name", "too many or too few fields"
    expected = {
        4: climbs, 5: climbs, 6: absolute, 7: absolute, 8: absolute, 9: "a link, which is followed only",
        10: missing, 11: missing, 12: "neither a folder of images nor a video",
        13: "landmarks must name a folder of text files",
        15: "without a path, a label or a subject", 16: fields, 17: fields, 18: "already listed above",
    }  # fmt: skip
    noted = reasons(found)
    assert noted.pop("v") == "a folder without images"
    assert set(noted) == {f"clips.csv:{line}" for line in expected}
    for line, words in expected.items():
        assert words in noted[f"clips.csv:{line}"], line


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "label, subject is missing or repeated"),
        (b"path,label\nf,x\n", "subject is missing"),
        (b"path,label,subject,label\n", "label is missing or repeated"),
        (b"path,label,subject\nf,x,s\nf,y,s\n", "clips.csv:3: f is labelled 'y', earlier 'x'"),
        (b"path,label,subject\0\n", "not text in UTF-8, nor in UTF-16"),
        (b"\xff\xfepath", "not text in UTF-8|first line must name"),
        ("path,label,subject\n".encode("utf-16-le"), "not text in UTF-8"),
        (b"path,label,subject\n" + b"x" * 200_000, "not a CSV after line 1"),
        (b"path,label,subject\nf,x,s\n", "1 clips of the class x found, at least two"),
    ],
)
def test_csv_that_is_none(media, content, words):
    (media / "clips.csv").write_bytes(content)
    with pytest.raises(UserError, match=words):
        find_clips(media / "clips.csv")


def test_csv_of_absurd_size(media):
    with open(media / "clips.csv", "wb") as stream:
        stream.truncate(65 << 20)
    with pytest.raises(UserError, match="expected at most"):
        find_clips(media / "clips.csv")


@pytest.mark.parametrize("suffix", [".mpg", ".mpeg", ".wmv", ".m4v", ".flv", ".gif", ".MPG"])
def test_videos_of_every_format_that_predict_takes(two_classes, suffix):
    found = find_clips(touch(two_classes, f"calm/eve__1{suffix}"))
    assert (found.counts, found.skipped) == ({"busy": 1, "calm": 2}, ())
    found = find_clips(write_csv(two_classes, f"path,label,subject\ncalm/eve__1{suffix},x,s\nbusy/bob__1,y,s\n"))
    assert (len(found), found.skipped) == (2, ())


def test_one_entry_that_cannot_be_asked_for_stops_nothing(two_classes, monkeypatch):
    """As in a folder that may be listed but not entered."""
    touch(two_classes, "calm/ann__9.mp4", "shut/ann__1/frame1.png")
    real = os.stat

    def guarded(path, *rest, **options):
        if Path(os.fsdecode(path)).name in ("ann__9.mp4", "shut"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *rest, **options)

    monkeypatch.setattr(os, "stat", guarded)
    found = find_clips(two_classes)
    assert found.counts == {"busy": 1, "calm": 1}
    assert reasons(found) == dict.fromkeys(("ann__9.mp4", "shut"), "cannot be read (Permission denied)")


def test_pipes_and_names_with_control_characters_are_skipped(two_classes):
    os.mkfifo(two_classes / "calm/eve__1.mp4")
    os.mkfifo(two_classes / "busy/bob__1/frame3.png")
    touch(two_classes, "calm/\x1b]0;title\x07__1.mp4", "calm/two\nlines__1.mp4", "b\x9b2Jc/eve__1.mp4")
    found = find_clips(two_classes)
    assert found.counts == {"busy": 1, "calm": 1}
    control, pipe = "a name with control characters", "neither a file nor a folder, but a pipe, a socket or a device"
    assert reasons(found) == {
        "eve__1.mp4": pipe, "frame3.png": pipe, "b\x9b2Jc": control, "\x1b]0;title\x07__1.mp4": control,
        "two\nlines__1.mp4": control,
    }  # fmt: skip
