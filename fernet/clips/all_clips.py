"""A list of clips as arrays: in parallel, resumable, and without stopping at a bad clip."""

import hashlib
import json
import re
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import numpy as np

from fernet import threads
from fernet.clips.clip import ClipArrays
from fernet.clips.clip_list import FIND_OUT, ClipEntry, ClipList
from fernet.clips.prepared_file import PreparedSet, load_part, save_part, save_prepared
from fernet.clips.provenance import Provenance
from fernet.clips.sequence_set import SequenceSet
from fernet.clips.workers import Recipe, clips_in_processes
from fernet.errors import UserError
from fernet.faces.landmarks import FROM_DATASET, LandmarkModel, identity
from fernet.faces.length_notes import notes_on_lengths
from fernet.progress import SILENT, Progress

# The name that `_part_file` gives, and that of the temporary file from which `whole_file` makes it.
_PART_NAME = re.compile(r"[0-9a-f]{64}\.npz|\.[0-9a-f]{64}\.npz\..*\.part")


def all_clips(
    clip_list: ClipList,
    recipe: Recipe,
    *,
    parts: Path | None = None,
    jobs: int | None = None,
    progress: Progress = SILENT,
) -> PreparedSet:
    """All clips of the list that can be used, in its order, and why the others cannot.

    parts     folder in which finished clips are kept, so that an interrupted call can be resumed
    jobs      number of processes, by default one for each core; the result does not depend on it

    UserError if no clip can be used.
    """
    LandmarkModel(recipe.landmark_model)  # fail once for a bad model, not once for each clip
    on_lengths = notes_on_lengths(entry.frames for entry in clip_list.clips if isinstance(entry.frames, Path))
    for note in (*clip_list.notes, *on_lengths):
        progress.note(note)
    settings = settings_hash(recipe)
    results = _finished_before(clip_list.clips, recipe, settings, parts)
    left = [(number, entry) for number, entry in enumerate(clip_list.clips) if number not in results]
    with progress.task("faces", len(clip_list)) as bar:
        bar.advance(len(results))
        for number, result in clips_in_processes(left, recipe, jobs or threads.available_cores()) if left else ():
            results[number] = result
            if parts and isinstance(result, ClipArrays):
                save_part(_part_file(parts, clip_list.clips[number], settings), result)
            bar.advance(1)
    return _assembled(clip_list, recipe, settings, results)


def all_clips_into_file(
    path: Path, clip_list: ClipList, recipe: Recipe, *, jobs: int | None = None, progress: Progress = SILENT
) -> PreparedSet:
    """Write `all_clips` to the file `path`; an interrupted call is resumed and ends with the same bytes."""
    parts = path.with_name(path.name + ".parts")
    prepared = all_clips(clip_list, recipe, parts=parts, jobs=jobs, progress=progress)
    save_prepared(path, prepared)
    _remove_parts(parts)
    return prepared


def settings_hash(recipe: Recipe) -> str:
    """SHA-256 of all settings that affect the arrays; of the landmark model the contents count, not the name."""
    values = asdict(recipe)
    values["landmark_model"] = identity(recipe.landmark_model)["sha256"]
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def _finished_before(
    clips: tuple[ClipEntry, ...], recipe: Recipe, settings: str, parts: Path | None
) -> dict[int, ClipArrays | str]:
    """The clips that an earlier call has finished, by number."""
    if parts is None or not parts.is_dir():
        return {}
    loaded = ((n, load_part(_part_file(parts, entry, settings), recipe.preprocessing)) for n, entry in enumerate(clips))
    return {number: part for number, part in loaded if part is not None}


def _part_file(parts: Path, entry: ClipEntry, settings: str) -> Path:
    """A name that depends on everything that the part does; of the recordings, on names, sizes and dates."""
    frames = [entry.frames] if isinstance(entry.frames, Path) else entry.frames
    key = [settings, entry.name, entry.rotation, entry.half]
    for path in (*frames, *(entry.landmarks or ())):
        try:
            key += [str(path), path.stat().st_size, path.stat().st_mtime_ns]
        except OSError:
            key += [str(path), None]
    return parts / f"{hashlib.sha256(json.dumps(key).encode()).hexdigest()}.npz"


def _remove_parts(parts: Path) -> None:
    """Delete the parts and, if nothing else is in it, their folder; a folder of that name may be the user's."""
    if parts.is_symlink() or not parts.is_dir():
        return
    with suppress(OSError):  # what is left takes space, but the set is complete
        for path in parts.iterdir():
            if _PART_NAME.fullmatch(path.name):
                path.unlink()
        parts.rmdir()


def _assembled(clip_list: ClipList, recipe: Recipe, settings: str, results: dict[int, ClipArrays | str]) -> PreparedSet:
    good, failures = [], {}
    for number, entry in enumerate(clip_list.clips):
        result = results[number]
        if isinstance(result, ClipArrays):
            good.append((entry, result))
        else:
            failures[entry.name] = result
    if not clip_list.clips:
        raise UserError(f"{clip_list.title} has no clips: `info` shows what was left out and why")
    if not good:
        reason = next(iter(failures.values()))
        raise UserError(
            f"{clip_list.title}: none of {len(clip_list.clips)} clips could be prepared; the first: {reason}"
        )
    entries, clips = zip(*good, strict=True)
    usable = SequenceSet(
        faces=np.stack([clip.faces for clip in clips]),
        landmarks=np.stack([clip.landmarks for clip in clips]),
        labels=np.array([clip_list.classes.index(entry.label) for entry in entries], np.int64),
        classes=clip_list.classes,
        subjects=tuple(entry.subject for entry in entries),
        names=tuple(entry.name for entry in entries),
        preprocessing=recipe.preprocessing,
        title=clip_list.title,
        provenance=_provenance(entries, recipe),
    )
    return PreparedSet(usable, tuple(clip.report for clip in clips), failures, settings, clip_list.notes)


def _provenance(entries: tuple[ClipEntry, ...], recipe: Recipe) -> Provenance:
    rotations = {entry.rotation for entry in entries}
    rotation = rotations.pop() if len(rotations) == 1 else FIND_OUT
    own = recipe.landmarks == "dataset"  # such landmarks come for every frame, whether a face is found or not
    return Provenance(
        landmark_source=FROM_DATASET if own else identity(recipe.landmark_model),
        rotation=None if rotation == FIND_OUT else rotation,
        on_missing_face=None if own else recipe.on_missing_face,
    )
