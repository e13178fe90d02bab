"""CUDA kernels on the processor: a stand-in for `fernet.fast.cuda.kernels.kernel` that takes NumPy arrays.

The same `.cu` file is compiled by g++ after cuda_on_host.h, so that a kernel's indices, barriers and arithmetic are
tested without a GPU. Arrays lie between guards of NaN: reading beyond an array spoils the result, and writing beyond
it, or copying from there to shared memory, fails the test.
"""

import ctypes
import itertools
import re
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import numpy as np

from fernet.fast.cuda.kernels import c_value, macros, source_text

_HEADER = Path(__file__).with_name("cuda_on_host.h")
_OPTIONS = ("-std=c++17", "-O1", "-fPIC", "-w")
_GUARD = 4096  # bytes before and after each array
_folder = tempfile.TemporaryDirectory(prefix="cuda_on_host_")
_numbers = itertools.count()


def why_not() -> str | None:
    """Why kernels cannot be compiled for the processor here; None if they can."""
    return None if shutil.which("g++") else "g++ is not installed, which compiles CUDA kernels for the processor"


def kernel(source, name, **constants):
    """Like `fernet.fast.cuda.kernels.kernel`, for NumPy arrays."""
    library = _library(source_text(source), tuple(constants.items()))
    parameters = getattr(library, f"parameters_{name}")()

    def launch(grid, block, arguments, shared_mem=0):
        assert len(arguments) == parameters, f"{name} takes {parameters} arguments, got {len(arguments)}"
        assert shared_mem <= 227 * 1024
        sizes = [(ctypes.c_uint * 3)(*size, *(1,) * (3 - len(size))) for size in (grid, block)]
        arrays = [_Guarded(x) if isinstance(x, np.ndarray) and not x.dtype.names else None for x in arguments]
        values = [
            np.uintp(guarded.address) if guarded else np.asarray(c_value(x))
            for x, guarded in zip(arguments, arrays, strict=True)
        ]
        values = [np.ascontiguousarray(value) for value in values]
        pointers = (ctypes.c_void_p * len(values))(*(value.ctypes.data for value in values))
        bounds = [end for guarded in arrays if guarded for end in (guarded.address, guarded.address + guarded.bytes)]
        status = getattr(library, f"launch_{name}")(
            *sizes, pointers, (ctypes.c_void_p * len(bounds))(*bounds), len(bounds)
        )
        assert status != 1, f"threads of {name} wait for each other at different barriers"
        assert status != 2, f"{name} copies from outside its arrays"
        for x, guarded in zip(arguments, arrays, strict=True):
            if guarded:
                guarded.copy_back(x, name)

    return launch


class _Guarded:
    """A copy of an array between two guards."""

    def __init__(self, x):
        assert x.flags.c_contiguous, f"a kernel was given an array that is not contiguous, of shape {x.shape}"
        memory = np.full(2 * _GUARD + x.nbytes + 16, 0xFF, np.uint8)  # as float32: NaN
        self.memory = memory[(x.ctypes.data - memory.ctypes.data) % 16 :]  # no better aligned than x itself
        self.inside = slice(_GUARD, _GUARD + x.nbytes)
        self.memory[self.inside] = np.frombuffer(x.tobytes(), np.uint8)
        self.address, self.bytes = self.memory.ctypes.data + _GUARD, x.nbytes

    def copy_back(self, x, name):
        before, after = self.memory[: self.inside.start], self.memory[self.inside.stop :]
        assert (before == 0xFF).all(), f"{name} writes before an array of shape {x.shape}"
        assert (after == 0xFF).all(), f"{name} writes beyond an array of shape {x.shape}"
        if x.flags.writeable:
            x[...] = self.memory[self.inside].view(x.dtype).reshape(x.shape)


@cache
def _library(text, constants):
    names = re.findall(r'extern "C" __global__ void\s+(?:__launch_bounds__\([^)]*\)\s+)?(\w+)\(', text)
    stubs = "".join(
        f'extern "C" int launch_{name}(const unsigned* grid, const unsigned* block, void** arguments, '
        f"const char** bounds, int count) {{ on_host::arrays.assign(bounds, bounds + count); "
        f"return on_host::launch({name}, grid, block, arguments); }}\n"
        f'extern "C" int parameters_{name}() {{ return on_host::parameters({name}); }}\n'
        for name in names
    )
    defines = "".join(f"#define {macro[2:].replace('=', ' ', 1)}\n" for macro in macros(dict(constants)))
    stem = Path(_folder.name) / f"kernels{next(_numbers)}"
    stem.with_suffix(".cpp").write_text(f'#include "{_precompiled_header()}"\n{defines}{text}\n{stubs}')
    _compile("-shared", "-o", f"{stem}.so", f"{stem}.cpp")
    return ctypes.CDLL(f"{stem}.so")


@cache
def _precompiled_header():
    """A copy of cuda_on_host.h and its precompiled header, which takes longer to compile than most kernels."""
    header = shutil.copy(_HEADER, _folder.name)
    _compile("-x", "c++-header", "-o", f"{header}.gch", header)
    return header


def _compile(*arguments):
    done = subprocess.run(["g++", *_OPTIONS, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
