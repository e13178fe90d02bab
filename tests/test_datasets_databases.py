"""CK+, CK+48, Oulu-CASIA and MMI: small trees in the layouts of the databases, with their traps."""

import os
import threading
from pathlib import Path

import pytest

from fernet.clips.clip_list import FIND_OUT, ClipEntry
from fernet.datasets.find import find_clips, recognise
from fernet.datasets.layouts import LAYOUTS
from fernet.datasets.layouts.collected import clip_list
from fernet.datasets.layouts.layout import Layout, LayoutOption
from fernet.datasets.layouts.xml_elements import BadXml, xml_elements
from fernet.errors import UserError

EMOTIONS = ["anger", "contempt", "disgust", "fear", "happiness", "sadness", "surprise"]


def write(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def reasons(clips) -> dict[str, str]:
    return {one.path.name: one.reason for one in clips.skipped}


# ---- CK+


def add_ck(
    root, subject, sequence, label=None, frames=3, landmarks=True, images="cohn-kanade-images", labels="Emotion"
):
    for frame in range(1, frames + 1):
        name = f"{subject}_{sequence}_{frame:08d}"
        write(root / images / subject / sequence / f"{name}.png")
        if landmarks:
            write(root / "Landmarks" / subject / sequence / f"{name}_landmarks.txt")
    if label is not None:
        write(root / labels / subject / sequence / f"{subject}_{sequence}_{frames:08d}_emotion.txt", f"   {label}\n")


@pytest.fixture
def ck(tmp_path):
    for number in range(7):
        add_ck(tmp_path, f"S{number + 5:03d}", "001", f"{number + 1}.0000000e+00", frames=9 + number)
    return tmp_path


def test_ck_labels_frames_and_landmarks(ck):
    found = find_clips(ck)
    assert (found.title, list(found.classes)) == ("CK+", EMOTIONS)
    assert [clip.label for clip in found.clips] == EMOTIONS  # S005 shows 1, S006 shows 2, ...
    assert [clip.name for clip in found.clips][:2] == ["S005_001", "S006_001"]
    assert [len(clip.frames) for clip in found.clips] == list(range(9, 16))
    last = found.clips[-1]
    assert last.frames[-1] == ck / "cohn-kanade-images/S011/001/S011_001_00000015.png"
    assert last.landmarks[-1] == ck / "Landmarks/S011/001/S011_001_00000015_landmarks.txt"
    assert found.skipped == ()


def test_ck_sequences_without_a_label(ck):
    add_ck(ck, "S005", "002")
    (ck / "Emotion/S006/002").mkdir()
    add_ck(ck, "S006", "002")
    write(ck / "Emotion/S006/002/.DS_Store")
    write(ck / "cohn-kanade-images/.DS_Store")
    found = find_clips(ck)
    assert len(found) == 7
    assert [(one.path.parent.name, one.path.name, one.reason) for one in found.skipped] == [
        ("S005", "002", "a sequence without an emotion label"),
        ("S006", "002", "a sequence without an emotion label"),
    ]


@pytest.mark.parametrize("text", ["", "8.0", "0.0", "3.5", "nan", "inf", "3 4", "three", "\0", "-1", "3" * 400])
def test_ck_odd_labels_are_never_guessed(ck, text):
    add_ck(ck, "S050", "001", text)
    found = find_clips(ck)
    assert len(found) == 7
    assert list(reasons(found).values()) == ["an emotion file that does not hold one whole number from 1 to 7"]


def test_ck_label_files_that_contradict(ck):
    add_ck(ck, "S050", "001", "1.0")
    write(ck / "Emotion/S050/001/S050_001_00000009_emotion.txt", "2.0")
    add_ck(ck, "S051", "001")
    write(ck / "Emotion/S051/001/S050_001_00000003_emotion.txt", "2.0")
    write(ck / "Emotion/S052/001/S052_001_00000003_emotion.txt", "2.0")
    found = find_clips(ck)
    assert len(found) == 7
    assert sorted(one.reason for one in found.skipped) == [
        "an emotion file that is named after another sequence",
        "an emotion label without its images",
        "several emotion files for one sequence",
    ]


def test_ck_empty_and_foreign_images(ck):
    add_ck(ck, "S050", "001", "1.0", frames=0)
    (ck / "cohn-kanade-images/S050/001").mkdir(parents=True)
    write(ck / "cohn-kanade-images/S005/001/S999_001_00000001.png")
    found = find_clips(ck)
    assert len(found.clips[0].frames) == 9
    assert sorted(one.reason for one in found.skipped) == [
        "a folder without images",
        "an image that is not named after its sequence",
    ]


def test_ck_incomplete_landmarks_are_not_used(ck):
    (ck / "Landmarks/S005/001/S005_001_00000004_landmarks.txt").unlink()
    found = find_clips(ck)
    assert [clip.landmarks is None for clip in found.clips] == [True] + [False] * 6
    assert "landmark files are missing" in found.skipped[0].reason


@pytest.mark.parametrize(
    ("images", "labels"),
    [
        ("extended-cohn-kanade-images/cohn-kanade-images", "Emotion_labels/Emotion"),
        ("extended-cohn-kanade-images/extended-cohn-kanade-images/cohn-kanade-images", "Emotion_labels"),
        ("cohn-kanade-images/cohn-kanade-images", "Emotion_labels/Emotion/Emotion"),
    ],
)
@pytest.mark.parametrize("above", ["", "CK+"])
def test_ck_as_the_archives_unpack(tmp_path, above, images, labels):
    for sequence, label in (("001", "1.0"), ("002", "7.0")):
        add_ck(tmp_path / above, "S005", sequence, label, images=images, labels=labels)
    found = find_clips(tmp_path)
    assert found.counts == {"anger": 1, "surprise": 1}
    assert all(clip.landmarks for clip in found.clips)


def test_ck_parts_that_are_missing(tmp_path):
    add_ck(tmp_path / "a", "S005", "001")
    with pytest.raises(UserError, match=r"folder Emotion .* is missing: unpack Emotion_labels.zip"):
        find_clips(tmp_path / "a")
    write(tmp_path / "b/Emotion_labels/Emotion/S005/001/S005_001_00000003_emotion.txt", "1.0")
    with pytest.raises(UserError, match=r"cohn-kanade-images is missing: unpack extended-cohn-kanade-images.zip"):
        find_clips(tmp_path / "b")


def test_ck_label_folder_that_leads_out_of_the_root(ck, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    add_ck(ck, "S050", "001")
    write(outside / "001/S050_001_00000003_emotion.txt", "1.0")
    (ck / "Emotion/S050").symlink_to(outside)
    found = find_clips(ck)
    assert len(found) == 7
    assert "a link, which is followed only with --follow-links" in reasons(found).values()
    assert len(find_clips(ck, follow_links=True)) == 8


# ---- CK+48


def test_ck48_frames_are_put_together_by_name(tmp_path):
    for label, subject, frames in (
        ("happy", "S010", (17, 18, 19)),
        ("anger", "S010", (8, 9, 10)),
        ("fear", "S011", (2,)),
    ):
        sequence = {"happy": "006", "anger": "004", "fear": "003"}[label]
        for frame in frames:
            write(tmp_path / "CK+48" / label / f"{subject}_{sequence}_{frame:08d}.png")
    write(tmp_path / "CK+48/anger/S010_004_small.png")
    write(tmp_path / "CK+48/anger/Thumbs.db")
    write(tmp_path / "CK+48/neutral/S010_004_00000001.png")
    (tmp_path / "CK+48/disgust").mkdir()
    for root in (tmp_path, tmp_path / "CK+48"):
        found = find_clips(root)
        assert found.classes == ("anger", "fear", "happiness")
        assert [(clip.name, clip.subject, clip.label) for clip in found.clips] == [
            ("S010_004", "S010", "anger"),
            ("S010_006", "S010", "happiness"),
            ("S011_003", "S011", "fear"),
        ]
        assert [path.stem[-2:] for path in found.clips[0].frames] == ["08", "09", "10"]
        assert {name: reason.split()[0] for name, reason in reasons(found).items()} == {
            "neutral": "the", "disgust": "a", "S010_004_small.png": "the",
        }  # fmt: skip


def test_ck48_sequence_under_two_emotions(tmp_path):
    for label in ("anger", "fear"):
        write(tmp_path / label / "S010_004_00000008.png")
        write(tmp_path / label / f"S011_00{len(label)}_00000008.png")
    found = find_clips(tmp_path)
    assert [clip.name for clip in found.clips] == ["S011_004", "S011_005"]
    assert "folders of several emotions" in found.skipped[0].reason


# ---- Oulu-CASIA


@pytest.fixture
def oulu(tmp_path):
    for part, frames in (
        ("OriginalImg/VL/Strong", 9),
        ("OriginalImg/NI/Dark", 12),
        ("PreProcess_Img/VL_Acropped/Weak", 5),
    ):
        for person in ("P001", "P002"):
            for label in ("Anger", "Disgust", "Fear", "Happiness", "Sadness", "Surprise"):
                for frame in range(frames):
                    write(tmp_path / part / person / label / f"{frame:03d}.jpeg")
                write(tmp_path / part / person / label / "Thumbs.db")
    return tmp_path


def test_oulu_parts(oulu):
    found = find_clips(oulu)
    assert found.title == "Oulu-CASIA VL Strong, original frames"
    assert found.classes == tuple(name for name in EMOTIONS if name != "contempt")
    assert (len(found), found.subjects, found.skipped) == (12, ("P001", "P002"), ())
    assert found.clips[0].frames[8] == oulu / "OriginalImg/VL/Strong/P001/Anger/008.jpeg"
    assert len(find_clips(oulu, light="NI", strength="Dark").clips[3].frames) == 12
    cropped = find_clips(oulu, strength="Weak", cropped=True)
    assert len(cropped.clips[3].frames) == 5
    assert cropped.title == "Oulu-CASIA VL Weak, cropped frames"


@pytest.mark.parametrize("name", ["PreProcessImg", "PreProcess", "preprocess_img/PreProcess_Img"])
def test_oulu_names_of_the_cropped_folder(oulu, name):
    (oulu / "PreProcess_Img").rename(oulu / "moved")
    (oulu / name).parent.mkdir(exist_ok=True)
    (oulu / "moved").rename(oulu / name)
    assert len(find_clips(oulu, strength="Weak", cropped=True)) == 12


def test_oulu_traps(oulu):
    people = oulu / "OriginalImg/VL/Strong"
    (people / "P002/Fear").rename(people / "P002/Neutral")
    write(people / "notes/Anger/000.jpeg")
    write(people / "P003/happy/000.jpeg")
    (people / "P003/Anger").mkdir()
    found = find_clips(oulu)
    assert found.counts["fear"] == 1
    assert found.counts["happiness"] == 3
    noted = reasons(found)
    assert noted["Neutral"] == "the name is not one of the six emotions"
    assert noted["notes"] == "the name is not that of a subject, such as P001"
    missing = [one.path.relative_to(people).as_posix() for one in found.skipped if "missing sequence" in one.reason]
    assert missing == ["P002/Fear", "P003/Disgust", "P003/Fear", "P003/Sadness", "P003/Surprise"]
    assert noted["Anger"] == "a folder without images"


def test_oulu_parts_that_are_missing(oulu):
    with pytest.raises(UserError, match=r"no NI/Strong in it, only NI/Dark, VL/Strong"):
        find_clips(oulu, light="NI")
    with pytest.raises(UserError, match=r"no NI_Acropped/Weak in it, only VL_Acropped/Weak"):
        find_clips(oulu, light="NI", strength="Weak", cropped=True)
    with pytest.raises(UserError, match=r"no VL_Acropped/Strong in it"):
        find_clips(oulu, cropped=True)
    (oulu / "OriginalImg").rename(oulu / "elsewhere")
    with pytest.raises(UserError, match="no folder OriginalImg: unpack it, or try with --cropped"):
        find_clips(oulu)


# ---- MMI


def add_session(root, number, video, emotion="3", view="0", session=None, annotation=None):
    folder = root / "Sessions" / str(number)
    write(folder / f"{video}.avi")
    write(
        folder / "session.xml",
        session or f'<?xml version="1.0"?>\n<session><track type="Video" view="{view}"/></session>',
    )
    tag = "" if emotion is None else f'<Metatag Name="Emotion" Value="{emotion}"/>'
    write(folder / f"{video}.xml", annotation or f'<annotation><Metatag Name="Date" Value="9"/>{tag}</annotation>')
    write(folder / f"{video}-oao_aucs.xml", '<ActionUnits><Metatag Name="Emotion" Value="9"/></ActionUnits>')
    return folder


@pytest.fixture
def mmi(tmp_path):
    for code in range(1, 7):
        add_session(tmp_path, 1900 + code, f"S028-{code:03d}", str(code))
    return tmp_path


def test_mmi_codes_and_subjects(mmi):
    for root in (mmi, mmi / "Sessions"):
        found = find_clips(root)
        assert [clip.label for clip in found.clips] == [name for name in EMOTIONS if name != "contempt"]
        assert found.subjects == ("S028",)
        assert found.clips[2].frames == mmi / "Sessions/1903/S028-003.avi"
        assert {(clip.rotation, clip.half) for clip in found.clips} == {(FIND_OUT, None)}
        assert found.skipped == ()


def test_mmi_emotion_in_session_xml(mmi):
    add_session(
        mmi, 1, "S030-001", session='<Session><Track View="0"/><Metatag name="emotion" value=" 6 "/></Session>',
        annotation="<annotation/>",
    )  # fmt: skip
    assert find_clips(mmi).clips[0].label == "surprise"


def test_mmi_views_halves_and_rotation(mmi):
    for number, (video, view) in enumerate(
        {"S001-100": "2", "S002-106": "2", "S003-101": "2", "S015-001": "2", "S021-001": "1", "S053-001": "0"}.items()
    ):
        add_session(mmi, number, video, view=view)
    add_session(mmi, 50, "S077-001", view="2")
    frontal = {clip.name: clip for clip in find_clips(mmi).clips}
    assert {name: clip.half for name, clip in frontal.items() if not name.startswith("S028")} == {
        "S001-100": "right", "S002-106": "right", "S003-101": "left", "S015-001": "left", "S053-001": None,
    }  # fmt: skip
    assert frontal["S053-001"].rotation == frontal["S001-100"].rotation == 0
    assert reasons(find_clips(mmi)) == {
        "S021-001.avi": "a recording of the profile view alone",
        "S077-001.avi": "a dual view of a subject whose frontal half is not known",
    }
    assert {clip.rotation for clip in find_clips(mmi, rotation=90).clips} == {90}
    add_session(mmi, 51, "S002-107", "4", view="2")
    profile = {clip.name: clip.half for clip in find_clips(mmi, view="profile").clips}
    assert profile == {
        "S001-100": "left", "S002-106": "left", "S002-107": "left", "S003-101": "right", "S015-001": "right",
        "S021-001": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"emotion": "7"}, "not 1 to 6"),
        ({"emotion": "0"}, "not 1 to 6"),
        ({"emotion": "three"}, "not 1 to 6"),
        ({"emotion": "٣"}, "not 1 to 6"),
        ({"emotion": "9" * 9000}, "not 1 to 6"),
        ({"emotion": ""}, "not 1 to 6"),
        ({"emotion": None}, "without an emotion label"),
        ({"emotion": '3"/><Metatag Name="Emotion" Value="4'}, "several different emotion labels"),
        ({"view": "5"}, "does not give exactly one view"),
        ({"session": "<session/>"}, "does not give exactly one view"),
        ({"session": '<s><track view="0"/><track view="1"/></s>'}, "does not give exactly one view"),
        ({"session": '<s><track view="0"></s>'}, "a malformed XML file"),
        ({"session": "   "}, "a malformed XML file"),
        ({"session": '<?xml version="1.0" encoding="klingon"?><s/>'}, "a malformed XML file"),
        ({"session": '<?xml version="1.0" encoding="UTF-7"?><s/>'}, "an unusual encoding"),
        ({"session": '<?xml version="1.0" encoding="Shift_JIS"?><s/>'}, "an unusual encoding"),
        ({"session": '<?xml version="1.0" encoding="hex"?><s/>'}, "an unusual encoding"),
        ({"session": f"<s>{' ' * 2_000_000}</s>"}, "larger than 1 MB"),
        ({"annotation": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}, "a document type"),
        ({"annotation": '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'}, "a document type"),
    ],
)
def test_mmi_sessions_that_are_skipped(mmi, change, words):
    add_session(mmi, 1, "S030-001", **change)
    found = find_clips(mmi)
    assert len(found) == 6
    assert words in found.skipped[0].reason


