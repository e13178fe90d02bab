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
from fernet.faces.frames import IMAGE_SUFFIXES

EXPECTED = "<emotion>/S010_004_00000017.png, with subject, sequence and frame in the name"
FRAME_NAME = re.compile(r"(S[0-9]{3})_([0-9]{3})_([0-9]+)", re.IGNORECASE)


def find_ck48_clips(folder: DatasetFolder) -> ClipList:
    """The sequences of CK+48, put together from the names of their frames."""
    frames: dict[tuple[str, str], dict[str, list[Path]]] = defaultdict(lambda: defaultdict(list))
    for class_folder in folder.folders(folder.named("ck+48") or folder.root):
        label = emotion(class_folder.name)
        if label is None:
            folder.skip(class_folder, "the name is not one of the seven emotions")
            continue
        images = folder.files(class_folder, IMAGE_SUFFIXES)
        if not images:
            folder.skip(class_folder, "a class without clips")
        for image in images:
            if found := FRAME_NAME.fullmatch(image.stem):
                subject, sequence, _ = found.groups()
                frames[subject.upper(), sequence][label].append(image)
            else:
                folder.skip(image, "the name does not say subject, sequence and frame, as S010_004_00000017 does")
    clips = []
    for (subject, sequence), by_label in sorted(frames.items()):
        (label, images), *others = by_label.items()
        if others:
            folder.skip(images[0], "a sequence that lies in the folders of several emotions")
        else:
            clips.append(ClipEntry(f"{subject}_{sequence}", label, subject, tuple(images)))
    return clip_list("CK+48 (48 x 48, last frames)", clips, folder.skipped, folder.root, EXPECTED)
