"""MMI: videos that go from neutral to the expression and back to neutral, one folder for each session.

    Sessions/<n>/session.xml          the track's view: 0 frontal, 1 profile, 2 both side by side
    Sessions/<n>/S002-106.avi
    Sessions/<n>/S002-106.xml         <Metatag Name="Emotion" Value="3"/>; some releases put it into session.xml

Most frontal recordings are turned on their side; only a few subjects were filmed upright.
"""

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from fernet.clips.clip_list import FIND_OUT, ClipEntry, ClipList
from fernet.datasets.emotions import EMOTIONS
from fernet.datasets.layouts.collected import clip_list
from fernet.datasets.layouts.dataset_folder import DatasetFolder
from fernet.datasets.layouts.layout import Layout, LayoutOption
from fernet.datasets.layouts.xml_elements import BadXml, xml_elements

if TYPE_CHECKING:
    from fernet.datasets.layouts.clip_files import ClipFiles
    from fernet.synthetic.render import RenderedClip
    from fernet.synthetic.sets import ClipSpec

_EXPECTED = "Sessions/<n>/session.xml with S002-106.avi and S002-106.xml beside it"
_OPTIONS = (LayoutOption("view", ("frontal", "profile"), "MMI: view of the face."),)
_CODES = dict(enumerate((name for name in EMOTIONS if name != "contempt"), start=1))
_FRONTAL, _PROFILE, _DUAL = "0", "1", "2"
_FRONTAL_HALF = {"S001": "right", "S002": "right", "S003": "left", "S005": "left", "S015": "left", "S016": "left"}
_UPRIGHT = {"S053", "S054"}
_OTHER_HALF = {"left": "right", "right": "left"}


def is_mmi(path: Path, follow_links: bool) -> bool:
    """Whether `path` contains folders of sessions."""
    return any(os.path.isfile(session / "session.xml") for session in _sessions(DatasetFolder(path, follow_links)))


def find_mmi_clips(path: Path, follow_links: bool, view: str) -> ClipList:
    """The sessions that show one of the six basic emotions in this view, "frontal" or "profile".

    A dual view counts as both: one half of its frames is frontal, the other half shows the profile.
    """
    folder = DatasetFolder(path, follow_links)
    clips: dict[str, ClipEntry] = {}
    for session in _sessions(folder):
        clip = _clip(folder, session, view)
        if clip and clip.name in clips:
            folder.skip(session, "another session has a video of the same name")
        elif clip:
            clips[clip.name] = clip
    return clip_list(f"MMI, {view} view", list(clips.values()), folder.skipped)


def _sessions(folder: DatasetFolder) -> list[Path]:
    return folder.folders(folder.named("sessions") or folder.root)


def _clip(folder: DatasetFolder, session: Path, view: str) -> ClipEntry | None:
    videos = folder.files(session, (".avi",))
    if not os.path.isfile(session / "session.xml"):
        folder.skip(session, "a session without session.xml")
    elif len(videos) != 1:
        folder.skip(session, f"a session with {'several videos' if videos else 'no video'} (.avi)")
    elif not (subject := re.fullmatch(r"(S[0-9]+)-[0-9]+", videos[0].stem, re.IGNORECASE)):
        folder.skip(videos[0], "the name does not give subject and clip, as S002-106 does")
    elif facts := _facts(folder, session, videos[0]):
        label, recorded = facts
        return _seen_from(folder, videos[0], label, subject[1].upper(), recorded, view)
    return None


def _facts(folder: DatasetFolder, session: Path, video: Path) -> tuple[str, str] | None:
    """Emotion and kind of view; None, with a note, if the session's files do not state both consistently."""
    views, codes = set(), set()
    for path in (session / "session.xml", video.with_suffix(".xml")):
        if os.path.exists(path):
            try:
                elements = xml_elements(path) if folder.may_read(path) else []
            except BadXml as error:
                folder.skip(path, str(error))
                return None
            views |= {attributes["view"] for _, attributes in elements if "view" in attributes}
            codes |= {
                attributes.get("value", "").strip()
                for tag, attributes in elements
                if tag == "metatag" and attributes.get("name", "").casefold() == "emotion"
            }
    if not codes:
        folder.skip(session, "a session without an emotion label")
    elif len(codes) > 1:
        folder.skip(session, "several different emotion labels for one session")
    elif (label := _emotion(next(iter(codes)))) is None:
        folder.skip(session, "an emotion code that is not 1 to 6, the six basic emotions")
    elif len(views) != 1 or not views <= {_FRONTAL, _PROFILE, _DUAL}:
        folder.skip(session, "session.xml does not give exactly one view, 0, 1 or 2")
    else:
        return label, next(iter(views))
    return None


def _emotion(code: str) -> str | None:
    return _CODES.get(int(code)) if code.isascii() and code.isdigit() and len(code) < 4 else None


def _seen_from(
    folder: DatasetFolder, video: Path, label: str, subject: str, recorded: str, view: str
) -> ClipEntry | None:
    """The clip, rotated or halved so as to show `view`; None, with a note, if it does not show that view."""
    if recorded == _DUAL:
        half = _FRONTAL_HALF.get(subject)
        if half is None:
            folder.skip(video, "a dual view of a subject whose frontal half is not known")
            return None
        return ClipEntry(video.stem, label, subject, video, half=half if view == "frontal" else _OTHER_HALF[half])
    if (recorded == _FRONTAL) != (view == "frontal"):
        folder.skip(video, f"a recording of the {'frontal' if recorded == _FRONTAL else 'profile'} view alone")
        return None
    turned = recorded == _FRONTAL and subject not in _UPRIGHT
    return ClipEntry(video.stem, label, subject, video, rotation=FIND_OUT if turned else 0)


def write_clip(clip: "RenderedClip", spec: "ClipSpec", files: "ClipFiles") -> None:
    """Write a video turned on its side, or a dual view with an empty wall beside the face: profiles cannot be drawn."""
    session = 100 * (spec.subject_number + 1) + spec.clip_number
    folder, name = Path("Sessions", str(session)), spec.name.replace("_", "-")
    if half := _FRONTAL_HALF.get(spec.subject):
        wall = clip.frames.copy()
        wall[:] = 128
        views = (clip.frames, wall) if half == "left" else (wall, clip.frames)
    else:
        views = (clip.frames.swapaxes(1, 2)[:, ::-1],)  # a quarter turn anticlockwise; a clockwise one makes it upright
    files.video(folder / f"{name}.avi", "MJPG", *views)
    code = next(code for code, label in _CODES.items() if label == spec.label)
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    track = f'<track type="Video" view="{_DUAL if half else _FRONTAL}" filename="{name}.avi"/>'
    files.text(folder / "session.xml", f'{head}<session sessionId="{session}">\n  {track}\n</session>\n')
    tag = f'<Metatag Name="Emotion" Value="{code}"/>'
    files.text(folder / f"{name}.xml", f"{head}<Annotation>\n  {tag}\n</Annotation>\n")


LAYOUT = Layout("mmi", "MMI", _EXPECTED, is_mmi, find_mmi_clips, _OPTIONS, write_clip=write_clip)
