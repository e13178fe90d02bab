"""A finished run with malicious names, its data beside it, and its report."""

from dataclasses import replace

from test_report import Tags
from toy_run import hostile_set, settings

from fernet.clips.prepared_file import PreparedSet, save_prepared
from fernet.progress import SILENT
from fernet.training.run import Run


def clips():
    """The toy clips; the people have hostile names, too."""
    one = hostile_set()
    return replace(one, subjects=tuple(name.replace("person", "<b>person") for name in one.subjects))


def finished_run_in(folder):
    """Write folder/run, and folder/data.npz, of which one clip was left out."""
    save_prepared(folder / "data.npz", PreparedSet(clips(), failures={"<b>lost</b>": "its <i>face</i> is hidden"}))
    wanted = replace(settings(epochs=3).run, data=str(folder / "data.npz"))
    (folder / "run").mkdir()
    Run(wanted, clips(), folder / "run", SILENT).train_all()
    return folder


def page(command, run):
    """The report that the command writes on the run."""
    status, out, err = command("report", run)
    assert (status, out) == (0, f"the report is in {run / 'report.html'}\n"), err
    return Tags((run / "report.html").read_text(encoding="utf-8"))
