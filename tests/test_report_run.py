"""The report of one run, finished or not: its numbers are those of the files."""

import json
import re
import shutil
from dataclasses import replace
from html import unescape
from math import log

import pytest
from report_runs import clips, finished_run_in, page
from test_run import StopAfter
from toy_run import MISCHIEF, settings

from fernet.evaluation.predictions_file import read_predictions
from fernet.experiments.results import METHODS, failures_of
from fernet.progress import SILENT
from fernet.training.layer_file import read_layers, write_layers
from fernet.training.run import Run
from fernet.training.state_file import read_log

STAGES = ("dtan", "dtgn", "joint", "l3", "concatenation")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return finished_run_in(tmp_path_factory.mktemp("report"))


@pytest.fixture
def run(made, tmp_path):
    """A copy whose settings and model name the data beside the original."""
    return shutil.copytree(made / "run", tmp_path / "run")


def table(text, heading):
    """The cells of the first table after the heading."""
    rows = re.findall(r"<tr>(.*?)</tr>", text[text.index(heading) :].split("</table>")[0], re.S)
    return [[unescape(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)] for row in rows]


def test_everything_is_there_and_no_name_becomes_markup(command, run):
    found = page(command, run)
    links = [value for _, a in found.tags for name, value in a.items() if name in ("src", "href", "srcset")]
    assert all(link.startswith(("data:image/", "#")) for link in links)
    assert not {"script", "b", "i"} & {tag for tag, _ in found.tags}
    assert not [a for _, a in found.tags if any(name.startswith("on") for name in a)]
    for part in ("accuracy", "training", "layers", "confusion", "failures", "people", "left-out", "settings"):
        assert ("section", {"id": part}) in found.tags
        assert ("a", {"href": f"#{part}"}) in found.tags
    for name in ("toy <i>set</i>", "</script><b>glad", "<b>person 2", "<b>lost</b>", "its <i>face</i> is hidden"):
        assert name in found.text
    assert "[[" not in found.text
    assert "not finished" not in found.text


def test_failures_are_those_of_the_predictions_with_their_frames(command, run):
    found, predictions = page(command, run), read_predictions(run / "predictions.csv")
    cases = failures_of(predictions, "joint")
    assert cases
    assert sum(a.get("class") == "case" for _, a in found.tags) == len(cases)
    assert sum(tag == "img" for tag, _ in found.tags) == 3 * len(cases)
    for case in cases:
        assert f"{case.prediction} {case.probability:.0%}{case.name}" in found.text
    assert cases[0].name.startswith(MISCHIEF[:10])


def test_accuracy_and_confusion_are_those_of_the_metrics(command, run):
    page(command, run)
    text = (run / "report.html").read_text(encoding="utf-8")
    metrics = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
    rows = table(text, "Accuracy on the held-out clips")[1:]
    assert [row[:2] for row in rows] == [[METHODS[m], f"{a:.1%}"] for m, a in metrics["accuracy"].items()]
    for method, counts in metrics["confusion"].items():
        heading = "<h3>DTAGN (joint)</h3>" if method == "joint" else f"<summary>{METHODS[method]}</summary>"
        confusion = text[text.index('id="confusion"') :]
        head, *rows = table(confusion, heading)
        assert head == ["true \\ predicted", *metrics["classes"]]
        assert rows == [[name, *map(str, own)] for name, own in zip(metrics["classes"], counts, strict=True)]
        shades = re.findall(
            r"<td( style=[^>]*)?>(\d+)</td>", confusion[confusion.index(heading) :].split("</table>")[0]
        )
        assert all((shade != "") == (count != "0") for shade, count in shades)
        largest = max(count / max(sum(own), 1) for own in counts for count in own)
        assert f"rgba(var(--heat), {0.08 + 0.62 * largest:.3f})" in "".join(shade for shade, _ in shades)


def test_every_epoch_and_layer_has_its_point(command, run):
    found, rows = page(command, run), read_layers(run)
    losses = [[epoch for stage, epoch in read_log(run) if stage == name] for name in STAGES]
    for name, epochs in zip(STAGES, losses, strict=True):
        assert f"{METHODS[name]} {epochs[-1].loss:.3f} in epoch 3" in found.text
        assert f"{METHODS[name]} {epochs[-1].accuracy:.1%} in epoch 3" in found.text
    expected = {}
    for row in rows:
        for title, value in zip(
            ("Share of activations", "Share of units", "Standard deviation", "Norm of", "Update/weight"),
            (row.zeros, row.dead, row.deviation, row.gradient, row.update),
            strict=True,
        ):
            if value is not None:
                key = (title, METHODS[row.network], row.layer)
                expected[key] = expected.get(key, 0) + 1
    shown = {}
    for svg in re.findall(r"<svg.*?</svg>", (run / "report.html").read_text(encoding="utf-8"), re.S):
        alt = unescape(re.search(r'aria-label="(.*?)"', svg)[1])
        for points, tip in re.findall(r'<polyline[^>]* points="(.*?)"[^>]*><title>(.*?)</title>', svg):
            if "by layer" in alt:
                title = next(title for title, _, _ in expected if alt.startswith(title))
                name = next(name for name in METHODS.values() if f", {name}, " in alt)
                shown[title, name, tip.split(":")[0]] = len(points.split())
            else:
                assert len(points.split()) == 3
    assert shown == expected
    first = next(row.loss for row in rows if row.network == "dtan" and row.loss is not None)
    side = "above" if first > log(3) else "below"
    assert f"The loss of the first batch was {first:.2f}, {abs(first / log(3) - 1):.0%} {side}" in found.text
    assert "that of a guess, 2.1 ln 3 = 2.31" in found.text  # the weights of the joint loss are 1, 1 and 0.1


