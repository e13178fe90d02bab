import numpy as np
import pytest
from chromium import BINARY, Page
from toy_set import toy_set


@pytest.fixture
def rng():
    return np.random.default_rng(20151207)


@pytest.fixture
def toy_clips():
    return toy_set()


@pytest.fixture
def command(capsys):
    """Run a command line and return (exit status, standard output, standard error)."""

    from fernet.commands import main

    def run(*arguments):
        with pytest.raises(SystemExit) as stop:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return stop.value.code, captured.out, captured.err

    return run


@pytest.fixture(scope="session")
def finished_run(tmp_path_factory):
    """The folder of a complete cross-validation; tests must not write into it."""
    from toy_run import finished

    return finished(tmp_path_factory.mktemp("crossval") / "run")


@pytest.fixture
def kernels_on_host(monkeypatch):
    """The fast versions for CUDA run on NumPy arrays: their kernels are compiled for the processor."""
    import cuda_on_host

    from fernet.fast.cuda import kernels

    if cuda_on_host.why_not():
        pytest.skip(cuda_on_host.why_not())
    monkeypatch.setattr(kernels, "kernel", cuda_on_host.kernel)


@pytest.fixture
def as_on_device(monkeypatch):
    """NumPy arrays count as arrays on a GPU: float32 uses the fast versions for CUDA."""
    from fernet import fast

    monkeypatch.setattr(fast, "where", lambda library: "cuda")


@pytest.fixture
def launches(kernels_on_host, as_on_device, monkeypatch):
    """Names of the kernels that have been launched."""
    from fernet.fast.cuda import kernels

    names, kernel = [], kernels.kernel

    def counting(source, name, **constants):
        names.append(name)
        return kernel(source, name, **constants)

    monkeypatch.setattr(kernels, "kernel", counting)
    return names


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    if BINARY is None:
        pytest.skip("no Chromium is installed (Debian: apt-get install chromium)")
    page = Page(tmp_path_factory.mktemp("chromium"))
    yield page
    page.close()
