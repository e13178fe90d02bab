"""CK+, the extended Cohn-Kanade database: cohn-kanade-images, Emotion and, if wanted, Landmarks.

cohn-kanade-images/S005/001/S005_001_00000011.png
Emotion/S005/001/S005_001_00000011_emotion.txt          one number, 1 to 7; 327 of 593 sequences have a file
Landmarks/S005/001/S005_001_00000011_landmarks.txt      68 lines "x y"
"""

import re
from pathlib import Path

from fernet.clips.clip_list import ClipEntry, ClipList
from fernet.datasets.emotions import EMOTIONS
from fernet.datasets.layouts.collected import clip_list
from fernet.datasets.layouts.dataset_folder import DatasetFolder
from fernet.errors import UserError
from fernet.faces.frames import natural_order

IMAGES, LABELS, LANDMARKS = "cohn-kanade-images", "Emotion", "Landmarks"
EXPECTED = (
    "cohn-kanade-images/S005/001/S005_001_00000011.png and Emotion/S005/001/S005_001_00000011_emotion.txt, as the "
    "archives of CK+ unpack"
)
_LONGEST_LABEL = 64  # bytes; the database's files have 17


def find_ck_plus_clips(folder: DatasetFolder) -> ClipList:
    """The labelled sequences of CK+, from neutral to peak, with the database's landmarks where all frames have them."""
    images, labels = _parts(folder)
    landmarks = folder.named(LANDMARKS.lower())
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
    return clip_list("CK+", clips, folder.skipped, folder.root, EXPECTED)


def _parts(folder: DatasetFolder) -> tuple[Path, Path]:
    """The folders of the images and of the emotion labels."""
    images = folder.named(IMAGES)
    labels = folder.named(LABELS.lower()) or folder.named("emotion_labels")
    if images is None:
        raise UserError(
            f"{folder.root}: looks like CK+, but {IMAGES} is missing: unpack extended-cohn-kanade-images.zip here"
        )
    if labels is None:
        raise UserError(
            f"{folder.root}: looks like CK+, but the folder {LABELS} with the labels is missing: unpack "
            f"Emotion_labels.zip beside {IMAGES}, and name the folder that holds both"
        )
    return images, labels


def _label(folder: DatasetFolder, label_folder: Path, sequence: Path) -> str | None:
    """The class of a sequence; None, and a note, if it has none that can be trusted."""
    files = folder.files(label_folder, (".txt",)) if label_folder.is_dir() else []
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
    """The images named after the sequence, by their numbers."""
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
    if all(file.is_file() and folder.inside(file) for file in files):
        return files
    folder.skip(landmark_folder, "landmark files are missing: the clip is used without the database's landmarks")
    return None


def _note_labels_without_images(folder: DatasetFolder, images: Path, labels: Path) -> None:
    for subject in folder.folders(labels):
        for sequence in sorted(folder.folders(subject), key=lambda path: natural_order(path.name)):
            if not (images / subject.name / sequence.name).is_dir() and folder.files(sequence, (".txt",)):
                folder.skip(sequence, "an emotion label without its images")
