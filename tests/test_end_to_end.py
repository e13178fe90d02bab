"""From pixels on disk to a prediction, by the command line alone, in every layout of data."""

import json

import numpy as np
import pytest

from fernet.commands import main

LAYOUTS = {
    # set, format, first characters of `info`
    "folder": ("demo", "mp4", "clips (folder of clips)"),
    "ck+": ("ck+", "png", "CK+"),
    "oulu": ("oulu", "png", "Oulu-CASIA"),
    "mmi": ("mmi", "mp4", "MMI"),
}
SMALL = ["--dtan", "I64-C(5,4)-P2-FC10-S{0}", "--dtgn", "D1176-FC12-S{0}", "--backend", "numpy"]
SMALL += ["--epochs", "1", "--dtgn-epochs", "2", "--joint-epochs", "1"]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_synth_info_prepare_train_predict(layout, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))  # no fetched landmark model
    set_name, kind, title = LAYOUTS[layout]
    data, prepared, run = tmp_path / "clips", tmp_path / "clips.npz", tmp_path / "run"

    def command(*arguments):
        with pytest.raises(SystemExit) as stop:
            main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        assert stop.value.code == 0, err
        return out, err

    form = ["--format", kind] if layout == "folder" else []
    command("synth", data, "--set", set_name, "--layout", layout, "--clips", 14, "--size", 144, *form)
    out, _ = command("info", data)
    assert out.startswith(title)
    assert "14 clips" in out
    counts = json.loads(command("info", data, "--json")[0])
    out, err = command("prepare", data, "--out", prepared)
    assert "14 of 14 clips prepared" in out
    assert "procedural faces only" in err
    with np.load(prepared, allow_pickle=False) as file:
        assert file["faces"].shape == (14, 3, 64, 64)
        labels = file["labels"]
    assert labels.max() + 1 == len(counts["counts"])
    small = [argument.format(labels.max() + 1) for argument in SMALL]
    folds = len(counts["subjects"])  # leave one person out: otherwise so few clips do not have all classes in training
    command("train", "--data", prepared, "--out", run, "--folds", folds, *small)
    video = next(path for path in sorted(data.rglob("*")) if path.suffix in (".mp4", ".avi", ".png", ".jpeg"))
    clip = video if video.suffix in (".mp4", ".avi") else video.parent
    predictions = json.loads(command("predict", run, clip, "--json")[0])
    assert list(predictions[0]["probabilities"]) == ["dtan", "dtgn", "weighted_sum", "joint"]
    for probabilities in predictions[0]["probabilities"].values():
        assert list(probabilities) == list(counts["counts"])
        assert sum(probabilities.values()) == pytest.approx(1, abs=1e-5)


def test_prepared_clips_resemble_those_with_known_boxes_and_points(tmp_path):
    """A network trained on the built-in set gets similar crops and points if clips come through the detector."""
    from fernet.clips.clip import clip_from_frames
    from fernet.clips.sequence_set import Preprocessing
    from fernet.datasets.layouts.synthetic_writer import write_set
    from fernet.faces.landmarks import BUILT_IN, LandmarkModel
    from fernet.synthetic import clip_specs
    from fernet.synthetic.arrays import clip_of_spec

    write_set("demo", tmp_path / "clips", clips=5, size=192)
    preprocessing, model = Preprocessing(), LandmarkModel(BUILT_IN)
    likeness, distance = [], []
    for path in sorted((tmp_path / "clips").rglob("*.mp4")):
        name = path.stem.replace("__", "_")
        spec = next(spec for spec in clip_specs("demo") if spec.name == name)
        faces, landmarks = clip_of_spec(spec, preprocessing)
        read = clip_from_frames(path, model, preprocessing)
        likeness.append(np.corrcoef(read.faces[-1].ravel(), faces[-1].ravel())[0, 1])
        distance.append(np.abs(read.landmarks - landmarks).mean())
    assert len(likeness) == 5
    assert np.mean(likeness) > 0.75  # boxes of the detector jitter by a few pixels
    assert np.mean(distance) < 2.5  # pixels of a 64 x 64 crop
