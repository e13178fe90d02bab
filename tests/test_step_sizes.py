"""Error against step size: truncation, rounding and kinks; and the mistakes that another dy or scale hides."""

import json
import re
import runpy
from xml.etree import ElementTree

import numpy as np
import pytest
from lessons import PICTURES

from fernet.exercises.source import Mistake
from fernet.gradcheck import TOLERANCE, layer_problem
from fernet.gradcheck_cases import case_layer, case_names, case_problem
from fernet.layers import AcrossMapsNorm, Conv, Layer, ResponseNorm
from fernet.layers.window_sum import window_sum_adjoint
from fernet.step_sizes.chart import svg
from fernet.step_sizes.curves import STEPS, Curve, Point, case_curves, curve
from fernet.step_sizes.hidden import accepts, seeded
from fernet.step_sizes.words import best, is_linear, is_wrong, sentences, slope, truncation

NORMALISATIONS = [name for name in case_names() if name.endswith(("_norm", "_norm_even"))]
WITHOUT_KINKS = ["multiframe_conv", "conv", "conv_same", "conv_same_odd", "fully_connected", "dropout", "flatten"]
WITH_KINKS = ["relu", "dtgn", "max_pool", "max_pool_overlapping", "max_pool_stride_3_ceil"]
LAYERS = [*NORMALISATIONS, *WITHOUT_KINKS, *WITH_KINKS, "softmax_cross_entropy"]


@pytest.fixture(scope="module")
def curves():
    known = {}

    def of(name):
        if name not in known:
            known[name] = case_curves(name)
        return known[name]

    return of


def at(found, step):
    return next(point for point in found.points if point.step == step)


@pytest.mark.parametrize("name", NORMALISATIONS)
def test_truncation_has_the_slope_two(name, curves):
    float64, float32 = curves(name)
    assert not is_linear(float64)
    assert slope(at(float64, 1e-1), at(float64, 1e-3)) == pytest.approx(2.0, abs=0.1)
    first, last = truncation(float64)
    assert first.step >= 1e-1
    assert last.step <= 1e-3
    assert slope(first, last) == pytest.approx(2.0, abs=0.05)
    assert f"falls with the slope {slope(first, last):.2f}, like h^2" in sentences(float64, float32)[0]


@pytest.mark.parametrize("name", LAYERS)
def test_rounding_has_the_slope_minus_one(name, curves):
    assert slope(at(curves(name)[0], 1e-7), at(curves(name)[0], 1e-11)) == pytest.approx(-1.0, abs=0.25)


@pytest.mark.parametrize("name", [*WITHOUT_KINKS, *WITH_KINKS])
def test_a_linear_layer_has_no_truncation_and_is_said_to_be_linear(name, curves):
    float64, float32 = curves(name)
    assert is_linear(float64)
    assert truncation(float64) is None
    assert best(float64).error < 1e-11
    assert all(point.error is None or point.error < 1e-10 for point in float64.points if point.step >= 1e-3)
    said = sentences(float64, float32)
    assert said[0].startswith(f"Linear: {name} is linear")
    assert ("as long as no kink is crossed" in said[0]) == (name in WITH_KINKS)


@pytest.mark.parametrize("name", LAYERS)
def test_the_best_errors_of_both_precisions(name, curves):
    float64, float32 = curves(name)
    assert best(float64).error < 1e-9
    assert best(float32).error > 1e-8
    assert name in WITH_KINKS or min(point.error for point in float32.points) > 1e-8
    assert not is_wrong(float64)
    assert at(float32, 1e-6).error > 0.01  # the step of gradcheck is of no use in float32


@pytest.mark.parametrize("name", LAYERS)
def test_there_are_no_kinks_within_the_smallest_gap(name, curves):
    layer_with_gap = {"relu": lambda x, _: np.abs(x), "max_pool": distances_to_another_winner}
    float64, _ = curves(name)
    kinks = [point.kinks for point in float64.points]
    assert kinks == sorted(kinks, reverse=True)
    assert (kinks[0] > 0) == (name in WITH_KINKS)
    if name in layer_with_gap:
        layer, x = case_layer(name)
        gap = layer_with_gap[name](x, layer).min()
        assert all(point.kinks == 0 for point in float64.points if point.step < gap)
        whole = curve(name, case_problem(name), most=x.size)
        reached = [point for point in whole.points if point.step > gap]
        assert whole.moved == x.size
        assert reached
        assert all(point.kinks for point in reached)


