"""CUDA twin of `matrix_product`; see matrix_product.cu. FERNET_TF32=0 multiplies in exact float32."""

import os

from fernet.backend import Array, array_library
from fernet.primitives import cuda_kernels

_TILE_ROWS, _TILE_COLUMNS, _TILE_INNER, _THREADS = 128, 64, 16, 64  # as in tile_product.cuh
_ENOUGH_BLOCKS = 512  # about four for each multiprocessor of the largest devices; any other number is right, too
_SHORTEST_CHUNK = 256  # of the inner dimension that one block sums up at least


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
    tiles = -(-rows // _TILE_ROWS), -(-columns // _TILE_COLUMNS)
    splits = max(1, min(-(-_ENOUGH_BLOCKS // (tiles[0] * tiles[1])), inner // _SHORTEST_CHUNK))
    chunk = -(-inner // (splits * _TILE_INNER)) * _TILE_INNER
    splits = -(-inner // chunk)
    constants = {
        "A_ROW": rows if by_rows else inner,
        "COLUMNS": columns,
        "A_BY_ROWS": int(by_rows),
        "TRANSPOSED": int(transposed),
        "TF32": int(os.environ.get("FERNET_TF32") != "0"),
    }
    parts = library.empty((splits, columns, rows) if transposed else (splits, rows, columns), a.dtype)
    multiply = cuda_kernels.kernel("matrix_product", "multiply_matrices", **constants)
    multiply((*tiles, splits), (_THREADS,), (a.T if by_rows else a, b, parts, rows, inner, chunk))
    if splits == 1:
        return parts[0]
    product = library.empty(parts.shape[1:], a.dtype)
    add = cuda_kernels.kernel("matrix_product", "sum_parts", **constants)
    add((-(-product.size // 256),), (256,), (parts, product, splits, product.size))
    return product
