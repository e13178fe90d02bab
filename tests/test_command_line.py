"""What the user sees: output, exit status, and one sentence instead of a traceback."""

import json
import re
import subprocess
import sys

import numpy as np
import pytest
from toy_set import toy_set

import fernet.commands
from fernet.clips.prepared_file import PreparedSet
from fernet.commands import COMMANDS
from fernet.networks.model_file import load_model

SMALL = ["--dtan", "I16-C(3,4)-L3-P2-FC12-S3", "--dtgn", "D1176-FC16-S3", "--backend", "numpy"]
SMALL += ["--epochs", "2", "--dtgn-epochs", "2", "--joint-epochs", "1", "--batch-size", "64"]


@pytest.fixture
def toy_data(monkeypatch):
    """Every dataset is the toy set."""
    monkeypatch.setattr(
        "fernet.experiments.single_frames.load_with_failures", lambda *arguments: PreparedSet(toy_set())
    )


def test_every_command_is_listed_and_explains_itself(command):
    status, out, _ = command("--help")
    assert status == 0
    for name in COMMANDS:
        assert name in out
        status, text, _ = command(name, "--help")
        assert status == 0
        assert "Usage" in text
        assert "--debug" in text or "Commands:" in text


def test_cli_py_is_the_same_command_line():
    result = subprocess.run([sys.executable, "cli.py", "--version"], capture_output=True, text=True, check=True)
    assert "0.1.0" in result.stdout


def test_summary_prints_the_totals(command):
    status, out, _ = command("summary", "I64-C(5,64)-L5-P2-C(5,64)-L3-P2-FC500-FC500-S7")
    assert status == 0
    assert out.startswith("I64-C(5,64)-L5-P2-C(5,64)-L3-P2-FC500-FC500-S7\n")
    assert "MultiframeConv" in out
    assert "60 x 60 x 64" in out
    assert "5,769,835" in out.splitlines()[-1]


def test_bad_notation_is_one_sentence(command):
    status, out, err = command("summary", "I64-C(5,64-S7")
    assert (status, out) == (2, "")
    assert err.startswith("fernet: network 'I64-C(5,64-S7', at character 5")
    assert "Traceback" not in err
    assert "Traceback" in command("summary", "I64-C(5,64-S7", "--debug")[2]


def test_an_unknown_option_is_explained_by_click(command):
    status, _, err = command("summary", "D8-S2", "--colour", "red")
    assert status == 2
    assert "--colour" in err


def test_gradcheck_of_one_layer(command):
    status, out, _ = command("gradcheck", "--layer", "relu", "--backend", "numpy")
    assert status == 0
    assert "1 gradients checked, 0 failed" in out
    status, out, _ = command("gradcheck", "--layer", "fully_connected", "--json", "--backend", "numpy")
    rows = json.loads(out)
    assert [(row["array"], row["passed"]) for row in rows] == [("x", True), ("W", True), ("b", True)]
    assert all(0 < row["error"] < row["tolerance"] for row in rows)


def test_gradcheck_fails_loudly(command, monkeypatch):
    from fernet.layers import FullyConnected

    real = FullyConnected.weight_gradients
    monkeypatch.setattr(
        FullyConnected, "weight_gradients", lambda *args: {k: 1.001 * g for k, g in real(*args).items()}
    )
    status, out, _ = command("gradcheck", "--layer", "fully_connected", "--backend", "numpy")
    assert status == 1
    assert out.count("FAIL") == 2
    assert "3 gradients checked, 2 failed" in out


def test_gradcheck_explains_kinks(command):
    _, out, _ = command("gradcheck", "--layer", "dtan", "--backend", "numpy")
    assert "kinks" in out


def test_gradcheck_of_an_unknown_layer_lists_the_known_ones(command):
    status, _, err = command("gradcheck", "--layer", "lstm")
    assert status == 2
    assert "contrast_norm" in err


def test_train_evaluate_and_the_files_in_between(command, toy_data, tmp_path):
    out = tmp_path / "run"
    status, text, err = command("train", "--data", "toy", "--out", out, *SMALL, "--integration", "l3")
    assert status == 0
    lines = [line for line in err.splitlines() if not line.startswith("note: DT")]  # two epochs are short
    epochs = [("DTAN", 1, 2), ("DTAN", 2, 2), ("DTGN", 1, 2), ("DTGN", 2, 2), ("l3", 1, 1)]
    assert [line.split(": ")[0] for line in lines] == [f"{name} epoch {one} of {all_}" for name, one, all_ in epochs]
    assert re.fullmatch(r"DTAN epoch 1 of 2: loss \d\.\d{3}, accuracy \d+\.\d%, \d+\.\d s", lines[0])
    assert "toy: 24 clips, 8 people, 3 classes" in text
    metrics = json.loads((out / "metrics.json").read_text())
    for method, value in metrics["accuracy"].items():
        assert f"  {method.replace('_', ' '):<14}{value:>7.1%}" in text
    assert list(metrics["accuracy"]) == ["dtan", "dtgn", "weighted_sum", "l3"]
    status, text, _ = command("evaluate", out, "--json", "--backend", "numpy")
    assert status == 0
    assert json.loads(text)["confusion"] == metrics["confusion"]
    status, text, _ = command("evaluate", out / "model.npz", "--data", "toy", "--backend", "numpy")
    assert "accuracy on 24 held-out clips" not in text
    assert "accuracy on 24 clips" in text


