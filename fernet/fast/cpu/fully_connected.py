"""Product of two matrices, the work of a fully connected layer."""

import numpy as np

from fernet import threads
from fernet.backend import Array
from fernet.fast.cuda import fully_connected as matrix_product_cuda
from fernet.fast.twins import cuda_twin_applies, numpy_twin_applies

_TILE_ROWS, _TILE_COLUMNS = 256, 128
_WORTH_SHARING = 2**24  # multiply-adds below which handing out tiles costs more than it saves
_STRIP = 2**19  # values of b in a piece of a product with a single row


def matrix_product(a: Array, b: Array) -> Array:
    """a (I, J) @ b (J, K) -> (I, K)."""
    if numpy_twin_applies(a, b):
        if len(a) == 1 and b.size > _STRIP:
            return _single_row(a, b)
        if len(a) * b.size >= _WORTH_SHARING:
            return _tiled(a, b)
    if cuda_twin_applies(a, b):
        return matrix_product_cuda.matrix_product(a, b)
    return a @ b


def _tiled(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """NumPy twin: strips of the longer side of the result, spread over threads.

    The strips depend on the shapes alone, so the result is the same for any number of threads; BLAS's own threads
    do not promise that.
    """
    out = np.empty((a.shape[0], b.shape[1]), a.dtype)
    if a.shape[0] > b.shape[1]:
        rows = [slice(i, i + _TILE_ROWS) for i in range(0, a.shape[0], _TILE_ROWS)]
        threads.in_order(lambda part: np.matmul(a[part], b, out=out[part]), rows)
    else:
        width = min(_TILE_COLUMNS, -(-b.shape[1] // 2))  # two strips at least
        columns = [slice(k, k + width) for k in range(0, b.shape[1], width)]
        threads.in_order(lambda part: np.matmul(a, b[:, part], out=out[:, part]), columns)
    return out


def _single_row(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """NumPy twin for one row, whose time goes into reading b: strips of b, spread over threads, added up in order."""
    height = max(1, _STRIP // b.shape[1])
    strips = [slice(j, j + height) for j in range(0, len(b), height)]
    # `matmul` lets no other thread run while it makes up to 500 values; `dot` does.
    return sum(threads.in_order(lambda strip: np.dot(a[:, strip], b[strip]), strips))
