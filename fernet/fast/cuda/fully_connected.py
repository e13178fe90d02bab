"""Fully connected layers with matrix products on tensor cores; see fully_connected.cu."""

import numpy as np

from fernet.backend import Array, array_library
from fernet.fast.cuda import kernels
from fernet.fast.cuda.tile_product import (
    ENOUGH_BLOCKS,
    SHORTEST_CHUNK,
    THREADS,
    TILE_COLUMNS,
    TILE_INNER,
    TILE_ROWS,
    parts,
)
from fernet.fast.precision import tf32
from fernet.fast.version import FastVersion
from fernet.layers.layer import Grads, check_input

_SUMMED = 256  # values of a block of sum_parts


class CudaFullyConnected(FastVersion):
    """As `FullyConnected`."""

    def forward(
        self, x: Array, train: bool = False, rng: np.random.Generator | None = None
    ) -> tuple[Array, Array | None]:
        W, b = self.params["W"], self.params["b"]
        check_input(x, W, "N", W.shape[0])
        return matrix_product(x, W) + b, x if train else None

    def backward(self, dy: Array, cache: Array) -> tuple[Array, Grads]:
        return matrix_product(dy, self.params["W"].T), self.weight_gradients(dy, cache)

    def weight_gradients(self, dy: Array, cache: Array) -> Grads:
        return {"W": matrix_product(cache.T, dy), "b": dy.sum(axis=0)}


def matrix_product(a: Array, b: Array) -> Array:
    """a (I, J) @ b (J, K) -> (I, K), where either may be the transpose of an array in memory."""
    if b.flags.c_contiguous:
        return _product(a, b, transposed=False)
    return _product(b.T, array_library(a).ascontiguousarray(a.T), transposed=True)  # (b' a')'


def _product(a: Array, b: Array, transposed: bool) -> Array:
    library = array_library(a)
    by_rows = not a.flags.c_contiguous and a.T.flags.c_contiguous
    if not by_rows:
        a = library.ascontiguousarray(a)
    (rows, inner), columns = a.shape, b.shape[1]
    tiles = parts(rows, TILE_ROWS), parts(columns, TILE_COLUMNS)
    splits = max(1, min(parts(ENOUGH_BLOCKS, tiles[0] * tiles[1]), inner // SHORTEST_CHUNK))
    chunk = parts(inner, splits * TILE_INNER) * TILE_INNER
    splits = parts(inner, chunk)
    constants = {
        "A_ROW": rows if by_rows else inner,
        "COLUMNS": columns,
        "A_BY_ROWS": int(by_rows),
        "TRANSPOSED": int(transposed),
        "TF32": int(tf32()),
    }
    sums = library.empty((splits, columns, rows) if transposed else (splits, rows, columns), a.dtype)
    multiply = kernels.kernel("fully_connected", "multiply_matrices", **constants)
    multiply((*tiles, splits), (THREADS,), (a.T if by_rows else a, b, sums, rows, inner, chunk))
    if splits == 1:
        return sums[0]
    product = library.empty(sums.shape[1:], a.dtype)
    add = kernels.kernel("fully_connected", "sum_parts", **constants)
    add((parts(product.size, _SUMMED),), (_SUMMED,), (sums, product, splits, product.size))
    return product