def test_a_killed_map_is_remarked_on(command, run):
    assert "conv1: 4 of 4 maps never fire" not in page(command, run).text
    kill = {"dead": 4, "zeros": 0.9}
    write_layers(run, [row._replace(**kill) if row.layer == "conv1" else row for row in read_layers(run)])
    found = page(command, run)
    assert "DTAN epoch 1: conv1: 4 of 4 maps never fire" in found.text
    text = (run / "report.html").read_text(encoding="utf-8")
    assert table(text, "DTAN: numbers after epoch 3")[1][:3] == ["conv1", "4 of 4", "90.0%"]
    assert "<title>conv1: 100.0% at the end</title>" in text  # a share


def test_a_training_in_vain_is_remarked_on_at_its_end(command, run):
    log = run / "log.csv"
    log.write_text(re.sub(r"dtan,(\d),[^,]*", r"dtan,\1,9", log.read_text()))
    assert page(command, run).text.count("DTAN has learned nothing: its loss is 9.00") == 1
    log.write_text("".join(line for line in log.read_text().splitlines(True) if not line.startswith("dtan,3")))
    assert "has learned nothing: its loss is 9.00" not in page(command, run).text


def test_a_first_loss_above_that_of_a_guess(command, run):
    write_layers(run, [row if row.loss is None else row._replace(loss=9.0) for row in read_layers(run)])
    found = page(command, run)
    assert "DTAN: the loss of the first batch is 9.00, more than 1.10" in found.text
    assert "The loss of the first batch was 9.00, 719% above that of a guess, ln 3 = 1.10." in found.text
    values = json.loads((run / "settings.json").read_text())
    values["init"]["file"] = "model.npz"  # its top layer is not random
    (run / "settings.json").write_text(json.dumps(values))
    assert "the loss of the first batch is" not in page(command, run).text


def test_a_run_in_progress_shows_what_there_is(command, tmp_path):
    out = tmp_path / "run"
    out.mkdir()
    with pytest.raises(KeyboardInterrupt):
        Run(settings(epochs=3).run, clips(), out, StopAfter(13)).train_all()
    done = [stage for stage, _ in read_log(out)]
    assert 0 < len(done) < 3  # in the midst of DTAN
    found = page(command, out)
    assert f"This run is not finished. Epochs so far: DTAN {len(done)} of 3, DTGN 0 of 3, " in found.text
    assert f"resume it with train --resume {out}." in found.text
    assert sum(tag == "svg" for tag, _ in found.tags) == 2 + 5
    assert found.text.count("The results follow when the run is finished.") == 3


def test_a_run_that_has_just_begun(command, run, tmp_path):
    (tmp_path / "new").mkdir()
    shutil.copy(run / "settings.json", tmp_path / "new")
    found = page(command, tmp_path / "new")
    assert "This run is not finished. Epochs so far: DTAN 0 of 3" in found.text
    assert "No epoch has ended so far." in found.text


@pytest.mark.parametrize(("networks", "title"), [("dtan", "DTAN on toy"), ("dtgn", "DTGN on toy")])
def test_a_run_of_one_network(command, made, tmp_path, networks, title):
    out = tmp_path / "run"
    out.mkdir()
    wanted = replace(settings().run, data=str(made / "data.npz"), networks=networks, integrations=())
    Run(wanted, clips(), out, SILENT).train_all()
    found = page(command, out)
    assert title in found.text
    assert "joint" not in found.text.split("Settings")[-2]


def test_a_task_of_a_cross_validation(command, finished_run, tmp_path):
    whole = shutil.copytree(finished_run, tmp_path / "crossval")
    for name, title in (("dtagn", "DTAN and DTGN on toy"), ("single-frame", "Single-frame CNN on toy")):
        task = whole / "tasks" / f"{name}-seed0-fold0"
        found = page(command, task)
        assert title in found.text
        assert "img" in {tag for tag, _ in found.tags}
        assert "different" not in found.text
        (task / "metrics.json").unlink()
        assert f"resume it with crossval --resume {whole}." in page(command, task).text


def test_what_is_not_a_run_is_refused(command, tmp_path):
    status, _, err = command("report", tmp_path)
    assert (status, err.count("\n")) == (2, 1)
