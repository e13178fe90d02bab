"""Every malformed landmark model is rejected before OpenCV reads it, and the fault is named."""

import base64
import gzip
import re
import subprocess
import sys

import numpy as np
import pytest

from fernet.errors import UserError
from fernet.faces import landmarks
from fernet.faces.landmarks import BUILT_IN, LandmarkModel
from fernet.faces.lbf import file as lbf_file
from fernet.faces.lbf.file import LbfHeader, check_lbf_file
from fernet.faces.lbf.writer import with_checksum
from fernet.faces.model_download import git_blob_id

TYPES = {"d": "<f8", "f": "<f4", "i": "<i4"}


def packed(values, kind, indent):
    text = base64.b64encode(f"1{kind}".encode().ljust(24) + np.asarray(values, TYPES[kind]).tobytes()).decode()
    return "".join(f"{' ' * indent}{text[i : i + 76]}\n" for i in range(0, len(text), 76))


def matrix(values, kind="d"):
    rows, columns = values.shape
    return f" !!opencv-matrix\n   rows: {rows}\n   cols: {columns}\n   dt: {kind}\n   data: !!binary |\n" + packed(
        values, kind, 6
    )


def small_model(stages=1, trees=1, depth=2):
    """Entries of a model that is valid and does little."""
    rng = np.random.default_rng(0)
    entries = {"stages_n": f" {stages}\n", "tree_n": f" {trees}\n", "tree_depth": f" {depth}\n", "n_landmarks": " 68\n"}
    entries["regressor_meanshape"] = matrix(rng.uniform(-1, 1, (68, 2)))
    for k in range(stages):
        for i in range(68):
            for j in range(trees):
                entries[f"tree_{k}_{i}_{j}"] = matrix(rng.uniform(-0.3, 0.3, (2**depth, 4)))
                thresholds = packed(rng.integers(-50, 50, 2**depth), "i", 3)
                entries[f"thresholds_{k}_{i}_{j}"] = f" !!binary |\n{thresholds}"
        entries[f"weights_{k}"] = matrix(rng.normal(0, 0.01, (136, 68 * trees * 2 ** (depth - 1))), "f")
    return entries


def text_of(entries):
    return "%YAML:1.0\n---\n" + "".join(f"{key}:{value}" for key, value in entries.items())


def refused(path, text, words):
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(UserError, match=words) as error:
        check_lbf_file(path)
    assert str(path) in str(error.value)


def test_built_in_model():
    assert check_lbf_file(BUILT_IN) == LbfHeader(stages=7, trees=3, depth=3, landmarks=68)


@pytest.mark.parametrize("shape", [(1, 1, 2), (2, 3, 3)])
def test_valid_files_pass_and_open_cv_takes_them(tmp_path, shape):
    path = tmp_path / "modèle 1.yaml"
    path.write_text(text_of(small_model(*shape)))
    model = LandmarkModel(path)
    assert model.header == LbfHeader(*shape, 68)
    points = model.fit(np.full((90, 90), 128, np.uint8), np.array([[20, 20, 50, 50]]))
    assert points.shape == (1, 68, 2)
    packed_path = tmp_path / "model.yaml.gz"
    packed_path.write_bytes(gzip.compress(path.read_bytes()))
    np.testing.assert_array_equal(
        LandmarkModel(packed_path).fit(np.full((90, 90), 128, np.uint8), np.array([[20, 20, 50, 50]])), points
    )


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("n_landmarks", "100000", "n_landmarks is '100000', expected 68"),
        ("n_landmarks", "69", "n_landmarks"),
        ("stages_n", "2", "137 entries are missing.*tree_1_0_0"),
        ("stages_n", "0", "stages_n is '0', expected a whole number from 1 to 10"),
        ("tree_n", "2", "missing.*tree_0_0_1"),
        ("tree_n", "65", "tree_n"),
        ("tree_depth", "0", "tree_depth is '0'"),
        ("tree_depth", "40", "tree_depth is '40'"),
        ("tree_depth", "3", "tree_0_0_0 has 4 x 4 values, the header requires 8 x 4"),
        ("tree_depth", "-2", "tree_depth"),
        ("tree_depth", "2.0", "tree_depth"),
        ("tree_depth", "1e9", "tree_depth"),
    ],
)
def test_headers_that_say_more_than_the_file_holds(tmp_path, name, value, words):
    refused(tmp_path / "m.yaml", text_of(small_model() | {name: f" {value}\n"}), words)