def test_train_again_into_the_same_folder_is_refused(command, toy_data, tmp_path):
    command("train", "--data", "toy", "--out", tmp_path, *SMALL, "--networks", "dtgn")
    before = (tmp_path / "model.npz").read_bytes()
    status, _, err = command("train", "--data", "toy", "--out", tmp_path, *SMALL)
    assert status == 2
    assert "choose another --out" in err
    assert (tmp_path / "model.npz").read_bytes() == before
    assert "is complete" in command("train", "--resume", tmp_path)[2]


def test_ctrl_c_says_how_to_go_on_and_resuming_ends_alike(command, toy_data, tmp_path, monkeypatch):
    from fernet.commands.progress import TerminalProgress
    from fernet.progress import Bar

    class Interrupting(Bar):
        def advance(self, count, note=""):
            Interrupting.batches = getattr(Interrupting, "batches", 0) + 1
            if Interrupting.batches == 7:
                raise KeyboardInterrupt

        def __enter__(self):
            return self

        def __exit__(self, *error):
            return None

    with monkeypatch.context() as patch:
        patch.setattr(TerminalProgress, "task", lambda *arguments: Interrupting())
        status, _, err = command("train", "--data", "toy", "--out", tmp_path / "a", *SMALL)
    assert status == 130
    assert f"resume with: train --resume {tmp_path / 'a'}" in err
    assert "Traceback" not in err
    assert command("train", "--resume", tmp_path / "a", "--epochs", "5")[0] == 2
    assert command("train", "--resume", tmp_path / "a")[0] == 0
    command("train", "--data", "toy", "--out", tmp_path / "b", *SMALL)
    assert (tmp_path / "a/predictions.csv").read_bytes() == (tmp_path / "b/predictions.csv").read_bytes()


def test_a_model_of_other_classes_cannot_be_evaluated(command, toy_data, tmp_path, monkeypatch):
    from dataclasses import replace

    command("train", "--data", "toy", "--out", tmp_path, *SMALL, "--networks", "dtgn")
    other = replace(toy_set(), classes=("a", "b", "c"))
    monkeypatch.setattr("fernet.experiments.single_frames.load_with_failures", lambda *arguments: PreparedSet(other))
    status, _, err = command("evaluate", tmp_path, "--data", "other")
    assert status == 2
    assert "the model has the classes calm, glad, sad, the data have a, b, c" in err


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (OSError(28, "No space left on device", "/here/model.npz"), 2, "the disk is full (/here/model.npz)"),
        (PermissionError(13, "Permission denied", "/here"), 2, "/here: Permission denied"),
        (MemoryError(), 2, "smaller --batch-size"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (RuntimeError("odd"), 1, "unexpected RuntimeError: odd; --debug shows where"),
    ],
)
def test_errors_of_all_kinds_are_one_line(error, status, words, command, monkeypatch):
    def fail(*arguments, **options):
        raise error

    monkeypatch.setattr("fernet.networks.notation.parse", fail)
    code, _, err = command("summary", "D8-S2")
    assert code == status
    assert words in err
    assert len(err.strip().splitlines()) == 1


def test_cupy_that_cannot_run_is_one_line_with_the_way_out(command, monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", None)  # as if it were not installed
    status, _, err = command("gradcheck", "--backend", "cupy")
    assert status == 2
    assert "CuPy is not installed" in err
    assert "cuda12" in err
    assert "--backend numpy" in err
    assert command("gradcheck", "--layer", "relu", "--backend", "auto")[0] == 0


def test_no_command_touches_heavy_modules_for_help():
    code = "import sys, fernet.commands as c\ntry: c.main(['--help'])\nexcept SystemExit: pass\n"
    code += "print([m for m in ('cv2', 'scipy', 'cupy', 'matplotlib') if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip().endswith("[]")


def test_a_resumed_model_names_its_classes(command, toy_data, tmp_path):
    command("train", "--data", "toy", "--out", tmp_path, *SMALL, "--networks", "dtan", "--seed", "3")
    model = load_model(tmp_path)
    assert model.classes == ("calm", "glad", "sad")
    assert model.history["seed"] == 3
    assert np.isfinite(model.dtan.params["conv1.W"]).all()
    assert fernet.commands.BAD_INPUT == 2


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--dtan", "I64-X3-S7"], "at character 5 ('X3')"),
        (["--data", "nowhere"], "nowhere: no such file or folder"),
        (["--data", "synthetic:x"], "choose one of demo"),
    ],
)
def test_a_run_that_cannot_start_leaves_no_folder(options, words, command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    status, out, err = command("train", "--backend", "numpy", *options)
    assert (status, out) == (2, "")
    assert words in err
    assert list(tmp_path.rglob("*settings*")) == []
    assert not any(path.name in ("nowhere", "x", "demo") for path in tmp_path.rglob("*"))
