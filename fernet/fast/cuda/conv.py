"""Convolution as implicit matrix products on tensor cores; see conv.cu. Equal calls give equal bits."""

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


class CudaConv(FastVersion):
    """As `Conv` and `MultiframeConv`.

    The bias is added where the sum is written, and db is computed in the pass that computes dW: neither costs another
    pass over maps that are far larger than the filters.
    """

    def forward(
        self, x: Array, train: bool = False, rng: np.random.Generator | None = None
    ) -> tuple[Array, Array | None]:
        W, b = self.params["W"], self.params["b"]
        check_input(x, W, "N, H, W", W.shape[2])
        x = self.layer.framed(x)
        return correlate(x, W, b), x if train else None

    def backward(self, dy: Array, cache: Array) -> tuple[Array, Grads]:
        return self.layer.unframed(correlate_dx(dy, self.params["W"])), self.weight_gradients(dy, cache)

    def weight_gradients(self, dy: Array, cache: Array) -> Grads:
        dW, db = weight_gradients(cache, dy)
        return {"W": dW, "b": db}


def correlate(x: Array, W: Array, b: Array) -> Array:
    """y (N, P, Q, K), with the bias b (K,) added to every pixel."""
    R, S, _, K = W.shape
    N, P, Q = len(x), x.shape[1] - R + 1, x.shape[2] - S + 1
    return _maps(x, W, b, (N, P, Q, K), frame=(0, 0))


def correlate_dx(dy: Array, W: Array) -> Array:
    """dx[n, i, j, c] = sum over r, s, k of dy[n, i-r, j-s, k] W[r, s, c, k]: a correlation of the framed dy."""
    R, S, C, _ = W.shape
    N, P, Q, _ = dy.shape
    mirrored = W[::-1, ::-1].transpose(0, 1, 3, 2)
    zeros = array_library(dy).zeros(C, dy.dtype)
    return _maps(dy, mirrored, zeros, (N, P + R - 1, Q + S - 1, C), frame=(R - 1, S - 1))


def weight_gradients(x: Array, dy: Array) -> tuple[Array, Array]:
    """dW (R, S, C, K) and db (K,). The outputs are divided into chunks that depend on the shapes alone."""
    library = array_library(x)
    _, P, Q, K = dy.shape
    _, H, width, C = x.shape
    R, S = H - P + 1, width - Q + 1
    rows, outputs = R * S * C + 1, dy.size // K
    tiles = parts(rows, TILE_ROWS), parts(K, TILE_COLUMNS)
    splits = min(parts(ENOUGH_BLOCKS, tiles[0] * tiles[1]), parts(outputs, SHORTEST_CHUNK))
    chunk = parts(outputs, splits * TILE_INNER) * TILE_INNER
    splits = parts(outputs, chunk)
    constants = _constants(x.shape, (R, S, C, K), frame=(0, 0))
    sums, total = library.empty((splits, rows, K), x.dtype), library.empty((rows, K), x.dtype)
    x, dy = library.ascontiguousarray(x), library.ascontiguousarray(dy)
    part = kernels.kernel("conv", "correlate_filters", **constants)
    part((*tiles, splits), (THREADS,), (x, dy, sums, outputs, chunk))
    add = kernels.kernel("conv", "sum_parts", **constants)
    add((parts(rows * K, 32),), (256,), (sums, total, splits))
    return total[:-1].reshape(R, S, C, K), total[-1]


def _maps(x: Array, W: Array, b: Array, shape: tuple[int, ...], frame: tuple[int, int]) -> Array:
    """Correlation of x, framed by zeros, plus b; the result has `shape`."""
    library = array_library(x)
    y = library.empty(shape, x.dtype)
    outputs = y.size // shape[3]
    maps = kernels.kernel("conv", "correlate_maps", **_constants(x.shape, W.shape, frame))
    grid = (parts(outputs, TILE_ROWS), parts(shape[3], TILE_COLUMNS))
    x, W = library.ascontiguousarray(x), library.ascontiguousarray(W)
    maps(grid, (THREADS,), (x, W, b, y, outputs))
    return y


def _constants(x_shape: tuple[int, ...], w_shape: tuple[int, ...], frame: tuple[int, int]) -> dict[str, int]:
    """What conv.cu is compiled for: a layer of a network, whatever the number of images."""
    _, height, width, channels = x_shape
    return {
        "HEIGHT": height,
        "WIDTH": width,
        "CHANNELS": channels,
        "FILTER_ROWS": w_shape[0],
        "FILTER_COLUMNS": w_shape[1],
        "FILTERS": w_shape[3],
        "FRAME_ROWS": frame[0],
        "FRAME_COLUMNS": frame[1],
        "TF32": int(tf32()),
    }
