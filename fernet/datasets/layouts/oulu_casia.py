"""Oulu-CASIA NIR&VIS: 80 people, six emotions, two cameras, three illuminations.

OriginalImg/VL/Strong/P001/Anger/000.jpeg            VL: visible light, NI: near infrared; Strong, Weak or Dark
PreProcess_Img/VL_Acropped/Strong/P001/Anger/000.jpeg       the same, in the database's face crops
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from fernet.clips.clip_list import ClipEntry, ClipList
from fernet.datasets.emotions import EMOTIONS, emotion
from fernet.datasets.layouts.collected import clip_list
from fernet.datasets.layouts.dataset_folder import DatasetFolder
from fernet.datasets.layouts.layout import Layout, LayoutOption
from fernet.errors import UserError

if TYPE_CHECKING:
    from fernet.datasets.layouts.clip_files import ClipFiles
    from fernet.synthetic.render import RenderedClip
    from fernet.synthetic.sets import ClipSpec

_ORIGINAL, _CROPPED = "originalimg", ("preprocess_img", "preprocessimg", "preprocess")  # the name varies by release
_LIGHTS, _STRENGTHS = ("VL", "NI"), ("Strong", "Weak", "Dark")
_OPTIONS = (
    LayoutOption("light", _LIGHTS, "Oulu-CASIA: camera."),
    LayoutOption("strength", _STRENGTHS, "Oulu-CASIA: illumination."),
    LayoutOption("cropped", (False, True), "Oulu-CASIA: the face crops that come with the database."),
)
_EXPECTED = "OriginalImg/VL/Strong/P001/Anger/000.jpeg, or PreProcess_Img/VL_Acropped/Strong/P001/Anger/000.jpeg"
_SHOWN = tuple(name for name in EMOTIONS if name != "contempt")


def is_oulu_casia(path: Path, follow_links: bool) -> bool:
    """Whether a folder of the database is below `path` and contains that of a camera."""
    folder = DatasetFolder(path, follow_links)
    top = folder.named(_ORIGINAL, *_CROPPED)
    return top is not None and any(
        name.name.upper().removesuffix("_ACROPPED") in _LIGHTS for name in folder.folders(top)
    )


def find_oulu_casia_clips(path: Path, follow_links: bool, light: str, strength: str, cropped: bool) -> ClipList:
    """The sequences of one camera ("VL" or "NI") and one illumination ("Strong", "Weak" or "Dark")."""
    folder = DatasetFolder(path, follow_links)
    people = _part(folder, light, strength, cropped)
    clips = []
    for person in folder.folders(people):
        if not re.fullmatch(r"P[0-9]+", person.name, re.IGNORECASE):
            folder.skip(person, "the name is not that of a subject, such as P001")
            continue
        missing = set(_SHOWN)
        for sequence in folder.folders(person):
            label = emotion(sequence.name)
            if label not in _SHOWN:
                folder.skip(sequence, "the name is not one of the six emotions")
                continue
            missing.discard(label)
            if frames := folder.images(sequence):
                clips.append(ClipEntry(f"{person.name}_{label}", label, person.name, frames))
        for label in sorted(missing):
            folder.skip(person / label.capitalize(), "a missing sequence: the database has six for each person")
    title = f"Oulu-CASIA {light} {strength}, {'cropped' if cropped else 'original'} frames"
    return clip_list(title, clips, folder.skipped)


def _part(folder: DatasetFolder, light: str, strength: str, cropped: bool) -> Path:
    """The folder of the subjects."""
    top = folder.named(*_CROPPED) if cropped else folder.named(_ORIGINAL)
    if top is None:
        wanted, other = ("PreProcess_Img", "without --cropped") if cropped else ("OriginalImg", "with --cropped")
        raise UserError(f"{folder.root}: looks like Oulu-CASIA, but has no folder {wanted}: unpack it, or try {other}")
    camera = f"{light}_Acropped" if cropped else light
    camera_folder = folder.child(top, camera)
    people = folder.child(camera_folder, strength) if camera_folder else None
    if people is None:
        there = [f"{one.name}/{two.name}" for one in folder.folders(top) for two in folder.folders(one)]
        raise UserError(
            f"{top}: no {camera}/{strength} in it, only {', '.join(there[:8]) or 'no folders'}: choose with --light "
            "and --strength, or unpack the rest"
        )
    return people


def write_clip(clip: "RenderedClip", spec: "ClipSpec", files: "ClipFiles") -> None:
    """Write images under visible, strong light."""
    folder = Path("OriginalImg", "VL", "Strong", spec.subject, spec.label.capitalize())
    for number, frame in enumerate(clip.frames):
        files.image(folder / f"{number:03d}.jpeg", frame)


LAYOUT = Layout("oulu", "Oulu-CASIA", _EXPECTED, is_oulu_casia, find_oulu_casia_clips, _OPTIONS, write_clip=write_clip)
