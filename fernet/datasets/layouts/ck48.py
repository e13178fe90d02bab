"""CK+48, a redistribution of CK+ as 48 x 48 crops: the last three frames of each labelled sequence.

CK+48/<emotion>/S010_004_00000017.png
"""

import re
from collections import defaultdict
from pathlib import Path

from fernet.clips.clip_list import ClipEntry, ClipList
from fernet.datasets.emotions import emotion
from fernet.datasets.layouts.collected import clip_list
from fernet.datasets.layouts.dataset_folder import DatasetFolder
from fernet.datasets.layouts.layout import Layout
from fernet.faces.stored_frames import IMAGE_SUFFIXES

_EXPECTED = "<emotion>/S010_004_00000017.png, with subject, sequence and frame in the name"
_FRAME_NAME = re.compile(r"(S[0-9]{3})_([0-9]{3})_([0-9]+)", re.IGNORECASE)


def is_ck48(path: Path, follow_links: bool) -> bool:
    """Whether a folder below `path` holds images named as in CK+48."""
    folder = DatasetFolder(path, follow_links)
    return any(
        _FRAME_NAME.fullmatch(image.stem)
        for class_folder in _class_folders(folder)
        for image in folder.files(class_folder, IMAGE_SUFFIXES)
    )


def find_ck48_clips(path: Path, follow_links: bool) -> ClipList:
    """The sequences of CK+48, assembled from the names of their frames."""
    folder = DatasetFolder(path, follow_links)
    frames: dict[tuple[str, str], dict[str, list[Path]]] = defaultdict(lambda: defaultdict(list))
    for class_folder in _class_folders(folder):
        label = emotion(class_folder.name)
        if label is None:
            folder.skip(class_folder, "the name is not one of the seven emotions")
            continue
        images = folder.files(class_folder, IMAGE_SUFFIXES)
        if not images:
            folder.skip(class_folder, "a class without clips")
        for image in images:
            if found := _FRAME_NAME.fullmatch(image.stem):
                subject, sequence, _ = found.groups()
                frames[subject.upper(), sequence][label].append(image)
            else:
                folder.skip(image, "the name does not give subject, sequence and frame, as S010_004_00000017 does")
    clips = []
    for (subject, sequence), by_label in sorted(frames.items()):
        (label, images), *others = by_label.items()
        if others:
            folder.skip(images[0], "a sequence in the folders of several emotions")
        else:
            clips.append(ClipEntry(f"{subject}_{sequence}", label, subject, tuple(images)))
    return clip_list("CK+48 (48 x 48, last frames)", clips, folder.skipped)


def _class_folders(folder: DatasetFolder) -> list[Path]:
    return folder.folders(folder.named("ck+48") or folder.root)


LAYOUT = Layout("ck+48", "CK+48", _EXPECTED, is_ck48, find_ck48_clips)
