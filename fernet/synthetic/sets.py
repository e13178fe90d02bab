"""Which clips each synthetic set contains: counts, subjects and timing modelled on the public datasets."""

import zlib
from dataclasses import dataclass

import numpy as np

from fernet.errors import UserError

SEVEN = ("anger", "contempt", "disgust", "fear", "happiness", "sadness", "surprise")
SIX = tuple(name for name in SEVEN if name != "contempt")


@dataclass(frozen=True)
class SyntheticSet:
    """Description of one set: the clips per class, the number of subjects, and the timing of the clips."""

    counts: dict[str, int]  # clips of each class, in the order of the classes
    subjects: int
    subject_style: str  # format of a subject's name, filled in with its number
    first_subject: int
    frames: tuple[int, int]  # shortest and longest clip
    returns_to_neutral: bool  # onset, peak, offset; otherwise the clip ends at its peak
    most_clips: int  # per subject

    @property
    def classes(self) -> tuple[str, ...]:
        return tuple(self.counts)

    @property
    def size(self) -> int:
        return sum(self.counts.values())


def _counts(classes: tuple[str, ...], numbers: list[int]) -> dict[str, int]:
    return dict(zip(classes, numbers, strict=True))


SETS: dict[str, SyntheticSet] = {
    "demo": SyntheticSet(_counts(SEVEN, [20] * 7), 20, "D{:02d}", 1, (10, 14), False, 7),
    "ck+": SyntheticSet(_counts(SEVEN, [45, 18, 59, 25, 69, 28, 83]), 118, "S{:03d}", 5, (10, 24), False, 6),
    "oulu": SyntheticSet(_counts(SIX, [80] * 6), 80, "P{:03d}", 1, (12, 24), False, 6),
    "mmi": SyntheticSet(_counts(SIX, [31, 32, 28, 42, 32, 40]), 30, "S{:03d}", 1, (24, 48), True, 12),
}


@dataclass(frozen=True)
class ClipSpec:
    """One clip to render; these fields determine everything random about it."""

    set_name: str
    subject: str
    label: str  # class name
    name: str  # such as S005_001
    seed: int
    subject_number: int
    clip_number: int  # among the subject's clips

    def subject_generator(self, purpose: str) -> np.random.Generator:
        """The random stream for `purpose` that all clips of the subject share."""
        return _generator(self.set_name, self.seed, self.subject_number, 0, purpose)

    def clip_generator(self, purpose: str) -> np.random.Generator:
        """The random stream for `purpose` of this clip alone."""
        return _generator(self.set_name, self.seed, self.subject_number, 1 + self.clip_number, purpose)


def described(name: str) -> SyntheticSet:
    """The description of a set; an unknown name is a UserError."""
    if name not in SETS:
        raise UserError(f"no synthetic set is called {name!r}: choose one of {', '.join(SETS)}")
    return SETS[name]


def clip_specs(name: str, seed: int = 0) -> list[ClipSpec]:
    """All clips of a set, sorted by subject and then by class."""
    description = described(name)
    if not isinstance(seed, int) or seed < 0:
        raise UserError(f"the seed of a synthetic set is a whole number from 0, got {seed!r}")
    labels_of = _labels_by_subject(description, _generator(name, seed, 0, 0, "who shows what"))
    specs = []
    for number, labels in enumerate(labels_of):
        subject = description.subject_style.format(description.first_subject + number)
        specs += [
            ClipSpec(name, subject, label, f"{subject}_{clip + 1:03d}", seed, number, clip)
            for clip, label in enumerate(labels)
        ]
    return specs


def _labels_by_subject(description: SyntheticSet, generator: np.random.Generator) -> list[list[str]]:
    """Deal out the classes, rarest first: each subject gets at least one clip and at most `most_clips`."""
    labels_of: list[list[str]] = [[] for _ in range(description.subjects)]
    by_rarity = sorted(description.classes, key=lambda label: description.counts[label])
    for label in by_rarity:
        left = description.counts[label]
        while left:
            load = np.array([len(labels) for labels in labels_of])
            preference = load + generator.normal(0.0, 1.2, description.subjects)
            preference[load >= description.most_clips] = np.inf
            if label == by_rarity[-1]:
                preference[load == 0] = -np.inf  # the last class: subjects without a clip come first
            chosen = np.argsort(preference, kind="stable")[: min(left, description.subjects)]
            for number in chosen:
                labels_of[number].append(label)
            left -= len(chosen)
    return [sorted(labels, key=description.classes.index) for labels in labels_of]


def _generator(set_name: str, seed: int, subject: int, clip: int, purpose: str) -> np.random.Generator:
    entropy = (zlib.crc32(set_name.encode()), seed, subject, clip, zlib.crc32(purpose.encode()))
    return np.random.default_rng(entropy)
