"""The page of `explain` computes what Python computes, and the terms that it lists add up to the number it shows."""

import numpy as np
import pytest
from explain_page_reader import Reference, array, choose, clip_of, model_of, open_page, stops

from fernet.explain import walk
from fernet.explain.page import explain_page
from fernet.losses import joint_loss, softmax, softmax_cross_entropy
from fernet.networks.dtagn import weighted_sum

NEAR = 1e-5  # of the largest value
PAPER = ("I64-C(5,64)-L5-P2-C(5,64)-L3-P2-FC500-FC500-S7", "D1176-FC100-FC600-S7")
TWO = "I16-C(5,4)-L3-P2-C(3,5)-L2-P2-FC12-S3"
CASES = {  # one for each option that changes the arithmetic
    "contrast": {"dtan": TWO, "dtgn": "D1176-FC9-FC8-S3", "tops": ("joint", "l3")},
    "response, same padding, ceil": {
        **{"dtan": "I16-C(4,4)-L4-P3-C(3,5)-L3-P2-S3", "dtgn": "D1176-FC9-S3", "tops": ("concatenation",), "seed": 1},
        **{"normalisation": "response", "padding": "same", "ceil_pooling": True},
    },
    "across, appearance alone": {"dtan": TWO, "dtgn": None, "normalisation": "across", "seed": 2},
    "no normalisation, ceil": {
        **{"dtan": "I16-C(3,6)-L3-P3-FC7-FC6-S4", "dtgn": "D1176-S4", "tops": ("joint",), "seed": 3},
        **{"normalisation": "none", "ceil_pooling": True, "dropout": 0.0},
    },
    "geometry alone": {"dtan": None, "dtgn": "D1176-FC30-FC20-S5", "seed": 4},
    "strong contrast": {"dtan": TWO, "dtgn": "D1176-FC9-FC8-S3", "tops": ("joint",), "normalisation_scale": 40.0},
}


def opened(browser, folder, model, clips):
    path = folder / "page.html"
    path.write_text(explain_page(model, clips, "page"), encoding="utf-8")
    open_page(browser, path)
    return path


def compare(browser, expected, side, network=None):
    """Every stop in turn; returns how many were compared."""
    compared = 0
    for number, (of, name, _) in enumerate(stops(browser)):
        if (of, name) in expected and network in (None, of):
            found, right = array(browser, number, side), expected[of, name].ravel()
            assert found.shape == right.shape
            assert np.abs(found - right).max() <= NEAR * np.abs(right).max(), (side, of, name)
            compared += 1
    return compared


def compare_passes(browser, model, clip, top, number):
    """Values and the gradients of the loss, with the weights of Eq. 8 away from their defaults."""
    reference, label = Reference(model, clip), np.array([(clip.label + 1) % len(model.classes)])
    choose(browser, top=number) if model.tops else None
    logits = reference.logits(top)
    if len(logits) == 2:
        choose(browser, label=str(label[0]), w1="0.7", w2="1.2", w3="0.4")
        _, d1, d2 = joint_loss(logits["dtan"], logits["dtgn"], label, (0.7, 1.2, 0.4))
        dlogits = {"dtan": d1, "dtgn": d2}
    else:
        choose(browser, label=str(label[0]))
        dlogits = {name: softmax_cross_entropy(one, label)[1] for name, one in logits.items()}
    everything = len(stops(browser)) - (len(logits) == 2)  # the sum of the logits is compared below
    values = {**reference.values, **{(name, "softmax"): one for name, one in logits.items()}}
    assert compare(browser, values, "value") == everything
    assert compare(browser, reference.gradients(top, dlogits), "grad") == everything
    if len(logits) == 2:
        both = (logits["dtan"] + logits["dtgn"])[0]
        assert np.abs(array(browser, everything, "value") - both).max() < NEAR * np.abs(both).max()
        right = 0.4 * softmax_cross_entropy(both[None], label)[1][0]
        assert np.abs(array(browser, everything, "grad") - right).max() < NEAR * np.abs(right).max()


