"""The report of a cross-validation says what the layers did, in every fold."""

import re
import shutil
import sys

import pytest
from toy_run import finished, settings

from fernet.experiments.saved_results import load_results
from fernet.experiments.tasks import TASKS
from fernet.reporting.report import report
from fernet.training.layer_file import read_layers, write_layers


def tables_of(text):
    layers = text[text.index('id="layers"') : text.index('id="failures"')]
    return [
        [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in re.findall(r"<tr>(.*?)</tr>", one)]
        for one in re.findall(r"<table>(.*?)</table>", layers, re.S)
    ]


@pytest.fixture
def without_figures(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)  # they take seconds


@pytest.fixture
def folds(finished_run, tmp_path):
    return shutil.copytree(finished_run, tmp_path / "run")


def change(folds, task, layer, **values):
    rows = read_layers(folds / TASKS / task)
    write_layers(
        folds / TASKS / task,
        [r._replace(**values) if (r.network, r.layer) == layer and r.epoch == 1 else r for r in rows],
    )


def test_dead_units_and_the_worst_of_the_folds(folds, without_figures):
    change(folds, "dtagn-seed0-fold0", ("dtan", "conv1"), dead=1, zeros=0.25, deviation=0.5, update=0.5)
    change(folds, "dtagn-seed0-fold1", ("dtan", "conv1"), dead=3, zeros=0.75, deviation=0.25, update=0.125)
    dead, worst, first = tables_of(report(load_results(folds)))
    assert dead[0] == ["Network", "Layer", "Units", "fold 0", "fold 1"]
    assert ["DTAN", "conv1", "4", "1", "3"] in dead
    assert ["Single-frame CNN", "conv1"] in [row[:2] for row in dead]
    assert ["DTAN", "conv1", "75.0% (fold 1)", "0.25 (fold 1)", "0.5 (fold 0, epoch 1)"] in worst
    losses = [
        row.loss
        for fold in (0, 1)
        for row in read_layers(folds / TASKS / f"dtagn-seed0-fold{fold}")
        if row.network == "joint" and row.loss is not None
    ]
    assert len(losses) == 2
    assert ["DTAGN (joint)", f"{min(losses):.2f}", f"{max(losses):.2f}", "2.31"] in first  # 2.1 ln 3


def test_of_several_seeds_the_one_with_most_dead_units_counts(tmp_path, without_figures):
    folds = finished(tmp_path / "run", wanted=settings(seeds=2))
    change(folds, "dtagn-seed0-fold0", ("dtan", "conv1"), dead=2)
    change(folds, "dtagn-seed1-fold0", ("dtan", "conv1"), dead=1)
    change(folds, "dtagn-seed0-fold1", ("dtan", "conv1"), dead=3)
    change(folds, "dtagn-seed1-fold1", ("dtan", "conv1"), dead=4)
    assert ["DTAN", "conv1", "4", "2", "4"] in tables_of(report(load_results(folds)))[0]


def test_folds_without_statistics_are_named(folds, without_figures):
    (folds / TASKS / "dtagn-seed0-fold1/layers.csv").write_text("<b>")
    text = report(load_results(folds))
    assert "dtagn-seed0-fold1: " in text
    assert tables_of(text)[0][1][:2] == ["DTAN", "conv1"]
    assert tables_of(text)[0][1][-1] == "–"
    for path in folds.glob(f"{TASKS}/*/layers.csv"):
        path.unlink()
    text = report(load_results(folds))
    assert "layers.csv has no rows or does not exist" in text
    assert "Tasks without statistics: 4 in all." in text
    assert tables_of(text) == []