@pytest.mark.parametrize(
    "name", ["stages_n", "n_landmarks", "regressor_meanshape", "tree_0_5_0", "thresholds_0_67_0", "weights_0"]
)
def test_missing_entries(tmp_path, name):
    entries = small_model()
    del entries[name]
    refused(tmp_path / "m.yaml", text_of(entries), rf"missing(.*{name})?")


def test_unknown_and_repeated_entries(tmp_path):
    entries = small_model()
    refused(tmp_path / "m.yaml", text_of(entries | {"extra": " 1\n"}), "extra")
    refused(tmp_path / "m.yaml", text_of(entries) + "tree_n: 1\n", "tree_n occurs twice")


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        ("weights_0", np.zeros((136, 135)), "weights_0 has 136 x 135 values, the header requires 136 x 136"),
        ("weights_0", np.zeros((135, 136)), "weights_0"),
        ("weights_0", np.full((136, 136), np.nan), "not finite"),
        ("weights_0", np.full((136, 136), 11.0), "holds 11, expected values up to 10"),
        ("tree_0_3_0", np.zeros((8, 4)), "tree_0_3_0 has 8 x 4"),
        ("tree_0_3_0", np.zeros((4, 2)), "tree_0_3_0"),
        ("tree_0_3_0", np.full((4, 4), np.inf), "tree_0_3_0 holds values that are not finite"),
        ("tree_0_3_0", np.full((4, 4), 1.5), "tree_0_3_0 holds 1.5, expected values up to 1"),
        ("regressor_meanshape", np.zeros((68, 2)), "in one place"),
        ("regressor_meanshape", np.full((68, 2), 4.0), "up to 3"),
        ("regressor_meanshape", np.ones((67, 2)), "67 x 2"),
    ],
)
def test_wrong_matrices(tmp_path, name, values, words):
    refused(tmp_path / "m.yaml", text_of(small_model() | {name: matrix(values)}), words)


def test_types(tmp_path):
    entries = small_model()
    refused(
        tmp_path / "m.yaml", text_of(entries | {"tree_0_0_0": matrix(np.zeros((4, 4)), "f")}), "type 'f', expected d"
    )
    as_floats = entries["weights_0"].replace("dt: f", "dt: d")
    refused(tmp_path / "m.yaml", text_of(entries | {"weights_0": as_floats}), "expected the type '1d'")
    refused(
        tmp_path / "m.yaml",
        text_of(entries | {"thresholds_0_0_0": " !!binary |\n" + packed(np.zeros(3), "i", 3)}),
        "thresholds_0_0_0 holds 12 bytes, expected 16",
    )


def test_damaged_base64(tmp_path):
    weights = small_model()["weights_0"]
    lines = weights.split("\n")
    damages = {
        "damaged base64": weights.replace(lines[8], lines[8][:20] + "*" + lines[8][21:]),
        "unequal length or indentation": weights.replace(lines[8] + "\n", lines[8][:40] + "\n"),
        "expected 73984 for": weights.replace(lines[8] + "\n", ""),
        "damaged base64 data": weights.replace(lines[8], lines[8][:20] + " " + lines[8][21:]),
        "not an !!opencv-matrix": weights.replace("!!opencv-matrix", "!!map"),
        "no base64 data": weights.replace("!!binary |", "!!text |"),
    }
    for words, text in damages.items():
        assert text != weights
        refused(tmp_path / "m.yaml", text_of(small_model() | {"weights_0": text}), words)


