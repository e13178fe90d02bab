"""Cross-validation on toy clips: pooling, resuming after a kill, and the messages about bad input."""

import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from toy_run import finished, in_this_process, prepared, settings
from toy_set import toy_set

from fernet.clips.prepared_file import PreparedSet, load_prepared, save_prepared
from fernet.commands import cli, main
from fernet.errors import UserError
from fernet.evaluation.predictions_file import read_predictions
from fernet.experiments import cross_validation
from fernet.experiments.cross_validation import cross_validate, settings_of, start
from fernet.experiments.executors import processes, run_everywhere
from fernet.experiments.paper_settings import (
    DATASETS,
    check_data,
    recognise_dataset,
    run_settings,
    takes_small_networks,
)
from fernet.experiments.results import METHODS, accuracy_at, alpha_sweep, summary
from fernet.experiments.saved_results import load_results, training_log
from fernet.experiments.single_frames import single_frames
from fernet.experiments.tasks import CLIPS, OWNER, Task, run_task
from fernet.networks import paper

HERE = Path(__file__).parent


def predictions_of(folder):
    return {path.parent.name: path.read_bytes() for path in folder.glob("tasks/*/predictions.csv")}


def copy_of(run, tmp_path):
    return Path(shutil.copytree(run, tmp_path / "copy"))


# Results of a finished run


def test_every_clip_is_scored_once_by_networks_that_never_saw_its_person(finished_run):
    results = load_results(finished_run)
    clips = load_prepared(finished_run / CLIPS)
    assert sorted(results.predictions[0].names) == sorted(clips.names)
    for fold in range(2):
        tested = {s for s, k in zip(results.predictions[0].subjects, results.folds, strict=True) if k == fold}
        written = json.loads((finished_run / f"tasks/dtagn-seed0-fold{fold}/environment.json").read_text())
        assert tested == set(written["held_out_subjects"])
    folds = json.loads((finished_run / "folds.json").read_text())
    held_out = [set(fold["held_out_subjects"]) for fold in folds["folds"]]
    assert folds["person_independent"]
    assert not held_out[0] & held_out[1]


def test_pooled_accuracy_counts_clips_not_folds(finished_run):
    results = load_results(finished_run)
    for method in METHODS:
        right = clips = 0
        for fold in range(2):
            name = "single-frame" if method == "single_frame" else "dtagn"
            p = read_predictions(finished_run / f"tasks/{name}-seed0-fold{fold}/predictions.csv")
            scores = p.scores["dtan" if method == "single_frame" else method]
            right += int((scores.argmax(axis=1) == p.labels).sum())
            clips += len(p.labels)
        assert results.accuracy(method) == right / clips
        assert results.confusion(method).trace() == right
        assert results.confusion(method).sum() == clips


def test_summary_is_json_and_agrees_with_the_folds(finished_run):
    numbers = json.loads(json.dumps(summary(load_results(finished_run))))
    joint = numbers["methods"]["joint"]
    assert list(numbers["methods"]) == list(METHODS)
    for method, values in numbers["methods"].items():
        name, stored = ("single-frame", "dtan") if method == "single_frame" else ("dtagn", method)
        metrics = [
            json.loads((finished_run / f"tasks/{name}-seed0-fold{k}/metrics.json").read_text()) for k in range(2)
        ]
        assert values["accuracy_by_fold"] == [m["accuracy"][stored] for m in metrics]
    assert joint["fold_mean"] == pytest.approx(sum(joint["accuracy_by_fold"]) / 2)
    assert joint["fold_deviation"] == pytest.approx(abs(np.diff(joint["accuracy_by_fold"])[0]) / 2**0.5)
    assert joint["mean_recall"] == pytest.approx(np.mean(list(joint["recall"].values())))


def test_the_ends_of_the_alpha_sweep_are_the_single_networks(finished_run):
    results = load_results(finished_run)
    alphas, accuracies = alpha_sweep(results)
    assert (len(alphas), alphas[0], alphas[50], alphas[100]) == (101, 0, 0.5, 1)
    assert accuracies[0] == results.accuracy("dtgn")
    assert accuracies[100] == results.accuracy("dtan")
    assert accuracies[50] == accuracy_at(results, 0.5) == results.accuracy("weighted_sum")


