"""CUDA twin of `window_max`: one thread for each value; see window_max.cu."""

from fernet.backend import Array, array_library
from fernet.fast.cuda import kernels as cuda_kernels

_THREADS = 256


def window_max(x: Array, n: int, stride: int) -> tuple[Array, Array]:
    library = array_library(x)
    N, H, W, C = x.shape
    shape = (N, (H - n) // stride + 1, (W - n) // stride + 1, C)
    y, winners = library.empty(shape, x.dtype), library.empty(shape, "uint8")
    kernel = cuda_kernels.kernel("window_max", "window_max", **_constants(x.shape, n, stride))
    kernel(_grid(shape), (_THREADS,), (library.ascontiguousarray(x), y, winners))
    return y, winners


def window_max_dx(dy: Array, winners: Array, n: int, stride: int, shape: tuple[int, ...]) -> Array:
    library = array_library(dy)
    dx = library.empty(shape, dy.dtype)
    kernel = cuda_kernels.kernel("window_max", "window_max_dx", **_constants(shape, n, stride))
    kernel(_grid(shape), (_THREADS,), (library.ascontiguousarray(dy), winners, dx))
    return dx


def _constants(shape: tuple[int, ...], n: int, stride: int) -> dict[str, int]:
    return {"HEIGHT": shape[1], "WIDTH": shape[2], "CHANNELS": shape[3], "SIZE": n, "STRIDE": stride}


def _grid(shape: tuple[int, ...]) -> tuple[int]:
    """Whole blocks for each image."""
    N, H, W, C = shape
    return (N * -(-H * W * C // _THREADS),)
