"""CUDA twin of `matrix_product`; see matrix_product.cu. FERNET_TF32=0 multiplies in exact float32."""

from fernet.backend import Array, array_library
from fernet.fast.cuda import kernels as cuda_kernels
from fernet.fast.cuda.tile_product import (
    ENOUGH_BLOCKS,
    SHORTEST_CHUNK,
    THREADS,
    TILE_COLUMNS,
    TILE_INNER,
    TILE_ROWS,
    parts,
    tf32,
)

_SUMMED = 256  # values of a block of sum_parts


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
        "TF32": tf32(),
    }
    sums = library.empty((splits, columns, rows) if transposed else (splits, rows, columns), a.dtype)
    multiply = cuda_kernels.kernel("matrix_product", "multiply_matrices", **constants)
    multiply((*tiles, splits), (THREADS,), (a.T if by_rows else a, b, sums, rows, inner, chunk))
    if splits == 1:
        return sums[0]
    product = library.empty(sums.shape[1:], a.dtype)
    add = cuda_kernels.kernel("matrix_product", "sum_parts", **constants)
    add((parts(product.size, _SUMMED),), (_SUMMED,), (sums, product, splits, product.size))
    return product
