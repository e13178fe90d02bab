"""A whole cross-validation that takes seconds: tiny networks, the toy clips, malicious names."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from toy_set import toy_set

from fernet.clips.prepared_file import PreparedSet
from fernet.clips.sequence_set import Preprocessing
from fernet.experiments import cross_validation
from fernet.experiments.cross_validation import CrossValidation
from fernet.training.settings import RunSettings, Schedule

MISCHIEF = "<script>alert({})</script> $x_{{\\frac</td>|"


def settings(folds=2, seeds=1, epochs=1, **changes):
    """Networks that train in a moment, too briefly to get everything right."""
    schedule = Schedule(epochs=epochs, batch_size=32, learning_rate=0.002)
    run = RunSettings(
        data="toy",
        folds=folds,
        integrations=("joint", "l3", "concatenation"),
        dtan="I16-C(5,4)-P2-FC12-S3",
        dtgn="D1176-FC20-FC8-S3",
        preprocessing=Preprocessing(image_size=16),
        dtan_schedule=schedule,
        dtgn_schedule=schedule,
        joint_schedule=schedule,
        backend="numpy",
    )
    return CrossValidation(replace(run, **changes), seeds)


def hostile_set():
    """The toy clips; every clip and one class has a name that would break a page, a table or a formula."""
    clips = toy_set()
    names = tuple(MISCHIEF.format(i) for i in range(len(clips)))
    return replace(clips, names=names, classes=("calm", "</script><b>glad", "s|ad"), title="toy <i>set</i>")


def prepared(folder, clips, wanted, failures=None, notes=()):
    """The folder with settings and clips, but no tasks yet."""
    cross_validation.start(folder, wanted)
    cross_validation.prepare(folder, lambda: PreparedSet(clips, failures=failures or {}, notes=notes), wanted)
    return folder


def in_this_process(count):
    """Any executor will do; this one starts no processes."""
    return ThreadPoolExecutor(count)


def finished(folder, clips=None, wanted=None, failures=None):
    """The folder of a complete cross-validation."""
    wanted = wanted or settings()
    prepared(folder, clips or hostile_set(), wanted, failures)
    cross_validation.cross_validate(folder, wanted, in_this_process, 1, lambda *_: None)
    return folder
