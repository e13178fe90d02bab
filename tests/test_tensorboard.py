"""Event files for TensorBoard from the CSV files of a run."""

import re
import shutil
import struct
import sys

import pytest
from test_run import train

from fernet.training.layer_file import read_layers
from fernet.training.state_file import read_log


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    from toy_set import toy_set

    out = tmp_path_factory.mktemp("run")
    train(out, toy_set())
    return out


@pytest.fixture
def run(finished, tmp_path):
    return shutil.copytree(finished, tmp_path / "run")


def events(folder):
    """(tag, epoch): value of every scalar in the one event file in `folder`."""
    event_pb2 = pytest.importorskip("tensorboardX.proto.event_pb2")
    (path,) = folder.iterdir()
    data, found, at = path.read_bytes(), [], 0
    while at < len(data):
        (length,) = struct.unpack_from("<Q", data, at)  # then its checksum, the event, the checksum of the event
        event = event_pb2.Event.FromString(data[at + 12 : at + 12 + length])
        found += [(value.tag, event.step, value.simple_value) for value in event.summary.value]
        at += 16 + length
    return found


def test_curves_and_statistics_are_those_of_the_files(run, command):
    pytest.importorskip("tensorboardX")
    status, out, err = command("tensorboard", run)
    assert (status, err) == (0, "")
    folder = run / "tensorboard"
    assert out == f"event files are in {folder}: show them with `tensorboard --logdir {folder}`\n"
    networks = ["concatenation", "dtan", "dtgn", "joint", "l3"]
    assert sorted(path.name for path in folder.iterdir()) == networks
    for network in networks:
        found = events(folder / network)
        assert [step for _, step, _ in found] == sorted(step for _, step, _ in found)
        expected = {}
        for stage, epoch in read_log(run):
            if stage == network:
                values = {"loss": epoch.loss, "accuracy": epoch.accuracy, "learning_rate": epoch.learning_rate}
                expected |= {(tag, epoch.number): value for tag, value in values.items()}
        for row in read_layers(run):
            if row.network == network:
                named = row._asdict()
                for name in ("dead", "zeros", "mean", "deviation", "gradient", "update"):
                    if named[name] is not None:
                        expected[f"{name}/{row.layer}", row.epoch] = named[name]
                if row.loss is not None:
                    expected["loss", 0] = row.loss
        assert len(found) == len(expected)
        assert {(tag, step): value for tag, step, value in found} == pytest.approx(expected, rel=1e-6)


def test_event_files_replace_earlier_ones(run, command):
    pytest.importorskip("tensorboardX")
    for _ in range(2):
        assert command("tensorboard", run)[0] == 0
    assert len(list((run / "tensorboard/dtan").iterdir())) == 1
    assert not list(run.glob(".*"))


def test_a_run_without_statistics_has_its_curves(run, command):
    pytest.importorskip("tensorboardX")
    (run / "layers.csv").unlink()
    assert command("tensorboard", run)[0] == 0
    assert {tag for tag, _, _ in events(run / "tensorboard/dtan")} == {"loss", "accuracy", "learning_rate"}


def test_without_the_extra_one_sentence_names_it(run, command, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    assert command("tensorboard", run) == (
        2,
        "",
        "fernet: event files need tensorboardX: pip install -e '.[tensorboard]' in fernet's folder\n",
    )


def test_what_is_not_a_run_is_refused(run, tmp_path, command):
    pytest.importorskip("tensorboardX")
    assert "holds no epoch of a run in log.csv: expected the folder of a run\n" in command("tensorboard", tmp_path)[2]
    (tmp_path / "crossval.json").write_text("{}")
    assert "expected the folder of a run, such as one of its tasks\n" in command("tensorboard", tmp_path)[2]
    log = run / "log.csv"
    log.write_text(re.sub("^dtan", "../../dtan", log.read_text(), flags=re.MULTILINE))
    status, _, err = command("tensorboard", run)
    assert (status, "names the network '../../dtan': expected one of dtan, dtgn" in err) == (2, True)
    assert not (run / "tensorboard").exists()