def distances_to_another_winner(x, layer):
    n, (N, H, W, C) = layer.size, x.shape
    windows = x[:, : H // n * n, : W // n * n].reshape(N, H // n, n, W // n, n, C)
    ordered = np.sort(windows.transpose(0, 1, 3, 5, 2, 4).reshape(-1, n * n), axis=1)
    return ordered[:, -1] - ordered[:, -2]


def test_values_at_kinks_are_left_out_of_the_error_but_shown(curves):
    float64, float32 = curves("max_pool")
    point = at(float64, 1e-1)
    assert point.kinks > 0
    assert point.error < 1e-13
    assert point.with_kinks > 1e-3
    assert any(text.startswith("Kinks: a step of") for text in sentences(float64, float32))


def test_every_array_is_sampled_and_restored():
    problem = case_problem("joint_loss")
    before = {name: array.copy() for name, array in problem.arrays.items()}
    claimed = {**problem.claimed, "dtgn.fc1.b": problem.claimed["dtgn.fc1.b"] + 1}  # a mistake in one small array
    found = curve("joint_loss", type(problem)(problem.scalar, problem.arrays, claimed), steps=(1e-5,), most=30)
    assert found.points[0].error > 0.1
    assert 30 <= found.moved <= 2 * len(problem.arrays)
    for name, array in problem.arrays.items():
        np.testing.assert_array_equal(array, before[name])


class Wrong(ResponseNorm):
    """The path through the divisor is missing."""

    def backward(self, dy, cache):
        _, D = cache
        return dy * D**-self.power, {}


class Square(Layer):
    def forward(self, x, train=False, rng=None):
        return x * x, x

    def backward(self, dy, cache):
        return 2 * dy * cache, {}


def test_a_wrong_gradient_is_flat_at_every_step(rng):
    problem = layer_problem(Wrong(3, scale=9.0), rng.standard_normal((2, 7, 6, 3)))
    found = curve("wrong", problem)
    assert is_wrong(found)
    assert min(point.error for point in found.points) > 0.05
    (said,) = sentences(found, found)
    assert said.startswith("The gradient is wrong")
    assert "a wrong gradient" in svg(found, found)


def test_a_square_has_no_truncation_and_is_not_linear(rng):
    found = curve("square", layer_problem(Square(), rng.standard_normal((4, 5))))
    assert not is_linear(found)
    assert truncation(found) is None
    assert sentences(found, found)[0].startswith("No stretch of the curve has the slope 2.")


def test_float32_is_computed_in_float32():
    for name in ("conv", "dtgn", "joint_loss", "softmax_cross_entropy"):
        problem = case_problem(name, dtype=np.float32)
        assert {array.dtype for array in [*problem.arrays.values(), *problem.claimed.values()]} == {np.dtype("f4")}


def own_gradient_for_the_neighbours(kind, adjoint):
    """The confusion of a thread about Caffe's normalisation (#5105): dy of the place itself, not that in the sum."""

    class Confused(kind):
        def backward(self, dy, cache):
            x, D = cache
            own = dy * adjoint(x * D ** (-self.power - 1), self.size)
            return dy * D**-self.power - 2 * self.power * self.alpha * x * own, {}

    return Confused


def test_dy_of_ones_hides_the_own_gradient_for_the_neighbours(rng):
    """Exactly: with dy = 1 the wrong gradient is the right one, up to the last digit; a random dy shows it."""
    layer = own_gradient_for_the_neighbours(ResponseNorm, window_sum_adjoint)(4, scale=9.0)
    x = rng.standard_normal((2, 7, 6, 3))
    hidden, shown = (curve("confused", layer_problem(layer, x, dy=dy)) for dy in ("ones", "random"))
    assert best(hidden).error < 1e-9
    assert not is_wrong(hidden)
    assert is_wrong(shown)
    assert best(shown).error > 0.1
    right = ResponseNorm(4, scale=9.0)
    _, cache = layer.forward(x, train=True)
    ones = np.ones_like(x)
    np.testing.assert_allclose(layer.backward(ones, cache)[0], right.backward(ones, cache)[0], rtol=0, atol=1e-14)


@pytest.mark.parametrize("name", ["response_norm", "response_norm_even", "across_maps_norm"])
def test_of_the_catalogue_dy_of_ones_hides_this_confusion_alone(name):
    hidden = [mistake.named for mistake in seeded(name) if accepts(name, mistake, dy="ones")]
    assert hidden == ["dy stands outside the sum"]


def test_a_relu_that_masks_dy_as_well_is_hidden_too():
    assert [one.named for one in seeded("relu") if accepts("relu", one, dy="ones")] == ["masked by its own sign"]


@pytest.mark.parametrize("name", ["response_norm", "across_maps_norm", "contrast_norm"])
def test_the_scale_of_cuda_convnet_hides_more(name):
    mistakes = seeded(name)
    assert len(mistakes) >= 5
    assert not any(accepts(name, one) for one in mistakes)
    assert any(accepts(name, one, scale=5e-5) for one in mistakes)


def test_the_scale_replaces_that_of_the_case():
    layer, _ = case_layer("across_maps_norm", scale=0.5)
    usual, _ = case_layer("across_maps_norm")
    assert isinstance(layer, AcrossMapsNorm)
    assert (layer.scale, layer.alpha, layer.size, layer.power, layer.k) == (0.5, 0.125, 4, usual.power, usual.k)


def test_steps_prints_a_table_and_its_reading(command):
    status, out, _ = command("gradcheck", "--layer", "contrast_norm", "--steps", "--backend", "numpy")
    assert status == 0
    rows = re.findall(r"^  (1e[-+]\d\d) ", out, re.MULTILINE)
    assert [float(row) for row in rows] == list(STEPS)
    assert max(len(line) for line in out.splitlines()) < 80
    assert "Truncation: from h = 1e-1" in out
    assert "Rounding: below h = 1e-5" in out
    status, out, _ = command("gradcheck", "--layer", "max_pool", "--steps", "--backend", "numpy")
    assert max(len(line) for line in out.splitlines()) < 80
    assert "float64 with them" in out


def test_steps_as_json(command):
    status, out, _ = command("gradcheck", "--layer", "relu", "--steps", "--json", "--backend", "numpy")
    found = json.loads(out)
    assert status == 0
    assert [point["step"] for point in found["float64"]["points"]] == list(STEPS)
    assert found["float32"]["points"][6]["error"] > 0.01


def test_steps_fail_if_the_gradient_is_wrong(command, monkeypatch):
    real = Conv.weight_gradients
    monkeypatch.setattr(Conv, "weight_gradients", lambda *args: {k: 1.001 * g for k, g in real(*args).items()})
    status, out, _ = command("gradcheck", "--layer", "conv", "--steps", "--backend", "numpy")
    assert status == 1
    assert "The gradient is wrong" in out


def test_the_hidden_mistakes_are_listed(command):
    status, out, _ = command("gradcheck", "--layer", "response_norm", "--dy", "ones", "--scale", "5e-5")
    assert status == 0
    assert "rejects 9 typical mistakes" in out
    assert "- dy stands outside the sum" in out
    assert "- division by D" in out
    assert "typical mistakes" not in command("gradcheck", "--layer", "response_norm")[1]
    assert "accepts 0 of them as right.\n" in command("gradcheck", "--layer", "dropout", "--dy", "ones")[1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--steps"], "name it with --layer"),
        (["--dy", "ones"], "name it with --layer"),
        (["--scale", "1"], "name it with --layer"),
        (["--layer", "conv", "--out", "a.svg"], "add --steps"),
        (["--layer", "conv", "--steps", "--out", "a.png"], "ends in .svg"),
        (["--layer", "conv", "--scale", "1"], "conv has no scale: leave out --scale, or choose one of response_norm,"),
        (["--layer", "dtan", "--scale", "1"], "dtan has no scale"),
        (["--layer", "contrast_norm", "--scale", "nan"], "expected a number above 0"),
        (["--layer", "contrast_norm", "--scale", "0"], "the scale is 0: expected a number above 0, up to 1e+06"),
        (["--layer", "joint_loss", "--dy", "ones"], "joint_loss is a loss and has no dy"),
        (["--layer", "contrastnorm", "--steps"], "'contrastnorm' (did you mean contrast_norm?): choose one of multif"),
        (["--layer", "lstm", "--steps"], "no layer is called 'lstm': choose one of multiframe_conv, conv,"),
    ],
)
def test_what_cannot_be_done_is_said(arguments, words, command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    status, out, err = command("gradcheck", *arguments)
    assert (status, out) == (2, "")
    assert words in err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["contrast_norm", "max_pool", "conv"])
