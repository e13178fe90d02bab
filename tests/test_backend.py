"""Choosing the array library, with stand-ins for CuPy, so that CuPy is not needed."""

import builtins
import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from fernet import backend
from fernet.errors import UserError


class DeviceArray(np.ndarray):
    """Stands in for cupy.ndarray."""


class CudaError(Exception):
    pass


def stand_in(devices=1, compute=True):
    """A module that behaves like CuPy on a machine with so many devices."""

    def count():
        if isinstance(devices, Exception):
            raise devices
        return devices

    def arange(n, dtype):
        if not compute:
            raise RuntimeError("nvrtc is missing\nand more")
        return np.arange(n, dtype=dtype)

    module = ModuleType("cupy")
    module.ndarray, module.arange, module.asnumpy = DeviceArray, arange, lambda x: np.asarray(x).copy()
    module.asarray = lambda x: np.asarray(x).view(DeviceArray)
    runtime = SimpleNamespace(getDeviceCount=count, CUDARuntimeError=CudaError)
    module.cuda = SimpleNamespace(runtime=runtime, Device=lambda: SimpleNamespace(compute_capability="90"))
    return module


def test_numpy_is_always_there():
    assert backend.choose("numpy") is np


def test_auto_takes_the_gpu_where_one_answers(monkeypatch):
    module = stand_in()
    monkeypatch.setitem(sys.modules, "cupy", module)
    assert backend.choose("auto") is module
    assert backend.choose("cupy") is module


@pytest.mark.parametrize(
    ("module", "words"),
    [
        (None, "not installed"),
        (stand_in(devices=0), "finds no NVIDIA GPU"),
        (stand_in(devices=CudaError("driver version is insufficient")), "driver version is insufficient"),
        (stand_in(compute=False), "cannot compute on it (nvrtc is missing)"),
    ],
)
def test_a_gpu_that_cannot_compute_is_named_and_auto_falls_back(module, words, monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", module)
    assert backend.choose("auto") is np
    with pytest.raises(UserError) as caught:
        backend.choose("cupy")
    assert words in str(caught.value)
    assert "--backend numpy" in str(caught.value)


def test_a_broken_installation_differs_from_a_missing_one(monkeypatch):
    real = builtins.__import__

    def broken(name, *arguments, **options):
        if name == "cupy":
            raise ImportError("libcuda.so.1: cannot open shared object file", name="cupy._core")
        return real(name, *arguments, **options)

    monkeypatch.delitem(sys.modules, "cupy", raising=False)
    monkeypatch.setattr(builtins, "__import__", broken)
    assert "does not load (libcuda.so.1" in backend.cupy_fault()


@pytest.mark.parametrize(
    "error", [ValueError("numpy.ndarray size changed, may indicate binary incompatibility"), OSError("damaged")]
)
def test_whatever_importing_cupy_raises_auto_computes_with_numpy_and_says_why_once(error, monkeypatch, capsys):
    real = builtins.__import__

    def broken(name, *arguments, **options):
        if name == "cupy":
            raise error
        return real(name, *arguments, **options)

    monkeypatch.delitem(sys.modules, "cupy", raising=False)
    monkeypatch.setattr(builtins, "__import__", broken)
    assert backend.choose("auto") is backend.choose("auto") is np
    assert capsys.readouterr().err == (
        f"note: --backend auto computes with NumPy: CuPy is installed but does not load ({error}); reinstall the "
        "extra cuda12 or cuda13\n"
    )


def test_a_folder_called_cupy_is_not_cupy(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "cupy", ModuleType("cupy"))
    assert backend.choose("auto") is np
    assert "does not load" in capsys.readouterr().err
    assert backend.array_library(np.ones(3)) is np


def test_nothing_is_said_where_cupy_is_not_installed(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "cupy", None)
    assert backend.choose("auto") is np
    assert capsys.readouterr().err == ""


def test_arrays_know_their_library(monkeypatch):
    module = stand_in()
    monkeypatch.setitem(sys.modules, "cupy", module)
    host, device = np.ones(3), module.asarray(np.ones(3))
    assert backend.array_library(host) is np
    assert backend.array_library(device) is module
    assert backend.to_host(host) is host
    assert isinstance(backend.beside(host, device), DeviceArray)
    assert backend.beside(host, host) is host


def test_an_input_of_another_library_is_refused_with_advice(monkeypatch, rng):
    from fernet.layers import FullyConnected

    module = stand_in()
    monkeypatch.setitem(sys.modules, "cupy", module)
    layer = FullyConnected(4, 2, rng, np.float64)
    with pytest.raises(UserError, match="move the input to numpy first"):
        layer.forward(module.asarray(np.ones((3, 4))))


def test_a_host_copy_follows_a_device_array_without_waiting(monkeypatch):
    class OnDevice:
        """Two numbers whose copies arrive when the host waits for them."""

        shape, dtype, values = (2,), np.float64, np.array([1.0, 2.0])

        def get(self, out, blocking=True):
            if blocking:
                out[...] = self.values

    monkeypatch.setitem(sys.modules, "cupyx", SimpleNamespace(zeros_pinned=np.zeros))
    copy = backend.HostCopy(OnDevice())
    assert copy.latest().tolist() == [0, 0]
    assert copy.wait().tolist() == copy.latest().tolist() == [1, 2]
    host = np.ones(2)
    assert backend.HostCopy(host).latest() is backend.HostCopy(host).wait() is host
