"""A list of clips through the whole of preprocessing, once: parallel, resumable, and not stopped by a bad clip."""

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np

from fernet import threads
from fernet.clips.clip import PreparedClip
from fernet.clips.clip_list import ClipEntry, ClipList
from fernet.clips.prepared_file import PreparedSet, load_part, save_part, save_prepared
from fernet.clips.sequence_set import Preprocessing, SequenceSet
from fernet.clips.workers import Recipe, prepared_clips
from fernet.errors import UserError
from fernet.faces.landmarks import LandmarkModel

Progress = Callable[[int, int], None]


def prepare_set(
    clip_list: ClipList,
    preprocessing: Preprocessing,
    landmark_model: Path,
    *,
    landmarks: str = "lbf",
    on_missing_face: str = "interpolate",
    jobs: int | None = None,
    progress: Progress = lambda done, total: None,
    failed: Callable[[str, str], None] = lambda name, message: None,
) -> SequenceSet:
    """The clips of the list that can be used, in its order; `failed` hears the names of the others and why."""
    recipe = Recipe(preprocessing, landmark_model, landmarks, on_missing_face)
    prepared = prepare_clips(clip_list, recipe, jobs=jobs, progress=progress)
    for name, message in prepared.failures.items():
        failed(name, message)
    return prepared.clips


def prepare_clips(
    clip_list: ClipList,
    recipe: Recipe,
    *,
    parts: Path | None = None,
    jobs: int | None = None,
    progress: Progress = lambda done, total: None,
) -> PreparedSet:
    """All clips of the list that can be used, in its order, and why the others cannot.

    parts     folder in which finished clips are kept, so that an interrupted call can be gone on with
    jobs      processes, by default one for each core; the result does not depend on it
    progress  called with (done, total)

    UserError if not one clip can be used.
    """
    LandmarkModel(recipe.landmark_model)  # a bad model is one fault, not one for each clip
    settings = settings_hash(recipe)
    results = _kept(clip_list.clips, recipe, settings, parts)
    left = [(number, entry) for number, entry in enumerate(clip_list.clips) if number not in results]
    done, total = len(results), len(clip_list.clips)
    progress(done, total)
    for number, result in prepared_clips(left, recipe, jobs or threads.available_cores()) if left else ():
        results[number] = result
        if parts and isinstance(result, PreparedClip):
            save_part(_part_file(parts, clip_list.clips[number], settings), result)
        done += 1
        progress(done, total)
    return _assembled(clip_list, recipe, settings, results)


def prepare_file(
    path: Path, clip_list: ClipList, recipe: Recipe, *, jobs: int | None, progress: Progress
) -> PreparedSet:
    """`prepare_clips` into the file `path`; a call that was cut off is gone on with, and ends with the same bytes."""
    parts = path.with_name(path.name + ".parts")
    prepared = prepare_clips(clip_list, recipe, parts=parts, jobs=jobs, progress=progress)
    save_prepared(path, prepared)
    shutil.rmtree(parts, ignore_errors=True)
    return prepared


def settings_hash(recipe: Recipe) -> str:
    """SHA-256 of all settings that shape the arrays; the landmark model counts by its contents, not its name."""
    values = asdict(recipe)
    with open(values.pop("landmark_model"), "rb") as stream:
        values["landmark_model"] = hashlib.file_digest(stream, "sha256").hexdigest()
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def _kept(
    clips: tuple[ClipEntry, ...], recipe: Recipe, settings: str, parts: Path | None
) -> dict[int, PreparedClip | str]:
    """Results of an earlier call, by number."""
    if parts is None or not parts.is_dir():
        return {}
    loaded = ((n, load_part(_part_file(parts, entry, settings), recipe.preprocessing)) for n, entry in enumerate(clips))
    return {number: part for number, part in loaded if part is not None}


def _part_file(parts: Path, entry: ClipEntry, settings: str) -> Path:
    """Named after all that the part depends on; of the recordings, names, sizes and dates."""
    frames = [entry.frames] if isinstance(entry.frames, Path) else entry.frames
    key = [settings, entry.name, entry.rotation, entry.half]
    for path in (*frames, *(entry.landmarks or ())):
        try:
            key += [str(path), path.stat().st_size, path.stat().st_mtime_ns]
        except OSError:
            key += [str(path), None]
    return parts / f"{hashlib.sha256(json.dumps(key).encode()).hexdigest()}.npz"


def _assembled(
    clip_list: ClipList, recipe: Recipe, settings: str, results: dict[int, PreparedClip | str]
) -> PreparedSet:
    good, failures = [], {}
    for number, entry in enumerate(clip_list.clips):
        result = results[number]
        if isinstance(result, PreparedClip):
            good.append((entry, result))
        else:
            failures[entry.name] = result
    if not good:
        reason = next(iter(failures.values()), "the list is empty")
        raise UserError(
            f"{clip_list.title}: none of {len(clip_list.clips)} clips could be prepared; the first: {reason}"
        )
    entries, clips = zip(*good, strict=True)
    prepared = SequenceSet(
        faces=np.stack([clip.faces for clip in clips]),
        landmarks=np.stack([clip.landmarks for clip in clips]),
        labels=np.array([clip_list.classes.index(entry.label) for entry in entries], np.int64),
        classes=clip_list.classes,
        subjects=tuple(entry.subject for entry in entries),
        names=tuple(entry.name for entry in entries),
        preprocessing=recipe.preprocessing,
        title=clip_list.title,
    )
    return PreparedSet(prepared, tuple(clip.report for clip in clips), failures, settings)
