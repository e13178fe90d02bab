"""The search of settings: it never sees a person whom the outer fold holds out, and it can be interrupted."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from toy_run import settings
from toy_set import toy_set

from fernet.evaluation.folds import split
from fernet.files import read_json
from fernet.progress import SILENT

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
FOLDS = 4


@pytest.fixture(params=["dtgn", "joint"])
def search(request, monkeypatch):
    """Makes a function of folder and clips that returns the records of a search in the first outer fold."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    from settings import Search
    from settings_candidates import joint_candidates, network_candidates

    now = settings().run
    found = joint_candidates(now)[:7] if request.param == "joint" else network_candidates("dtgn", now)[:3]

    def run(folder, clips, candidates=found):
        return Search(request.param, folder, FOLDS, 1, 1, 1).run(candidates, lambda preprocessing: clips, SILENT)

    return run


def with_others_held_out(clips):
    """The same clips, except that nothing about those of the held-out people is as it was, apart from their names."""
    _, held_out = split(clips.subjects, FOLDS, 0)
    faces, landmarks, labels = clips.faces.copy(), clips.landmarks.copy(), clips.labels.copy()
    faces[held_out] = 255 - faces[held_out]
    landmarks[held_out] = np.random.default_rng(0).normal(size=landmarks[held_out].shape)
    labels[held_out] = (labels[held_out] + 1) % len(clips.classes)
    return replace(clips, faces=faces, landmarks=landmarks, labels=labels)


def results(records):
    return [{name: value for name, value in one.items() if name not in ("key", "seconds")} for one in records]


def test_nobody_held_out_takes_part(search, tmp_path):
    clips = toy_set()
    found = search(tmp_path / "a", clips)
    assert results(search(tmp_path / "b", with_others_held_out(clips))) == results(found)
    held_out = {clips.subjects[i] for i in split(clips.subjects, FOLDS, 0)[1]}
    runs = [read_json(path) for path in tmp_path.glob("*/networks/*/environment.json")]
    assert runs
    for run in runs:
        judge, trained_on = set(run["held_out_subjects"]), set(run["training_subjects"])
        assert judge | trained_on == set(clips.subjects) - held_out
        assert not judge & trained_on
        assert all(one["clips"] == sum(subject in judge for subject in clips.subjects) for one in found)


def test_an_interrupted_search_judges_only_what_is_missing(search, tmp_path, monkeypatch):
    import settings_training

    clips, judged = toy_set(), []
    found = search(tmp_path, clips)
    (file,) = tmp_path.glob("*.jsonl")
    file.write_text("".join(file.read_text().splitlines(keepends=True)[:-1]))
    result = settings_training.Judge.result
    monkeypatch.setattr(
        settings_training.Judge,
        "result",
        lambda judge, candidate, *rest, **more: (
            judged.append(candidate.name) or result(judge, candidate, *rest, **more)
        ),
    )
    again = search(tmp_path, clips)
    assert judged == [found[-1]["candidate"]]
    assert [(one["right"], one["loss"]) for one in again] == [(one["right"], one["loss"]) for one in found]


def test_table_compares_the_same_splits(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    from settings_tables import table

    def record(candidate, fold, right):
        return {"candidate": candidate, "fold": fold, "seed": 0, "right": right, "clips": 10, "loss": 0.5}

    rows = table([record("now", 0, 5), record("new", 0, 6), record("new", 1, 9), record("now", 1, 8)]).splitlines()
    assert rows[2] == "| now | 65.00 ± 15.00 |  | 0.500 | 2 |"
    assert rows[3] == "| new | 75.00 ± 15.00 | +10.00 ± 0.00 | 0.500 | 2 |"
