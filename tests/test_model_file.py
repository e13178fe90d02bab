"""Model and state files: what is read back, and the ways in which a file can be wrong."""

import io
import json
import os
import zipfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fernet.array_file import ArrayFile, save_arrays
from fernet.clips.sequence_set import Preprocessing
from fernet.errors import UserError
from fernet.files import whole_file, write_json
from fernet.networks.build import Network
from fernet.networks.dtagn import DTAGN, new_top
from fernet.networks.model_file import load_model, save_model
from fernet.networks.notation import parse
from fernet.networks.options import NetworkOptions
from fernet.sgd import SGD
from fernet.training import state_file


@pytest.fixture
def model():
    options = NetworkOptions()
    dtan = Network(parse("I16-C(3,4)-P2-FC5-S3"), options, seed=1)
    dtgn = Network(parse("D1176-FC6-S3"), options, seed=2)
    built = DTAGN(
        ("calm", "glad", "sad"), Preprocessing(image_size=16), np.full(1176, 0.5, np.float32), dtan, dtgn, alpha=0.25
    )
    built.tops = {name: new_top(name, dtan, dtgn) for name in ("joint", "concatenation")}
    return built


@pytest.fixture
def saved(model, tmp_path):
    path = tmp_path / "model.npz"
    save_model(path, model)
    return path


