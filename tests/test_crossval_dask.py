"""Cross-validation on a real Dask cluster of worker processes, one of which is killed while it works."""

import gc
import os
import signal
import sys
import threading
import time

import pytest
from toy_run import hostile_set, in_this_process, prepared, settings
from toy_set import toy_set

from fernet.errors import UserError
from fernet.experiments.cross_validation import cross_validate
from fernet.experiments.executors import dask_cluster
from fernet.experiments.saved_results import load_results

distributed = pytest.importorskip("distributed", reason="dask is not installed (the extra cluster)")


@pytest.fixture
def cluster(tmp_path):
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        dashboard_address=None,
        local_directory=str(tmp_path / "dask"),
    ) as cluster:
        yield cluster


def test_a_killed_worker_changes_nothing(cluster, tmp_path):
    wanted = settings(epochs=12)
    alone = prepared(tmp_path / "alone", hostile_set(), wanted)
    cross_validate(alone, wanted, in_this_process, 1, lambda *_: None)
    folder = prepared(tmp_path / "cluster", hostile_set(), wanted)
    killed = []

    def kill_one_at_work():
        while not list(folder.glob("tasks/*/state.npz")):
            time.sleep(0.01)
        killed.append(cluster.workers[0].pid)
        os.kill(killed[0], signal.SIGKILL)

    threading.Thread(target=kill_one_at_work, daemon=True).start()
    cross_validate(folder, wanted, lambda _: dask_cluster(cluster.scheduler_address), None, lambda *_: None)
    assert killed
    for path in alone.glob("tasks/*/predictions.csv"):
        assert (folder / path.relative_to(alone)).read_bytes() == path.read_bytes()
    assert load_results(folder).accuracy("joint") == load_results(alone).accuracy("joint")


def test_no_scheduler_and_no_workers(monkeypatch):
    monkeypatch.setattr("fernet.experiments.executors._PATIENCE", "1s")
    with (
        pytest.raises(UserError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"),
        dask_cluster("tcp://127.0.0.1:9"),
    ):
        pass
    with pytest.raises(UserError, match="no Dask scheduler answers at nonsense"), dask_cluster("nonsense"):
        pass
    gc.collect()  # a failed client that is collected while a cluster starts makes `distributed` wait for itself
    with distributed.LocalCluster(n_workers=0, dashboard_address=None) as empty:
        message = f"has no workers: start some with `dask worker {empty.scheduler_address}`"
        with pytest.raises(UserError, match=message), dask_cluster(empty.scheduler_address):
            pass


def test_a_missing_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with (
        pytest.raises(UserError, match=r"pip install -e '.\[cluster\]' in fernet's folder"),
        dask_cluster("tcp://127.0.0.1:9"),
    ):
        pass


def test_a_scheduler_that_goes_away_is_a_message_and_loses_nothing(tmp_path):
    folder = prepared(tmp_path / "run", toy_set(), settings(epochs=300))
    cluster = distributed.LocalCluster(n_workers=1, threads_per_worker=1, processes=True, dashboard_address=None)

    def close_at_work():
        while not list(folder.glob("tasks/*/state.npz")):
            time.sleep(0.01)
        cluster.close()

    threading.Thread(target=close_at_work, daemon=True).start()
    with pytest.raises(UserError, match="lost"):
        cross_validate(
            folder, settings(epochs=300), lambda _: dask_cluster(cluster.scheduler_address), None, lambda *_: None
        )
    assert list(folder.glob("tasks/*/state.npz"))
