"""Links in a dataset: skipped and named, or followed with `--follow-links`, each recording once."""

import json

import pytest

from fernet.datasets.find import find_clips, recognise
from fernet.errors import UserError

SKIPPED = "a link, which is followed only with --follow-links"


def touch(root, *names):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return root


def reasons(found):
    return {one.path.name: one.reason for one in found.skipped}


@pytest.fixture
def two_classes(tmp_path):
    return touch(tmp_path / "set", "calm/ann__1.mp4", "busy/bob__1/frame1.png", "busy/bob__1/frame2.png")


@pytest.fixture
def linked(two_classes, tmp_path):
    """Links to a clip in the set and to clips, frames and a class elsewhere, and links that lead nowhere."""
    touch(tmp_path / "elsewhere", "eve__1/frame1.png", "eve__2.mp4", "frame3.png")
    (two_classes / "calm/ann__2.mp4").symlink_to("ann__1.mp4")
    (two_classes / "calm/eve__2.mp4").symlink_to(tmp_path / "elsewhere/eve__2.mp4")
    (two_classes / "glad").symlink_to(tmp_path / "elsewhere")
    (two_classes / "busy/bob__1/frame3.png").symlink_to(tmp_path / "elsewhere/frame3.png")
    (two_classes / "busy/gone__1").symlink_to(tmp_path / "nothing")
    (two_classes / "busy/self__1").symlink_to("self__1")
    return two_classes


def test_links_are_named_with_the_way_out_and_not_followed(linked, tmp_path):
    found = find_clips(linked)
    assert found.counts == {"busy": 1, "calm": 1}
    assert reasons(found) == {
        **dict.fromkeys(("ann__2.mp4", "eve__2.mp4", "glad", "frame3.png"), SKIPPED),
        **dict.fromkeys(("gone__1", "self__1"), "a broken link"),
    }
    (tmp_path / "link to the set").symlink_to(linked)
    assert find_clips(tmp_path / "link to the set").counts == found.counts  # the root may be a link


def test_links_are_followed_on_demand_and_each_recording_counts_once(linked):
    (linked / "glad").unlink()
    found = find_clips(linked, follow_links=True)
    assert {clip.name for clip in found.clips} == {"calm/ann__1", "calm/eve__2", "busy/bob__1"}
    assert [len(clip.frames) for clip in found.clips if clip.subject == "bob"] == [3]
    once = "a link to a recording that another clip shows"
    assert reasons(found) == {
        "ann__2.mp4": once, "gone__1": "a broken link", "self__1": "a broken link"
    }  # fmt: skip


def test_two_clips_may_share_some_frames(two_classes):
    touch(two_classes, "busy/bob__2/frame2.png")
    (two_classes / "busy/bob__2/frame1.png").symlink_to(two_classes / "busy/bob__1/frame1.png")
    assert len(find_clips(two_classes, follow_links=True)) == 3
    (two_classes / "busy/bob__3").symlink_to("bob__2")
    found = find_clips(two_classes, follow_links=True)
    assert (len(found), list(reasons(found))) == (3, ["bob__3"])


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ("busy/ann__9.mp4", "busy/ann__9 and calm/ann__1 are one recording.* class 'busy' and 'calm'"),
        ("calm/eve__9.mp4", "calm/ann__1 and calm/eve__9 are one recording.* person 'ann' and 'eve'"),
    ],
)
def test_one_recording_with_two_classes_or_people_is_refused(two_classes, link, words):
    (two_classes / link).symlink_to(two_classes / "calm/ann__1.mp4")
    assert len(find_clips(two_classes)) == 2
    with pytest.raises(UserError, match=f"{words}: expected one"):
        find_clips(two_classes, follow_links=True)


def test_links_to_what_contains_them_are_loops(two_classes, tmp_path):
    touch(tmp_path / "elsewhere", "eve__1.mp4")
    (two_classes / "again").symlink_to(two_classes)
    (two_classes / "busy/up__1").symlink_to("..")
    (two_classes / "busy/here__1").symlink_to(".")
    (two_classes / "busy/all__1").symlink_to("/")
    (two_classes / "glad").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere/back__1").symlink_to(two_classes)  # a loop by two links
    found = find_clips(two_classes, follow_links=True)
    assert found.counts == {"busy": 1, "calm": 1, "glad": 1}
    loops = ("again", "up__1", "here__1", "all__1", "back__1")
    assert reasons(found) == dict.fromkeys(loops, "a link to a folder that contains it")


def test_rows_of_a_csv_may_name_links_on_demand(two_classes, tmp_path):
    touch(tmp_path / "elsewhere", "v/1.mp4")
    (two_classes / "away").symlink_to(tmp_path / "elsewhere")
    (two_classes / "near.mp4").symlink_to("calm/ann__1.mp4")
    rows = "calm/ann__1.mp4,x,ann", "busy/bob__1,y,bob", "away/v/1.mp4,y,eve", "near.mp4,x,ann", "../elsewhere/v,x,eve"
    path = two_classes / "clips.csv"
    path.write_text("\n".join(("path,label,subject", *rows)))
    found = find_clips(path)
    assert (len(found), reasons(found)["clips.csv:4"], reasons(found)["clips.csv:5"]) == (2, SKIPPED, SKIPPED)
    found = find_clips(path, follow_links=True)
    assert [clip.name for clip in found.clips] == ["calm/ann__1.mp4", "busy/bob__1", "away/v/1.mp4"]
    assert reasons(found) == {
        "near.mp4": "a link to a recording that another clip shows",
        "clips.csv:6": "a path that leads out of the folder of the CSV",
    }


def test_a_database_of_links_is_recognised_on_demand(tmp_path):
    real = tmp_path / "real"
    for number, emotion in ((1, "Anger"), (2, "Fear")):
        touch(real, f"OriginalImg/VL/Strong/P00{number}/{emotion}/000.jpeg")
    (tmp_path / "set").mkdir()
    (tmp_path / "set/OriginalImg").symlink_to(real / "OriginalImg")
    with pytest.raises(UserError, match=r"no clips found.*most often \(1 times\): a link, .* --follow-links"):
        find_clips(tmp_path / "set")
    assert recognise(tmp_path / "set", follow_links=True) == "oulu"
    assert find_clips(tmp_path / "set", follow_links=True).counts == {"anger": 1, "fear": 1}


def test_links_are_mentioned_where_something_else_is_skipped_more_often(tmp_path):
    touch(tmp_path / "set", "calm/1.mp4", "calm/2.mp4")
    (tmp_path / "set/busy").symlink_to(tmp_path)
    with pytest.raises(UserError, match=r"give a subject.*; 1 are links, e.g. .*busy: --follow-links follows"):
        find_clips(tmp_path / "set")


def test_info_follows_links_on_demand(command, linked):
    (linked / "glad").unlink()
    status, out, _ = command("info", linked, "--json")
    assert status == 0
    assert json.loads(out)["clips"] == 2
    assert any(one["reason"] == SKIPPED for one in json.loads(out)["skipped"])
    assert json.loads(command("info", linked, "--json", "--follow-links")[1])["clips"] == 3
