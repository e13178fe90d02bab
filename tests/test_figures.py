"""Every figure is drawn from saved results, light and dark."""

import os
import subprocess
import sys

import numpy as np
import pytest
from click.testing import CliRunner

from fernet.commands import cli
from fernet.errors import UserError
from fernet.experiments.saved_results import load_results

pytest.importorskip("matplotlib", reason="figures need the extra plots")
pytest.importorskip("sklearn", reason="figures need the extra plots")

from fernet.experiments.results import alpha_sweep, failure_cases
from fernet.reporting.figures import FIGURES, draw, figure_bytes, numbers_of, save_figure
from fernet.reporting.figures.filters import side_by_side, strongest
from fernet.reporting.figures.landmarks import landmark_weights
from fernet.reporting.figures.saved_models import first_model


@pytest.fixture(scope="module")
def results(finished_run):
    return load_results(finished_run)


@pytest.mark.parametrize("number", numbers_of(None))
def test_every_figure_is_drawn_on_both_papers(results, number):
    light, dark = (figure_bytes(draw(number, results, dark), "png") for dark in (False, True))
    assert light.startswith(b"\x89PNG")
    assert light != dark


def test_each_database_has_its_own_figure_of_accuracy_per_emotion():
    own = {
        dataset: [n for n in numbers_of(dataset) if n in ("8", "9", "10")] for dataset in ("ck+", "oulu", "mmi", None)
    }
    assert own == {"ck+": ["8"], "oulu": ["9"], "mmi": ["10"], None: ["8"]}
    assert all({"3", "4", "5", "6", "7", "11", "12"} <= set(numbers_of(dataset)) for dataset in own)
    assert [number for number in FIGURES if FIGURES[number].report_form is None] == ["11"]  # the report has a slider


def test_the_same_figure_gives_the_same_bytes(results):
    for form in ("png", "svg", "pdf"):
        assert figure_bytes(draw("8", results), form) == figure_bytes(draw("8", results), form)


def test_bars_are_the_recalls(results):
    axes = draw("8", results).axes[0]
    heights = np.array([bar.get_height() for bar in axes.patches]).reshape(3, 3)
    for row, method in zip(heights, ("dtan", "dtgn", "joint"), strict=True):
        assert row == pytest.approx(100 * results.recall(method))


@pytest.mark.parametrize("backend", ["module://matplotlib_inline.backend_inline", "nonsense"])
def test_a_backend_that_is_not_installed_does_not_matter(finished_run, tmp_path, backend):
    """As in the shell of a notebook, which names the notebook's own."""
    for arguments in (["figure", "8", finished_run, "--out", "8.png"], ["report", finished_run, "--out", "page.html"]):
        done = subprocess.run(
            [sys.executable, "-c", "from fernet.commands import main; main()", *map(str, arguments)],
            cwd=tmp_path,
            env=os.environ | {"MPLBACKEND": backend},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "8.png").read_bytes().startswith(b"\x89PNG")
    assert "data:image/png" in (tmp_path / "page.html").read_text()


def test_the_curve_is_the_alpha_sweep(results):
    x, y = draw("11", results).axes[0].lines[0].get_data()
    assert x == pytest.approx(alpha_sweep(results)[0])
    assert y == pytest.approx(100 * alpha_sweep(results)[1])


def test_feature_maps_and_filters_are_those_of_the_first_layer(results):
    W = first_model(results, "dtagn").dtan.layers[0][1].params["W"]
    shown = [axes.images[0].get_array() for axes in draw("5", results).axes if axes.images]
    assert len(shown) == 4  # the toy network has no more
    for picture, number in zip(shown, strongest(W), strict=True):
        assert np.ma.filled(picture, np.nan) == pytest.approx(side_by_side(W[..., number]), nan_ok=True)


def test_strongest_filters_come_in_ascending_order(rng):
    W = rng.normal(size=(5, 5, 3, 30)) * np.where(np.arange(30) % 2, 10, 1)
    assert strongest(W)[:15].tolist() != list(range(15))
    assert {1, 3, 29} <= set(strongest(W).tolist())
    assert (np.diff(strongest(W)) > 0).all()


def test_the_weight_of_a_landmark_is_the_mean_over_its_inputs(results):
    model = first_model(results, "dtagn")
    W = model.dtgn.layers[0][1].params["W"]
    rows = [98 * frame + 2 * 20 + axis for frame in range(12) for axis in range(2)]
    assert landmark_weights(model)[20] == pytest.approx(np.abs(W[rows]).mean())


def test_failures_of_a_class(results):
    label = results.classes[0]
    cases = [case for case in failure_cases(results) if case.label == label]
    figure = draw("12", results, label=label)
    assert f"{len(cases)} of 8 clips" in figure.get_suptitle()
    assert all(case.prediction != case.label for case in failure_cases(results))
    with pytest.raises(UserError, match="no class is called 'fear': expected one of calm"):
        draw("12", results, label="fear")


def test_command_writes_where_it_is_told(finished_run, tmp_path):
    for name in ("11.png", "11.svg"):
        done = CliRunner().invoke(cli, ["figure", "11", str(finished_run), "--out", str(tmp_path / name)])
        assert done.exit_code == 0, done.output
        assert (tmp_path / name).stat().st_size > 1000


def test_other_endings_and_a_missing_extra(results, tmp_path, monkeypatch):
    with pytest.raises(UserError, match=r"expected a name that ends in \.png"):
        save_figure(draw("11", results), tmp_path / "figure.gif")
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(UserError, match=r"pip install -e '.\[plots\]' in fernet's folder"):
        draw("11", results)