def test_seeds_are_averaged_and_differ(tmp_path):
    results = load_results(finished(tmp_path / "run", toy_set(), settings(seeds=2)))
    first, second = results.predictions
    assert (first.scores["dtan"] != second.scores["dtan"]).any()
    by_seed = summary(results)["methods"]["dtan"]["accuracy_by_seed"]
    assert results.accuracy("dtan") == pytest.approx(sum(by_seed) / 2)
    assert results.confusion("dtan").sum() == 2 * 24


def test_training_log_has_every_stage(finished_run):
    assert set(training_log(finished_run, "dtagn", 0, 0)) == {"dtan", "dtgn", "joint", "l3", "concatenation"}
    assert set(training_log(finished_run, "single-frame", 1, 0)) == {"dtan"}
    with pytest.raises(UserError, match=r"log\.csv cannot be read"):
        training_log(finished_run, "dtagn", 7, 0)


def test_the_single_frame_network_sees_the_peak():
    clips = toy_set()
    assert (single_frames(clips, "end").faces[:, 0] == clips.faces[:, 2]).all()
    assert (single_frames(clips, "middle").faces[:, 0] == clips.faces[:, 1]).all()
    assert single_frames(clips, "end").preprocessing.appearance_frames == 1


# Resuming


def test_worker_processes_give_the_same_bytes(tmp_path, finished_run):
    import toy_run

    folder = prepared(tmp_path / "run", toy_run.hostile_set(), settings())
    heard = []
    cross_validate(folder, settings(), processes, 2, lambda task, done, total: heard.append((done, total)))
    assert predictions_of(folder) == predictions_of(finished_run)
    assert heard == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_a_run_that_failed_in_the_middle_goes_on_and_ends_the_same(tmp_path, finished_run):
    folder = copy_of(finished_run, tmp_path)
    before = predictions_of(finished_run)
    shutil.rmtree(folder / "tasks/dtagn-seed0-fold1")
    half = folder / "tasks/single-frame-seed0-fold0"  # its state after a kill before the first epoch
    for name in ("metrics.json", "predictions.csv", "model.npz", "log.csv"):
        (half / name).unlink()
    (half / ".model.npz.0.part").write_bytes(b"half")
    with pytest.raises(UserError, match=r"2 of 4 tasks are left .*crossval --resume"):
        load_results(folder)
    told = []
    cross_validate(folder, settings(), in_this_process, 1, lambda task, done, total: told.append(task.name))
    assert sorted(told) == ["dtagn-seed0-fold1", "single-frame-seed0-fold0"]
    assert predictions_of(folder) == before
    assert not list(folder.glob("tasks/*/.*"))  # no half-written files remain after the kill


_CHILD = """
import sys, signal
sys.path.insert(0, {tests!r})
from pathlib import Path
from toy_run import settings
from fernet.experiments.cross_validation import cross_validate
from fernet.experiments.executors import processes
if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        cross_validate(Path(sys.argv[1]), settings(epochs=300), processes, 2, lambda *_: None)
    except KeyboardInterrupt:
        sys.exit(130)
"""