def test_a_pipe_in_place_of_an_xml_file_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.xml")
    fault = []

    def read():
        try:
            xml_elements(tmp_path / "pipe.xml")
        except BadXml as error:
            fault.append(str(error))

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    reader.join(20)
    assert fault == ["a folder, a pipe or a device in place of an XML file"]


def test_mmi_billion_laughs_stops_at_once(mmi):
    lines = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE l [<!ENTITY l0 "ha">{lines}]><session><track view="0"/>&l9;</session>'
    folder = add_session(mmi, 1, "S030-001", session=bomb)
    (folder / "S030-001.xml").write_bytes(bomb.encode("utf-16"))  # which a search for <!DOCTYPE would miss
    assert "a document type" in find_clips(mmi).skipped[0].reason
    (folder / "session.xml").write_text('<session><track view="0"/></session>')
    assert "a document type" in find_clips(mmi).skipped[0].reason


def test_mmi_incomplete_sessions(mmi):
    (add_session(mmi, 1, "S030-001") / "S030-001.avi").unlink()
    write(add_session(mmi, 2, "S030-002") / "S030-003.avi")
    (add_session(mmi, 3, "S030-004") / "session.xml").unlink()
    add_session(mmi, 4, "film")
    add_session(mmi, 5, "S030-006")
    add_session(mmi, 6, "S030-006")
    found = find_clips(mmi)
    assert reasons(found) == {
        "1": "a session with no video (.avi)",
        "2": "a session with several videos (.avi)",
        "3": "a session without session.xml",
        "film.avi": "the name does not give subject and clip, as S002-106 does",
        "6": "another session has a video of the same name",
    }
    assert len(found) == 7


