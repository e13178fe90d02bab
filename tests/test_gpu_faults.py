"""A GPU that fails: one sentence that says what to do, and a run that resumes after its last epoch. Needs no GPU."""

import sys

import numpy as np
import pytest
from stand_in_cupy import CompileException, CUDARuntimeError, OutOfMemoryError, Stand, cuda_error
from test_crossval import in_this_process
from toy_run import prepared, settings
from toy_set import toy_set

from fernet import backend, fast
from fernet.commands import main
from fernet.errors import UserError
from fernet.experiments.cross_validation import cross_validate
from fernet.experiments.executors import gpu_threads
from fernet.fast.cpu.sgd import ThreadedSGD
from fernet.gpu_faults import gpu_faults_as_user_errors

FAULTS = [
    (OutOfMemoryError("Out of memory allocating 8,000 bytes\nmore"), ["8,000 bytes", "--batch-size", "--concurrent"]),
    (CUDARuntimeError("cudaErrorMemoryAllocation: out of memory"), ["out of memory", "--resume"]),
    (CUDARuntimeError("cudaErrorECCUncorrectable: uncorrectable ECC error"), ["ECC", "nvidia-smi", "--resume"]),
    (CUDARuntimeError("cudaErrorInsufficientDriver: driver version"), ["driver is too old", "cuda12"]),
    (CUDARuntimeError("cudaErrorNoKernelImageForDevice: no image"), ["this GPU cannot run", "--backend numpy"]),
    (CompileException("conv.cu(3): error: x\nmore"), ["does not compile", "conv.cu(3)", "cuda13"]),
    (cuda_error("CUBLASError", "cupy_backends.cuda.libs.cublas")("CUBLAS_STATUS_ALLOC_FAILED"), ["--batch-size"]),
    (cuda_error("DynamicLibNotFoundError", "cuda.pathfinder")("libnvrtc.so"), ["libnvrtc.so", "reinstall"]),
]


@pytest.fixture
def cupy(monkeypatch):
    return put_in_place(Stand(), monkeypatch)


def put_in_place(module, monkeypatch):
    """`module` stands in for CuPy; as its arrays are NumPy's, they use the fast versions for the processor."""
    monkeypatch.setitem(sys.modules, "cupy", module)
    monkeypatch.setattr(fast, "where", lambda library: "cpu")
    return module


@pytest.mark.parametrize(("error", "words"), FAULTS, ids=[str(error).split(":")[0] for error, _ in FAULTS])
def test_each_fault_is_one_sentence_that_says_what_to_do(error, words):
    with pytest.raises(UserError) as caught, gpu_faults_as_user_errors():
        raise error
    for word in words:
        assert word in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("error", [RuntimeError("cudaErrorMemoryAllocation"), MemoryError(), KeyboardInterrupt()])
def test_other_errors_pass(error):
    with pytest.raises(type(error)) as caught, gpu_faults_as_user_errors():
        raise error
    assert caught.value is error


def test_a_fault_ends_a_command_with_status_2(monkeypatch, capsys):
    def choose(name):
        raise OutOfMemoryError("Out of memory allocating 5 bytes")

    monkeypatch.setattr(backend, "choose", choose)
    with pytest.raises(SystemExit) as exit_:
        main(["gradcheck", "--backend", "cupy"])
    assert exit_.value.code == 2
    assert capsys.readouterr().err.startswith("fernet: the GPU is out of memory")


@pytest.mark.parametrize(
    ("module", "words"),
    [
        (Stand(capability="61"), "compute capability 6.1, the kernels need 7.0"),
        (Stand(devices=CUDARuntimeError("cudaErrorInsufficientDriver: old")), "driver is too old"),
        (Stand(devices=CUDARuntimeError("cudaErrorInsufficientDriver: old"), driver=0), "no usable NVIDIA GPU"),
    ],
)
def test_a_gpu_that_is_too_old_is_refused_before_anything_is_computed(module, words, monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", module)
    with pytest.raises(UserError) as caught:
        backend.choose("cupy")
    assert words in str(caught.value)
    assert backend.choose("auto") is np


def contents(folder):
    return {
        path.relative_to(folder): path.read_bytes()
        for path in (folder / "tasks").rglob("*")
        if path.name in ("metrics.json", "predictions.csv")
    }


@pytest.fixture(scope="module")
def on_numpy(tmp_path_factory):
    folder = prepared(tmp_path_factory.mktemp("numpy") / "run", toy_set(), settings(epochs=2))
    cross_validate(folder, settings(epochs=2), in_this_process, 1, lambda *_: None)
    return contents(folder)


def on_the_gpu():
    return settings(epochs=2, backend="cupy")


def test_folds_that_share_a_gpu_have_a_stream_each_and_the_results_of_one_by_one(cupy, on_numpy, tmp_path):
    folder, done = prepared(tmp_path / "run", toy_set(), on_the_gpu()), []
    cross_validate(folder, on_the_gpu(), gpu_threads, 3, lambda task, *_: done.append(task.name), task_threads=1)
    assert len(done) == len(cupy.streams) == 4
    assert {id(stream) for stream in cupy.freed} == {id(stream) for stream in cupy.streams}
    assert contents(folder) == on_numpy


def test_a_run_whose_gpu_is_lost_resumes_after_its_last_epoch(cupy, on_numpy, tmp_path, monkeypatch):
    folder, steps = prepared(tmp_path / "run", toy_set(), on_the_gpu()), []
    step = ThreadedSGD.step

    def lost(optimiser, grads, learning_rate):
        steps.append(learning_rate)
        if len(steps) > 8:  # in the middle of the second epoch of a task
            raise CUDARuntimeError("cudaErrorDevicesUnavailable: CUDA-capable device(s) is/are busy or unavailable")
        step(optimiser, grads, learning_rate)

    monkeypatch.setattr(ThreadedSGD, "step", lost)
    with pytest.raises(UserError, match=r"4 of 4 tasks failed.*the GPU failed.*nvidia-smi.*--resume"):
        cross_validate(folder, on_the_gpu(), gpu_threads, 1, lambda *_: None, task_threads=1)
    assert list(folder.rglob("state.npz"))
    assert not contents(folder)
    monkeypatch.undo()
    put_in_place(cupy, monkeypatch)
    cross_validate(folder, on_the_gpu(), gpu_threads, 2, lambda *_: None, task_threads=1)
    assert contents(folder) == on_numpy


def test_an_interrupt_leaves_no_task_waiting(tmp_path):
    started = []

    def interrupted():
        with gpu_threads(1) as executor:
            executor.submit(started.append, executor).result()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    (executor,) = started
    with pytest.raises(RuntimeError, match="shutdown"):
        executor.submit(print)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--concurrent", 2],
        ["--backend", "numpy", "--concurrent", 2],
        ["--backend", "cupy", "--concurrent", 2, "--jobs", 2],
    ],
)
def test_concurrent_tasks_need_a_gpu_of_their_own(arguments, tmp_path, monkeypatch, capsys):
    if "cupy" in arguments:
        monkeypatch.setitem(sys.modules, "cupy", Stand())
    with pytest.raises(SystemExit) as exit_:
        main(["crossval", "synthetic:ck+", *map(str, arguments), "--out", str(tmp_path / "run")])
    assert exit_.value.code == 2
    assert "--concurrent 2 runs several tasks on one GPU" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()