def test_the_picture(name, command, tmp_path):
    path = tmp_path / "new folder" / "curve.svg"
    _, out, _ = command("gradcheck", "--layer", name, "--steps", "--out", path, "--backend", "numpy")
    assert f"the curves are in {path}" in out
    root = ElementTree.fromstring(path.read_text(encoding="utf-8"))
    texts = list(root.iter("{http://www.w3.org/2000/svg}text"))
    words = [one.text for one in texts]
    assert "prefers-color-scheme: dark" in path.read_text(encoding="utf-8")
    assert ("slope 2: truncation" in words) == (name == "contrast_norm")
    assert ("kinks" in words) == (name == "max_pool") == any("between its kinks" in one for one in words)
    assert all(one in words for one in ("float64", "float32", "1e-12", "1e-16", "slope −1: rounding"))
    boxes = [box(one) for one in texts]
    assert all(left >= 0 and right <= 760 and top >= 0 and bottom <= 520 for left, top, right, bottom in boxes)
    overlaps = [
        (words[i], words[j]) for i in range(len(boxes)) for j in range(i) if meet(boxes[i], boxes[j]) and i != j
    ]
    assert overlaps == []


def box(text):
    """Left, top, right and bottom, for letters at most 7.5 pixels wide (10 in the title)."""
    width = len(text.text) * (10 if text.get("class") == "title" else 7.5 if len(text.text) > 6 else 6.8)
    x, y = float(text.get("x")), float(text.get("y"))
    left = x - width * {"start": 0, "middle": 0.5, "end": 1}[text.get("text-anchor")]
    return left, y - 11, left + width, y + 3