# ---- recognising the database


def test_each_layout_is_recognised(tmp_path):
    add_ck(tmp_path / "1", "S005", "001")
    write(tmp_path / "2/anger/S005_001_00000001.png")
    write(tmp_path / "3/OriginalImg/NI/Dark/P001/Anger/000.jpeg")
    add_session(tmp_path / "4", 1, "S001-001")
    write(tmp_path / "5/PreProcess/raw/S1__1.mp4")  # a class whose name only resembles Oulu-CASIA
    write(tmp_path / "6/emotion/S1__1.mp4")
    write(tmp_path / "7.csv")
    kinds = [recognise(path) for path in sorted(tmp_path.iterdir())]
    assert kinds == ["ck+", "ck+48", "oulu", "mmi", "folder", "folder", "csv"]


def test_a_layout_is_one_entry_of_the_list(tmp_path, monkeypatch):
    def find(path, follow_links, side):
        clips = [ClipEntry(f"{label}{side}", label, "ann", path / "1.png") for label in ("calm", "busy")]
        return clip_list("a new dataset", clips, [])

    side = LayoutOption("side", ("left", "right"), "Which side.")
    new = Layout("new", "a new dataset", "mark.txt", lambda path, _: (path / "mark.txt").exists(), find, (side,))
    monkeypatch.setattr("fernet.datasets.find.LAYOUTS", {"new": new, **LAYOUTS})
    write(tmp_path / "mark.txt")
    assert recognise(tmp_path) == "new"
    assert [clip.name for clip in find_clips(tmp_path).clips] == ["calmleft", "busyleft"]
    assert [clip.name for clip in find_clips(tmp_path, side="right", light="NI").clips] == ["calmright", "busyright"]
    with pytest.raises(UserError, match="side is 'top': expected one of left, right"):
        find_clips(tmp_path, side="top")
    with pytest.raises(UserError, match="an option is 'colour': expected one of side, light"):
        find_clips(tmp_path, colour="red")


def test_too_little_in_a_folder_of_clips_names_the_other_layouts(tmp_path):
    with pytest.raises(UserError, match=r"or another layout \(CK\+, Oulu-CASIA, MMI, CK\+48, a CSV of path,label,sub"):
        find_clips(tmp_path)


def test_a_layout_can_be_forced(ck):
    with pytest.raises(UserError, match=r"no clips found.*<subject>__<clip>"):
        find_clips(ck, layout="folder")
    with pytest.raises(UserError, match=r"Sessions/<n>/session.xml"):
        find_clips(ck, layout="mmi")
