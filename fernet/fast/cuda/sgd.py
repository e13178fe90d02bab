"""A step of SGD for all parameters in one launch; see sgd.cu."""

import numpy as np

from fernet.backend import Array, address, array_library
from fernet.fast.cuda import kernels
from fernet.sgd import SGD

_THREADS, _VALUES = 256, 1024  # of a block, as in sgd.cu
_MOST = 64  # parameters of one launch: their table must fit the 4 KB of a kernel's arguments
_PARAMETER = np.dtype([("w", "u8"), ("g", "u8"), ("v", "u8"), ("values", "i4"), ("decay", "f4")])


class CudaSGD(SGD):
    """As `SGD`."""

    def step(self, grads: dict[str, Array], learning_rate: float) -> None:
        moves = [
            (
                w,
                array_library(w).ascontiguousarray(grads[name]),
                self.velocity[name],
                self.weight_decay if name in self.decayed else 0.0,
            )
            for name, w in self.params.items()
        ]
        for first in range(0, len(moves), _MOST):
            some = moves[first : first + _MOST]
            table = np.zeros(1, [("at", _PARAMETER, _MOST)])
            table["at"][0, : len(some)] = [
                (address(w), address(g), address(v), w.size, decay) for w, g, v, decay in some
            ]
            blocks = sum(-(-w.size // _VALUES) for w, _, _, _ in some)
            step = kernels.kernel("sgd", "sgd_step", MOST=_MOST)
            step((blocks,), (_THREADS,), (table, self.momentum, float(learning_rate)))
