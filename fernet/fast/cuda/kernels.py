"""CUDA kernels, compiled on first use. The only place that builds device code.

A kernel is in a CUDA C++ file `source`.cu beside this file. Its constants (sizes of maps, switches) become macros:
values known to the compiler need no registers, and division by them becomes multiplication. CuPy caches the binaries on
disk.
"""

import re
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np

OPTIONS = ("--std=c++17",)
FOLDER = Path(__file__).parent

Kernel = Callable[..., None]


def kernel(source: str, name: str, **constants: int | float) -> Kernel:
    """The kernel `name` of `source`.cu, to be called as kernel(grid, block, arguments, shared_mem=0).

    grid and block are tuples of 1 to 3 integers; arguments are contiguous arrays on the device, and numbers: a Python
    int is passed as C int, a Python float as C float, a NumPy scalar as what it is. A NumPy array of one structure is
    passed as that structure, by value. shared_mem counts the bytes of dynamic shared memory.
    """
    cupy = sys.modules["cupy"]  # loaded already, since there are arrays on the device
    return _kernel(source, name, tuple(constants.items()), cupy.cuda.runtime.getDevice())


@cache
def _kernel(source: str, name: str, constants: tuple[tuple[str, int | float], ...], device: int) -> Kernel:
    options = (*OPTIONS, *macros(dict(constants)))
    function = sys.modules["cupy"].RawModule(code=source_text(source), options=options).get_function(name)

    def launch(grid: tuple[int, ...], block: tuple[int, ...], arguments: tuple, shared_mem: int = 0) -> None:
        function(grid, block, tuple(c_value(argument) for argument in arguments), shared_mem=shared_mem)

    return launch


def source_text(source: str) -> str:
    """The text of `source`.cu with its headers pasted in: CuPy's cache of binaries would not see a change in them."""
    return _pasted(f"{source}.cu")


def _pasted(file: str) -> str:
    text = (FOLDER / file).read_text(encoding="utf-8")
    return re.sub(r'#include "(\w+\.cuh)"', lambda match: _pasted(match[1]), text)


def macros(constants: dict[str, int | float]) -> list[str]:
    """Compiler options that define the constants; a float is a C float, not a double."""
    return [f"-D{name}={value!r}{'f' if isinstance(value, float) else ''}" for name, value in constants.items()]


def c_value(argument: object) -> object:
    """`argument` of the C type that kernels declare."""
    kinds = {int: np.int32, float: np.float32}
    return kinds[type(argument)](argument) if type(argument) in kinds else argument
