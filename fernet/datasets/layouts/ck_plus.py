"""CK+, the extended Cohn-Kanade database: cohn-kanade-images, Emotion and, optionally, Landmarks.

cohn-kanade-images/S005/001/S005_001_00000011.png
Emotion/S005/001/S005_001_00000011_emotion.txt          one number, 1 to 7; 327 of 593 sequences have a file
Landmarks/S005/001/S005_001_00000011_landmarks.txt      68 lines "x y"
"""

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from fernet.clips.clip_list import ClipEntry, ClipList
from fernet.datasets.emotions import EMOTIONS
from fernet.datasets.layouts.collected import clip_list
from fernet.datasets.layouts.dataset_folder import DatasetFolder
from fernet.datasets.layouts.layout import Layout
from fernet.errors import UserError
from fernet.faces.stored_frames import natural_order

if TYPE_CHECKING:
    from fernet.datasets.layouts.clip_files import ClipFiles
    from fernet.synthetic.render import RenderedClip
    from fernet.synthetic.sets import ClipSpec

_IMAGES, _LABELS, _LANDMARKS = "cohn-kanade-images", "Emotion", "Landmarks"
_EXPECTED = (
    "cohn-kanade-images/S005/001/S005_001_00000011.png and Emotion/S005/001/S005_001_00000011_emotion.txt, as in the "
    "archives of CK+"
)
_LONGEST_LABEL = 64  # bytes; the database's files have 17


def is_ck_plus(path: Path, follow_links: bool) -> bool:
    """Whether one of the database's folders is below `path`, even if it is only that of the labels."""
    return DatasetFolder(path, follow_links).named(_IMAGES, "extended-cohn-kanade-images", "emotion_labels") is not None


def find_ck_plus_clips(path: Path, follow_links: bool) -> ClipList:
    """The labelled sequences of CK+, from neutral to peak, with the database's landmarks if all frames have them."""
    folder = DatasetFolder(path, follow_links)
    images, labels = _parts(folder)
    landmarks = folder.named(_LANDMARKS.lower())
    clips = []
    for subject in folder.folders(images):
        for sequence in folder.folders(subject):
            place = Path(subject.name, sequence.name)
            label = _label(folder, labels / place, sequence)
            frames = _frames(folder, sequence) if label else ()
            if frames:
                points = _landmarks(folder, landmarks / place, frames) if landmarks else None
                clips.append(ClipEntry("_".join(place.parts), label, subject.name, frames, points))
    _note_labels_without_images(folder, images, labels)
    return clip_list("CK+", clips, folder.skipped)


def _parts(folder: DatasetFolder) -> tuple[Path, Path]:
    """The folders of the images and of the emotion labels."""
    images = folder.named(_IMAGES)
    labels = folder.named(_LABELS.lower()) or folder.named("emotion_labels")
    if images is None:
        raise UserError(
            f"{folder.root}: looks like CK+, but {_IMAGES} is missing: unpack extended-cohn-kanade-images.zip here"
        )
    if labels is None:
        raise UserError(
            f"{folder.root}: looks like CK+, but the folder {_LABELS} with the labels is missing: unpack "
            f"Emotion_labels.zip beside {_IMAGES}, and name the folder that holds both"
        )
    return images, labels


def _label(folder: DatasetFolder, label_folder: Path, sequence: Path) -> str | None:
    """The class of a sequence; None, with a note, if it has no reliable label."""
    files = folder.files(label_folder, (".txt",)) if os.path.isdir(label_folder) else []
    if not files:
        folder.skip(sequence, "a sequence without an emotion label")
    elif len(files) > 1:
        folder.skip(label_folder, "several emotion files for one sequence")
    elif not files[0].name.startswith(f"{sequence.parent.name}_{sequence.name}_"):
        folder.skip(files[0], "an emotion file that is named after another sequence")
    elif (label := _emotion_in(files[0])) is None:
        folder.skip(files[0], "an emotion file that does not hold one whole number from 1 to 7")
    else:
        return label
    return None


def _emotion_in(path: Path) -> str | None:
    try:
        with path.open("rb") as stream:
            number = float(stream.read(_LONGEST_LABEL + 1)[:_LONGEST_LABEL])
    except (OSError, ValueError):
        return None
    return EMOTIONS[int(number) - 1] if number in range(1, len(EMOTIONS) + 1) else None


def _frames(folder: DatasetFolder, sequence: Path) -> tuple[Path, ...]:
    """The images named after the sequence, in order of their numbers."""
    name = re.compile(rf"{re.escape(sequence.parent.name)}_{re.escape(sequence.name)}_[0-9]+", re.IGNORECASE)
    frames = []
    for image in folder.images(sequence):
        if name.fullmatch(image.stem):
            frames.append(image)
        else:
            folder.skip(image, "an image that is not named after its sequence")
    return tuple(frames)


def _landmarks(folder: DatasetFolder, landmark_folder: Path, frames: tuple[Path, ...]) -> tuple[Path, ...] | None:
    files = tuple(landmark_folder / f"{frame.stem}_landmarks.txt" for frame in frames)
    if all(os.path.isfile(file) and folder.may_read(file) for file in files):
        return files
    folder.skip(landmark_folder, "landmark files are missing: the clip is used without the database's landmarks")
    return None


def _note_labels_without_images(folder: DatasetFolder, images: Path, labels: Path) -> None:
    for subject in folder.folders(labels):
        for sequence in sorted(folder.folders(subject), key=lambda path: natural_order(path.name)):
            if not os.path.isdir(images / subject.name / sequence.name) and folder.files(sequence, (".txt",)):
                folder.skip(sequence, "an emotion label without its images")


def write_clip(clip: "RenderedClip", spec: "ClipSpec", files: "ClipFiles") -> None:
    """Write images, in colour for some people as in CK+, the landmarks of every frame, and the emotion of the last."""
    place, name = Path(*spec.name.split("_")), spec.name
    for number, (frame, points) in enumerate(zip(clip.frames, clip.landmarks, strict=True), start=1):
        files.image(Path(_IMAGES, place, f"{name}_{number:08d}.png"), frame, colour=spec.subject_number % 2 == 1)
        lines = "".join(f"   {x:.7e}   {y:.7e}\n" for x, y in points.tolist())
        files.text(Path(_LANDMARKS, place, f"{name}_{number:08d}_landmarks.txt"), lines)
    label = f"   {EMOTIONS.index(spec.label) + 1:.7e}\n"
    files.text(Path(_LABELS, place, f"{name}_{len(clip.frames):08d}_emotion.txt"), label)


LAYOUT = Layout("ck+", "CK+", _EXPECTED, is_ck_plus, find_ck_plus_clips, write_clip=write_clip)