def _children(pid):
    """Processes whose parent is `pid`."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks for worker processes in /proc")
@pytest.mark.parametrize(("sign", "status"), [(signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)])
def test_an_interrupted_run_leaves_no_worker_behind(tmp_path, sign, status):
    folder = prepared(tmp_path / "run", toy_set(), settings(epochs=300))
    script = tmp_path / "child.py"
    script.write_text(_CHILD.format(tests=str(HERE)))
    child = subprocess.Popen([sys.executable, str(script), str(folder)], stderr=subprocess.PIPE)
    deadline = time.monotonic() + 60
    while len(list(folder.glob("tasks/*/state.npz"))) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    workers = _children(child.pid)
    assert len(workers) >= 2
    os.kill(child.pid, sign)
    _, errors = child.communicate(timeout=60)
    assert child.returncode == status
    assert b"Traceback" not in errors
    while any(Path(f"/proc/{pid}").exists() for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not [pid for pid in workers if Path(f"/proc/{pid}").exists()]
    assert len(list(folder.glob("tasks/*/state.npz"))) == 2  # and their progress is kept
    assert not list(folder.glob("tasks/*/metrics.json"))


def _sleeps(task: Task, threads: int) -> str:
    Path(task.run, f"{task.name} has started").touch()
    time.sleep(120)
    return task.name


def test_workers_in_the_middle_of_a_long_step_end_at_once(tmp_path):
    def interrupted_when_started():
        with processes(2) as executor:
            for task in settings().tasks(tmp_path):
                executor.submit(_sleeps, task, 1)
            while len(list(tmp_path.glob("*started"))) < 2:
                time.sleep(0.02)
            interrupted.append(time.monotonic())
            raise KeyboardInterrupt

    interrupted = []
    with pytest.raises(KeyboardInterrupt):
        interrupted_when_started()
    # The pool's own thread also waits for the workers and may notice first that they have ended.
    while multiprocessing.active_children() and time.monotonic() - interrupted[0] < 20:
        time.sleep(0.02)
    assert not multiprocessing.active_children()
    assert time.monotonic() - interrupted[0] < 20


def test_a_task_stops_when_another_process_has_taken_over(tmp_path):
    folder = prepared(tmp_path / "run", toy_set(), settings())
    (folder / OWNER).write_text("somebody else")
    with pytest.raises(UserError, match=r"another `crossval --resume` continues .*, so this one has stopped"):
        run_task(settings().tasks(folder, owner="me")[0], 1)


def test_one_failing_task_does_not_stop_the_others(tmp_path):
    def work(task: Task, threads: int) -> str:
        if task.name == "dtagn-seed0-fold1":
            raise UserError("training diverged")
        return task.name

    done = []
    with (
        in_this_process(1) as executor,
        pytest.raises(UserError, match=r"1 of 4 tasks failed.*fold1: training diverged"),
    ):
        run_everywhere(executor, work, settings().tasks(tmp_path), 1, lambda task: done.append(task.name))
    assert len(done) == 3


def _dies(task: Task, threads: int) -> str:
    os.kill(os.getpid(), signal.SIGKILL)
    return task.name


def test_a_worker_that_is_killed_is_a_message(tmp_path):
    with pytest.raises(UserError, match="a worker was lost"), processes(1) as executor:
        run_everywhere(executor, _dies, settings().tasks(tmp_path), 1, lambda task: None)


def test_an_unexpected_error_is_shown_as_it_is(tmp_path):
    def work(task: Task, threads: int) -> str:
        raise ZeroDivisionError("a bug")

    with in_this_process(1) as executor, pytest.raises(ZeroDivisionError):
        run_everywhere(executor, work, settings().tasks(tmp_path), 1, lambda task: None)


# Bad input


def test_a_folder_of_other_settings_is_refused_and_the_difference_named(finished_run):
    assert start(finished_run, settings())
    with pytest.raises(UserError, match=r"other settings .folds 2, now 3.*--out"):
        start(finished_run, settings(folds=3))
    with pytest.raises(UserError, match=r"other settings .epochs 1, now 5"):
        start(finished_run, settings(epochs=5))


def test_a_task_of_other_settings_is_refused(tmp_path, finished_run):
    folder = copy_of(finished_run, tmp_path)
    path = folder / "tasks/dtagn-seed0-fold0"
    (path / "metrics.json").unlink()
    stored = json.loads((path / "settings.json").read_text())
    (path / "settings.json").write_text(json.dumps({**stored, "alpha": 0.3}))
    with pytest.raises(UserError, match="dtagn-seed0-fold0 holds a run with other settings: delete"):
        cross_validate(folder, settings(), in_this_process, 1, lambda *_: None)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"run": 3}', '{"run": {}, "seeds": 1}'])
def test_damaged_settings(tmp_path, text):
    (tmp_path / "crossval.json").write_text(text)
    with pytest.raises(UserError, match=r"crossval\.json cannot be read"):
        settings_of(tmp_path)


def test_a_folder_without_a_cross_validation(tmp_path):
    with pytest.raises(UserError, match="holds no cross-validation"):
        settings_of(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="is a file"):
        start(tmp_path / "file", settings())
    (tmp_path / "settings.json").touch()
    with pytest.raises(UserError, match="holds a single run"):
        start(tmp_path, settings())


def test_more_folds_than_people_and_a_class_of_one_person(tmp_path):
    with pytest.raises(UserError, match="9 folds for 8 people"):
        prepared(tmp_path / "a", toy_set(), settings(folds=9))
    clips = toy_set()
    labels = np.where(np.arange(24) == 0, 2, clips.labels % 2)
    with pytest.raises(UserError, match="fold 0 holds out every clip of sad"):
        prepared(tmp_path / "b", replace(clips, labels=labels), settings())


@pytest.mark.parametrize(
    "damage", [lambda b: b"", lambda b: b[: len(b) // 2], lambda b: b.replace(b"fernet prepared set 2", b"x" * 14)]
)
def test_damaged_clips(tmp_path, damage):
    path = tmp_path / CLIPS
    save_prepared(path, PreparedSet(toy_set()))
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(UserError, match=r"clips\.npz"):
        load_prepared(path)


def test_a_run_with_damaged_clips_says_how_to_go_on(tmp_path):
    (tmp_path / CLIPS).write_bytes(b"half")
    with pytest.raises(UserError, match=r"delete .*clips\.npz to prepare the clips anew"):
        prepared(tmp_path, toy_set(), settings())


def test_clips_are_read_back_exactly(tmp_path):
    clips = toy_set()
    save_prepared(tmp_path / CLIPS, PreparedSet(clips))
    back = load_prepared(tmp_path / CLIPS)
    for name in ("faces", "landmarks", "labels"):
        assert (getattr(back, name) == getattr(clips, name)).all()
    assert replace(back, faces=0, landmarks=0, labels=0) == replace(clips, faces=0, landmarks=0, labels=0)


def test_a_worker_that_does_not_see_the_folder_says_so(tmp_path):
    with pytest.raises(UserError, match=r"does not see .*under the same path"):
        run_task(settings().tasks(tmp_path / "nowhere")[0], 1)


@pytest.mark.parametrize(("seeds", "dataset"), [(0, None), (1001, None), (1, "jaffe")])
def test_impossible_settings(seeds, dataset):
    with pytest.raises(UserError, match="expected"):
        replace(settings(), seeds=seeds, dataset=dataset)


# The paper's settings


def test_each_database_gets_its_networks():
    assert run_settings("synthetic:mmi", "mmi").small_networks
    assert not run_settings("anything", None).small_networks
    assert str(paper.dtan(6, small=True)) == "I64-C(5,32)-P3-C(3,32)-FC30-S6"
    assert {run_settings(f"synthetic:{name}", name).folds for name in DATASETS} == {10}
    quick = run_settings("synthetic:ck+", "ck+", quick=True)
    assert (quick.folds, quick.integrations) == (2, ("joint", "l3", "concatenation"))


def test_the_networks_for_mmi_are_small_whatever_the_source(tmp_path):
    """By what the data are, not by the name of the procedural set."""
    (tmp_path / "Sessions" / "1").mkdir(parents=True)
    (tmp_path / "Sessions" / "1" / "session.xml").write_text("<Session/>")
    for data, small in ((str(tmp_path), True), ("synthetic:mmi", True), ("synthetic:ck+", False), ("nowhere", False)):
        assert takes_small_networks(data) is small


def test_data_is_recognised(tmp_path):
    assert recognise_dataset("synthetic:oulu") == "oulu"
    assert recognise_dataset("synthetic:demo") is None
    (tmp_path / "cohn-kanade-images" / "S005" / "001").mkdir(parents=True)
    assert recognise_dataset(str(tmp_path)) == "ck+"
    with pytest.raises(UserError, match=r"looks like CK.*not MMI"):
        check_data(str(tmp_path), "mmi")
    check_data(str(tmp_path), "ck+")
    with pytest.raises(UserError, match="does not exist"):
        recognise_dataset(str(tmp_path / "nowhere"))


# The commands


@pytest.fixture
def toy_data(monkeypatch):
    """The commands run on the toy clips with tiny networks, in this process."""
    monkeypatch.setattr("fernet.datasets.load.load_with_failures", lambda *_: PreparedSet(toy_set()))
    monkeypatch.setattr("fernet.experiments.paper_settings.run_settings", lambda data, *_: settings(data=data).run)
    monkeypatch.setattr("fernet.experiments.executors.processes", in_this_process)


def invoke(*arguments):
    return CliRunner().invoke(cli, [str(argument) for argument in arguments], catch_exceptions=False)


def test_crossval_prints_pooled_accuracy_and_goes_on(tmp_path, toy_data):
    out = tmp_path / "run"
    first = invoke("crossval", "synthetic:ck+", "--folds", 2, "--out", out, "--jobs", 1).output
    assert "4 of 4" in first
    results = load_results(out)
    assert f"DTAGN (joint)          {results.accuracy('joint'):7.2%}" in first
    assert json.loads((out / "results.json").read_text())["clips"] == 24
    assert "Table 2" in (out / "tables" / "tables.md").read_text()
    shutil.rmtree(out / "tasks/dtagn-seed0-fold0")
    again = invoke("crossval", "--resume", out, "--jobs", 2).output
    assert "resuming" in again
    assert first.split("mean recall")[1].split("\n\n")[0] == again.split("mean recall")[1].split("\n\n")[0]


def test_block_folds_reach_the_run(tmp_path, toy_data):
    invoke("crossval", "synthetic:demo", "--folds", 2, "--fold-scheme", "block", "--out", tmp_path / "run")
    folds = json.loads((tmp_path / "run/folds.json").read_text())
    assert folds["folds"][0]["held_out_subjects"] == [f"person {i}" for i in range(4)]
    tested = read_predictions(tmp_path / "run/tasks/dtagn-seed0-fold0/predictions.csv").subjects
    assert set(tested) == {f"person {i}" for i in range(4)}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["crossval"], "expected a dataset"),
        (["crossval", "--resume", "x", "--folds", "3"], "leave out --folds"),
        (["crossval", "nowhere/at/all"], "does not exist"),
        (["crossval", "synthetic:ck+", "--executor", "dask"], "belong together"),
        (["crossval", "synthetic:ck+", "--scheduler", "tcp://a:1"], "belong together"),
        (["crossval", "synthetic:ck+", "--seeds", "0"], "expected 1 to 1000"),
        (["figure", "3", "nowhere"], "holds no cross-validation"),
        (["figure", "3", "nowhere", "--class", "fear"], "figure 12"),
        (["report", "nowhere"], "holds no cross-validation"),
        (["reproduce", "ck+", "--data", "nowhere"], "does not exist"),
    ],
)
def test_mistakes_end_with_status_2_and_one_sentence(tmp_path, monkeypatch, capsys, arguments, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    assert exit_.value.code == 2
    said = capsys.readouterr().err
    assert message in said
    assert "Traceback" not in said


@pytest.mark.parametrize("epochs", [0, 1])
def test_ctrl_c_says_how_to_go_on(epochs, tmp_path, toy_data, monkeypatch, capsys):
    def interrupted(folder, *_):
        (folder / "tasks/one").mkdir(parents=True)
        if epochs:
            (folder / "tasks/one/state.npz").touch()
        raise KeyboardInterrupt

    monkeypatch.setattr("fernet.experiments.cross_validation.cross_validate", interrupted)
    with pytest.raises(SystemExit) as exit_:
        main(["crossval", "synthetic:ck+", "--folds", "2", "--out", str(tmp_path / "run")])
    assert exit_.value.code == 130
    said = capsys.readouterr().err
    assert f"resume with: crossval --resume {tmp_path / 'run'}" in said
    assert ("finished epochs are saved; " in said) == bool(epochs)


def test_reproduce_writes_everything_and_compares(tmp_path, toy_data):
    pytest.importorskip("matplotlib")
    pytest.importorskip("sklearn")
    out = tmp_path / "run"
    output = invoke("reproduce", "ck+", "--quick", "--out", out).output
    assert "Paper and this run" in output
    assert "no recordings of people" in output
    assert "| DTAGN (joint) | 97.25 |" in output
    assert {path.name for path in (out / "figures").iterdir()} == {
        f"figure-{n}.png" for n in ("3", "4", "5", "6", "7", "8", "11", "12")
    }
    assert (out / "report.html").read_text().startswith("<!DOCTYPE html>")


def test_owner_is_given_up_at_the_end(finished_run):
    assert (finished_run / OWNER).read_text() == "nobody"
    assert cross_validation.SETTINGS in {path.name for path in finished_run.iterdir()}
