"""CUDA twin of the step of `training.SGD`: all parameters in one launch; see sgd_step.cu."""

import numpy as np

from fernet.backend import Array, address, array_library
from fernet.fast.cuda import kernels as cuda_kernels

_THREADS, _VALUES = 256, 1024  # of a block, as in sgd_step.cu
_MOST = 64  # parameters of one launch: their table must fit the 4 KB of a kernel's arguments
_PARAMETER = np.dtype([("w", "u8"), ("g", "u8"), ("v", "u8"), ("values", "i4"), ("decay", "f4")])

Move = tuple[Array, Array, Array, float]  # a parameter w, its gradient, its velocity, its decay


def sgd_step(moves: list[Move], momentum: float, learning_rate: float) -> None:
    """Move every parameter once, in place."""
    moves = [(w, array_library(w).ascontiguousarray(g), v, decay) for w, g, v, decay in moves]
    for first in range(0, len(moves), _MOST):
        some = moves[first : first + _MOST]
        table = np.zeros(1, [("at", _PARAMETER, _MOST)])
        table["at"][0, : len(some)] = [(address(w), address(g), address(v), w.size, decay) for w, g, v, decay in some]
        blocks = sum(-(-w.size // _VALUES) for w, _, _, _ in some)
        kernel = cuda_kernels.kernel("sgd_step", "sgd_step", MOST=_MOST)
        kernel((blocks,), (_THREADS,), (table, momentum, learning_rate))