def test_files_cut_short_or_of_another_kind(tmp_path):
    text = text_of(small_model())
    path = tmp_path / "m.yaml"
    refused(path, text[:-1], "cut short")
    refused(path, text[: len(text) // 2], "weights_0 has no base64 data, or is cut short")
    refused(path, text[: text.index("tree_0_40_0")], "missing.*tree_0_40_0")
    refused(path, "", "first lines")
    refused(path, "<?xml version='1.0'?>", "%YAML:1.0")
    refused(path, text.replace("\n", "\r\n", 3), "first lines")
    refused(path, text.replace("tree_n: 1\n", "tree_n: 1\r\n"), "carriage returns")
    refused(path, text.replace("tree_n:", "\ttree_n:"), "tabs")
    refused(path, text.replace("tree_n: 1\n", "tree_n: 1\n...\n"), r"begins with b'\.\.\.")
    refused(path, text.replace("tree_n: 1\n", "tree_n: 1\n\n"), "begins with")
    refused(path, gzip.compress(text.encode()), "does not end in .gz")
    refused(tmp_path / "m.yaml.gz", text, "cannot be unpacked")
    refused(tmp_path / "m.yaml.gz", gzip.compress(text.encode())[:-20], "cannot be unpacked")
    with pytest.raises(UserError, match="cannot be read"):
        check_lbf_file(tmp_path / "none.yaml")
    with pytest.raises(UserError, match="cannot be read"):
        check_lbf_file(tmp_path)


def test_a_small_file_that_unpacks_to_a_huge_one(tmp_path, monkeypatch):
    monkeypatch.setattr(lbf_file, "LARGEST_FILE", 1 << 20)
    refused(tmp_path / "m.yaml.gz", gzip.compress(b" " * (1 << 22)), "more than 1 MB when unpacked")
    assert (tmp_path / "m.yaml.gz").stat().st_size < 10_000


def test_the_built_in_model_must_be_the_one_of_its_checksum(tmp_path, monkeypatch):
    path = tmp_path / "built-in.yaml"
    path.write_text(text_of(small_model()))
    LandmarkModel(path)
    monkeypatch.setattr(landmarks, "BUILT_IN", path)
    with pytest.raises(UserError, match="built-in landmark model is damaged"):
        LandmarkModel(path)


def test_the_fetched_model_must_be_the_public_one(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    path = landmarks.installed_model_path()
    path.parent.mkdir()
    path.write_text(text_of(small_model()))
    with pytest.raises(UserError, match="not the public landmark model that belongs there, or damaged; fetch it again"):
        LandmarkModel(path)
    path.write_bytes(with_checksum(text_of(small_model()).encode().split(b"---\n")[1]))
    LandmarkModel(path)  # whoever put it there, it is whole
    path.write_text(text_of(small_model()))
    monkeypatch.setattr(landmarks, "MODEL_BLOB", git_blob_id(path))
    LandmarkModel(path)


def test_random_damage_is_refused_or_harmless(tmp_path):
    """OpenCV runs each model that passes the check in a separate process, which must survive and give finite points."""
    rng, text = np.random.default_rng(1), text_of(small_model()).encode()
    passed = 0
    for number in range(60):
        damaged = bytearray(text)
        at = int(rng.integers(len(text)))
        if number % 3 == 0:
            damaged[at] = rng.integers(32, 127)
        elif number % 3 == 1:
            del damaged[at : at + int(rng.integers(1, 200))]
        else:
            damaged[at:at] = damaged[at : at + int(rng.integers(1, 200))]
        path = tmp_path / f"{number}.yaml"
        path.write_bytes(damaged)
        try:
            check_lbf_file(path)
            passed += 1
        except UserError:
            path.unlink()
    assert passed < 30
    script = """
import sys; from pathlib import Path; import numpy as np; from fernet.faces.landmarks import LandmarkModel
for path in sorted(Path(sys.argv[1]).iterdir()):
    points = LandmarkModel(path).fit(np.arange(8100, dtype=np.uint8).reshape(90, 90), np.array([[20, 20, 50, 50]]))
    assert np.isfinite(points).all(), path
"""
    result = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=False)
    assert result.returncode == 0, re.sub(r"\s+", " ", result.stderr)
