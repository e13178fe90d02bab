"""Every kernel that training uses compiles for all supported devices, without warnings or register spills.

A training step of DTAN, in which the kernels do nothing, shows which are used and with which constants. CuPy's compiler
is used if it is installed, nvcc otherwise; neither needs a GPU.
"""

import re
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from fernet import fast
from fernet.fast.cuda import kernels as cuda_kernels
from fernet.networks.build import Network
from fernet.networks.options import NetworkOptions
from fernet.networks.paper import dtan

_MAPS = {"HEIGHT": 60, "WIDTH": 60, "CHANNELS": 64, "SIZE": 5, "TILE": 60, "POWER": 0.75}
_FACES = {"SIDE": 64, "FRAMES": 3, "TURNS": 7}
# (source, constants) of kernels that the step below does not use
OTHERS = [("philox", {}), ("response_norm", _MAPS), ("face_inputs", _FACES)]
_MOST_SHARED = 48 * 1024  # bytes of shared memory available to a block on every device


@pytest.fixture
def used(as_on_device, monkeypatch):
    """(source, constants) of all kernels of a training step."""
    found = list(OTHERS)

    def kernel(source, name, **constants):
        found.append((source, constants))
        return lambda grid, block, arguments, shared_mem=0: None

    monkeypatch.setattr(cuda_kernels, "kernel", kernel)
    with np.errstate(all="ignore"):  # nothing is computed
        network = Network(dtan(7), NetworkOptions(dropout=0.0))
        x = np.zeros((2, *network.input_shape), np.float32)
        logits, caches = network.forward(x, train=True)
        _, dlogits = fast.softmax_cross_entropy(logits)(logits, np.array([0, 1]))
        _, grads = network.backward(dlogits, caches, input_gradient=False)
        fast.optimiser(network.params)(network.params, network.decayed, 0.9, 0.0).step(grads, 0.1)
    return {(source, tuple(constants.items())) for source, constants in found}


def test_all_sources_are_used(used):
    sources = {path.stem for path in cuda_kernels.FOLDER.glob("*.cu")}
    assert {source for source, _ in used} == sources


@pytest.mark.parametrize("architecture", ["sm_75", "sm_80", "sm_90"])
def test_kernels_compile(used, architecture, tmp_path):
    compiler = _compiler()
    if compiler is None:
        pytest.skip("neither CuPy's NVRTC nor nvcc is installed, which compile CUDA kernels")
    kernels = sorted(used)
    if architecture != "sm_90":  # the others differ in instructions, not in shapes: one per source is enough
        kernels = list({source: (source, constants) for source, constants in kernels}.values())
    with ThreadPoolExecutor(2) as pool:
        logs = list(pool.map(lambda one: compiler(one[0], dict(one[1]), architecture, tmp_path), kernels))
    for (source, constants), log in zip(kernels, logs, strict=True):
        assert "warning" not in log, log
        assert "error" not in log, log
        assert set(re.findall(r"(\d+) bytes spill", log)) <= {"0"}, f"{source} {constants} for {architecture}: {log}"
        shared = [int(size) for size in re.findall(r"(\d+) bytes smem", log)]
        assert max(shared, default=0) <= _MOST_SHARED, log


def _compiler():
    try:
        from cupy.cuda import nvrtc

        nvrtc.getVersion()
    except Exception:  # not installed, or without its compiler
        return _nvcc if shutil.which("nvcc") else None
    return _nvrtc


def _nvcc(source, constants, architecture, folder):
    """The output of nvcc for a source, with registers, spills and shared memory of each kernel."""
    path = Path(tempfile.mkdtemp(dir=folder)) / f"{source}.cu"
    path.write_text(cuda_kernels.source_text(source))
    options = ["-std=c++17", f"-arch={architecture}", "-cubin", "-o", f"{path}bin", "-Xptxas", "-v"]
    command = ["nvcc", *options, *cuda_kernels.macros(constants), str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stderr


def _nvrtc(source, constants, architecture, folder):
    """The output of CuPy's compiler for a source."""
    from cupy.cuda import nvrtc

    program = nvrtc.createProgram(cuda_kernels.source_text(source), f"{source}.cu", [], [])
    options = (*cuda_kernels.OPTIONS, *cuda_kernels.macros(constants), f"--gpu-architecture={architecture}")
    with suppress(nvrtc.NVRTCError):  # the log says why
        nvrtc.compileProgram(program, options)
    return nvrtc.getProgramLog(program)