def rewritten(path, change):
    """The file with its description changed."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    description = json.loads(members["description.json"])
    change(description)
    members["description.json"] = json.dumps(description).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def test_everything_comes_back(model, saved, rng):
    loaded = load_model(saved.parent)  # a run folder stands for the model in it
    assert (loaded.classes, loaded.preprocessing, loaded.alpha) == (model.classes, model.preprocessing, 0.25)
    np.testing.assert_array_equal(loaded.trajectory_mean, model.trajectory_mean)
    assert [str(network.notation) for network in (loaded.dtan, loaded.dtgn)] == ["I16-C(3,4)-P2-FC5-S3", "D1176-FC6-S3"]
    faces = rng.standard_normal((2, 16, 16, 3)).astype(np.float32)
    rows = rng.standard_normal((2, 1176)).astype(np.float32)
    expected, actual = model.scores(faces, rows), loaded.scores(faces, rows)
    assert list(actual) == ["dtan", "dtgn", "weighted_sum", "joint", "concatenation"]
    for method, scores in expected.items():
        np.testing.assert_array_equal(actual[method], scores)
        np.testing.assert_allclose(scores.sum(axis=1), 1, rtol=1e-5)


def test_the_same_model_gives_the_same_bytes(model, saved, tmp_path):
    save_model(tmp_path / "again.npz", model)
    assert (tmp_path / "again.npz").read_bytes() == saved.read_bytes()


def test_numpy_alone_reads_the_weights_without_pickle(model, saved):
    with np.load(saved, allow_pickle=False) as file:
        np.testing.assert_array_equal(file["dtan/conv1.W"], model.dtan.params["conv1.W"])


def test_a_file_that_is_no_model(tmp_path):
    for name, data in (("empty.npz", b""), ("text.npz", b"hello" * 100)):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(UserError, match="is not a fernet model"):
            load_model(tmp_path / name)
    np.savez(tmp_path / "other.npz", a=np.zeros(3))
    with pytest.raises(UserError, match="holds no description"):
        load_model(tmp_path / "other.npz")
    with pytest.raises(UserError, match="does not exist"):
        load_model(tmp_path / "missing.npz")


@pytest.mark.parametrize("share", [0.02, 0.3, 0.9, 0.999])
def test_a_truncated_file(saved, share):
    data = saved.read_bytes()
    saved.write_bytes(data[: int(share * len(data))])
    with pytest.raises(UserError, match=r"model\.npz"):
        load_model(saved)


def test_a_flipped_bit_in_the_weights_is_noticed(saved):
    data = bytearray(saved.read_bytes())
    data[len(data) // 2] ^= 4
    saved.write_bytes(data)
    with pytest.raises(UserError, match="damaged"):
        load_model(saved)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("format", "other", "format is 'other'"),
        ("classes", ["one"], "two or more names"),
        ("classes", "calm", "two or more names"),
        ("preprocessing", {"image_size": 16}, "settings with the entries image_size, expected"),
        ("networks", {"dtan": "I16-C(3,4)-P2-FC5"}, "must end in S"),
        ("networks", {"cnn": "D1176-FC6-S3"}, "not a fernet model"),
        ("networks", {}, "expected dtan, dtgn or both"),
        ("networks", {"dtgn": "D1176-FC6-S4"}, "has 4 classes"),
        ("networks", {"dtan": "I16-C(3,4)-P2-FC5-S3"}, "holds only dtan"),
        ("networks", 5, "not a fernet model"),
        ("alpha", "half", "alpha is 'half'"),
        ("alpha", 2, "alpha is 2"),
        ("history", [], "history is []"),
        ("integrations", ["sum"], "integrations are"),
        ("integrations", [["joint"]], "not a fernet model"),
        ("integrations", "joint", "integrations are"),
    ],
)
def test_a_description_that_does_not_fit(saved, name, value, words):
    with pytest.raises(UserError) as caught:
        load_model(rewritten(saved, lambda description: description.update({name: value})))
    assert words in str(caught.value)
    assert str(saved) in str(caught.value)


def test_weights_of_other_settings(saved):
    def narrower(description):
        description["networks"]["dtgn"] = "D1176-FC7-S3"

    with pytest.raises(UserError, match="made for other settings"):
        load_model(rewritten(saved, narrower))


def test_weights_must_be_finite(model, tmp_path):
    model.dtgn.params["fc1.W"][3, 2] = np.nan
    save_model(tmp_path / "model.npz", model)
    with pytest.raises(UserError, match="not finite"):
        load_model(tmp_path / "model.npz")


def test_an_array_that_claims_to_be_huge_is_not_read(tmp_path):
    path = tmp_path / "bomb.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("description.json", "{}")
        archive.writestr("a.npy", bytes(10_000_000))
        archive.writestr("b.npy", bytes(1000), zipfile.ZIP_DEFLATED)  # the header may lie about the size
    with ArrayFile(path, "a test file") as file:
        with pytest.raises(UserError, match="at most"):
            file.read("a", (2,), np.float32)
        with pytest.raises(UserError, match="is compressed"):
            file.read("b", (200,), np.float32)


def test_a_header_that_promises_a_huge_array_allocates_nothing(tmp_path):
    header = io.BytesIO()
    promise = {"descr": "<f4", "fortran_order": False, "shape": (10**11,)}
    np.lib.format.write_array_header_1_0(header, promise)
    with zipfile.ZipFile(tmp_path / "odd.npz", "w") as archive:
        archive.writestr("description.json", "{}")
        archive.writestr("a.npy", header.getvalue() + bytes(8))
    with ArrayFile(tmp_path / "odd.npz", "a test file") as file:
        with pytest.raises(UserError, match="made for other settings"):
            file.read("a", (2,), np.float32)
        with pytest.raises(UserError, match="holds no b"):
            file.read("b", (10**11,), np.float32)


@pytest.mark.parametrize(
    "header",
    [
        b"{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), }",
        b"{'descr': '<f4', 'fortran_order': False, 'shape': (2, }",
        b"{'descr': ('<f4', (2,)), 'fortran_order': False, 'shape': (2,), }",
        b"{'descr': '<q9', 'fortran_order': False, 'shape': (2,), }",
        b"(" * 900,
        b"\xff\x00",
    ],
)
def test_odd_array_headers_are_one_sentence(header, tmp_path):
    with zipfile.ZipFile(tmp_path / "odd.npz", "w") as archive:
        archive.writestr("description.json", "{}")
        archive.writestr("a.npy", b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + bytes(8))
    with ArrayFile(tmp_path / "odd.npz", "a test file") as file, pytest.raises(UserError) as caught:
        file.read("a", (2,), np.float32)
    assert "\n" not in str(caught.value)


def test_any_flipped_bit_in_a_zip_header_is_one_sentence_or_harmless(saved):
    data = saved.read_bytes()
    with zipfile.ZipFile(saved) as archive:
        first, directory = archive.infolist()[1].header_offset, archive.start_dir
    expected = load_model(saved)
    for position in [*range(first, first + 60), *range(directory, directory + 140), *range(len(data) - 22, len(data))]:
        for bit in (0, 3, 7):
            damaged = bytearray(data)
            damaged[position] ^= 1 << bit
            saved.write_bytes(damaged)
            with suppress(UserError):
                loaded = load_model(saved)
                np.testing.assert_array_equal(loaded.dtan.params["conv1.W"], expected.dtan.params["conv1.W"])


def test_what_is_not_a_file_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.npz")
    for path in (tmp_path / "pipe.npz", Path("/dev/zero")):
        with pytest.raises(UserError, match="not a folder, pipe or device"):
            ArrayFile(path, "a test file")


@pytest.mark.parametrize("text", ["[1]", "nonsense", '{"a": NaN', "[" * 100_000, b"\xff"])
def test_a_description_that_is_no_json_object(text, tmp_path):
    path = tmp_path / "odd.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("description.json", text)
    with pytest.raises(UserError, match="its description"):
        ArrayFile(path, "a test file")


def test_pickled_arrays_are_refused(tmp_path):
    path = tmp_path / "pickled.npz"
    np.savez(path, a=np.array([{}], dtype=object))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("description.json", "{}")
    with ArrayFile(path, "a test file") as file, pytest.raises(UserError, match="is object of shape"):
        file.read("a", (1,), np.float32)


def test_a_file_appears_whole_or_not_at_all(tmp_path):
    path = tmp_path / "sub" / "file"

    def interrupted():
        with whole_file(path) as stream:
            stream.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(path.parent.iterdir()) == []
    write_json(path, {"a": 1})
    with pytest.raises(OSError, match="full") as caught, whole_file(path):
        raise OSError(28, "disk full")
    assert caught.value.filename == str(path)
    assert json.loads(path.read_text()) == {"a": 1}  # the earlier file is still there
    assert len(list(path.parent.iterdir())) == 1


def test_a_disk_that_refuses_chmod_and_folders_is_no_obstacle(tmp_path, monkeypatch):
    def refused(*arguments):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "chmod", refused)
    monkeypatch.setattr(
        os, "open", lambda path, *rest, real=os.open: refused() if Path(path).is_dir() else real(path, *rest)
    )
    write_json(tmp_path / "file", {"a": 1})
    assert json.loads((tmp_path / "file").read_text()) == {"a": 1}


def test_state_of_another_run_is_refused(model, tmp_path):
    optimiser = SGD(model.dtan.params, set(), 0.9, 0.0)
    optimiser.velocity["conv1.W"] += 1
    state = state_file.save(tmp_path, model, "dtan", 2, optimiser, state_file.State())
    assert state.epochs_done("dtan") == 2
    loaded = state_file.load(tmp_path, replace(model, tops={}))
    assert loaded.epochs == {"dtan": 2}
    assert (loaded.velocity["conv1.W"] == 1).all()
    with pytest.raises(UserError, match="other networks"):
        state_file.load(tmp_path, replace(model, dtan=None, tops={}))


@pytest.mark.parametrize(
    "description", [{}, {"epochs": {"dtan": 0}, "stage": "dtan"}, {"epochs": {"x": 1}, "stage": "dtan"}]
)
def test_a_state_that_makes_no_sense_is_refused(description, model, tmp_path):
    save_arrays(tmp_path / "state.npz", description, {})
    with pytest.raises(UserError, match="is not the state of a run"):
        state_file.load(tmp_path, model)


def test_a_log_that_cannot_be_read(tmp_path):
    (tmp_path / "log.csv").write_text("network,epoch\ndtan,one\n")
    with pytest.raises(UserError, match=r"log\.csv cannot be read"):
        state_file.load_log(tmp_path, state_file.State({"dtan": 1}, "dtan"))
    assert state_file.load_log(tmp_path / "nowhere", state_file.State()) == []