def worst_sum(browser, cells=200):
    """For every stop and side, `cells` random places: how far the terms are from the number, by its largest term."""
    return browser.evaluate(
        """(() => {
          const found = {};
          for (const stop of state.stops) for (const side of ["value", "grad"]) {
            if (side === "value" && stop.layer?.folded && stop.kind === "fc") continue;
            let worst = 0;
            for (let n = 0; n < CELLS; n++) {
              stop.cursor = Math.floor(Math.random() * stop.count);
              const { terms } = reasonOf(stop, side, state), number = arrayOf(stop, side)[stop.cursor];
              const scale = Math.max(Math.abs(number), ...terms.map((one) => Math.abs(one.a * one.b)), 1e-300);
              const sum = terms.reduce((total, one) => total + one.a * one.b, 0);
              worst = Math.max(worst, Math.abs(sum - number) / scale);
            }
            stop.cursor = stop.map = undefined;
            found[`${stop.network} ${stop.name} ${side}`] = worst;
          }
          return found;
        })()""".replace("CELLS", str(cells))
    )


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("folded", [False, True])
def test_every_map_and_gradient_is_that_of_python(browser, tmp_path, monkeypatch, case, folded):
    if folded:
        monkeypatch.setattr(walk, "_SHIPPED", 40)
    model, clip = model_of(**CASES[case]), clip_of()
    opened(browser, tmp_path, model, [clip])
    assert any(row[2] for row in stops(browser)) == (folded and "FC" in str(CASES[case]))
    for number, top in enumerate(["separate", *list(model.tops)[:1]]):
        compare_passes(browser, model, clip, top, number)
    sums = worst_sum(browser)
    assert len(sums) >= 8
    assert max(sums.values()) < 1e-9, sums


def test_the_paper_s_networks(browser, tmp_path):
    model, clips = (
        model_of(*PAPER, ("joint",), size=64),
        [clip_of(64, seed, seed % 7, f"clip {seed}") for seed in (3, 4)],
    )
    path = opened(browser, tmp_path, model, clips)
    assert path.stat().st_size < 1.5e6 + 0.5e6  # 1.5 MB for one clip, half a megabyte for each other
    choose(browser, clip="1")
    compare_passes(browser, model, clips[1], "joint", 1)
    sums = worst_sum(browser)
    assert max(sums.values()) < 1e-9, sums
    for name, terms in (("conv1", 75), ("conv2", 1600)):
        place = next(number for number, row in enumerate(stops(browser)) if row[1] == name)
        browser.evaluate(f"state.stops[{place}].cursor = 5000")
        assert browser.evaluate(f"reasonOf(state.stops[{place}], 'value', state).terms.length") == terms + 1  # the bias


def test_one_clip_of_the_paper_s_networks_is_small(tmp_path):
    model = model_of(*PAPER, ("joint",), size=64)
    pages = [len(explain_page(model, [clip_of(64, seed) for seed in range(count)], "page")) for count in (1, 3)]
    assert pages[0] < 1.5e6
    assert pages[1] < 2.5e6


@pytest.mark.parametrize("top", ["separate", "joint"])
def test_logits_and_the_weighted_sum_as_the_source(browser, tmp_path, top):
    model, clip = model_of(**CASES["contrast"]), clip_of()
    opened(browser, tmp_path, model, [clip])
    choose(browser, top=["separate", "joint"].index(top), source="logit", label="2")
    reference = Reference(model, clip)
    one = np.eye(3)[None, 2]
    assert compare(browser, reference.gradients(top, {"dtan": one, "dtgn": one}), "grad") > 10
    choose(browser, source="weighted", alpha="0.8")
    logits = reference.logits(top)

    def weighted(name, step):
        moved = {**logits, name: logits[name] + step}
        return weighted_sum(softmax(moved["dtan"]), softmax(moved["dtgn"]), 0.8)[0, 2]

    h, numeric = 1e-5, {}
    for name in logits:
        numeric[name] = np.array([[(weighted(name, s) - weighted(name, -s)) / (2 * h) for s in h * np.eye(3)]])
    assert compare(browser, reference.gradients(top, numeric), "grad") > 10


def test_a_nudged_value_moves_the_source_as_its_gradient_says(browser, tmp_path):
    opened(browser, tmp_path, model_of(**CASES["contrast"]), [clip_of()])
    last = browser.evaluate("go(2 * state.stops.length - 1); state.step")
    assert last == 2 * len(stops(browser)) - 1
    browser.evaluate("showCell(); byId('nudge').click()")
    text = browser.evaluate("byId('nudged').textContent")
    assert text.startswith("Measured")
    apart = text.rsplit("to ", 1)[1].split(" ")[0].replace("\N{MINUS SIGN}", "-") if "to " in text else "0"
    assert float(apart) < 1e-6