def meet(one, other):
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def test_the_tolerance_of_a_case_is_met_at_every_step_from_1e_3_to_1e_8(curves):
    """Where a right gradient passes: the step of gradcheck lies in the middle."""
    for name in LAYERS:
        assert all(at(curves(name)[0], step).error < TOLERANCE for step in STEPS[3:9])


def test_the_picture_of_the_lesson_is_still_what_is_measured(curves):
    recorded = runpy.run_path(str(PICTURES / "step_sizes.py"))
    for found, errors in zip(curves("contrast_norm"), (recorded["FLOAT64"], recorded["FLOAT32"]), strict=True):
        for point, error in zip(found.points, errors, strict=True):
            assert error / 10 < point.error < 10 * error, point.step


def test_dy_and_scale_reach_the_curves():
    usual, _ = case_curves("response_norm")
    for given in ({"dy": "ones"}, {"scale": 0.5}):
        found, _ = case_curves("response_norm", **given)
        assert found.points == curve("response_norm", case_problem("response_norm", **given)).points
        assert found.points != usual.points


def test_a_step_at_which_no_value_is_left_that_changes_anything_has_no_error(curves):
    float64, _ = curves("max_pool_overlapping")
    assert at(float64, 1.0).kinks == 26
    assert (at(float64, 1.0).error, at(float64, 1.0).bend) == (None, None)


def test_a_stretch_of_truncation_compares_the_same_values():
    """Where a smaller step leaves out fewer values, the slope between the two means nothing."""
    points = [Point(step, step**2, step**2, kinks, 0.1) for step, kinks in ((1.0, 3), (0.1, 1), (0.01, 0), (0.001, 0))]
    first, last = truncation(Curve("made up", 9, 9, tuple(points)))
    assert (first.step, last.step) == (0.01, 0.001)


def test_mistakes_whose_arrays_do_not_fit_are_rejected():
    assert len(seeded("conv")) >= 12  # some raise an exception
    kept = Mistake("fully_connected", "", (("dy.sum(axis=0)", "dy.sum(axis=0, keepdims=True)"),))
    assert not accepts("fully_connected", kept)
    assert accepts("fully_connected", Mistake("fully_connected", "", (("dy.sum(axis=0)", "dy.sum(0)"),)))
