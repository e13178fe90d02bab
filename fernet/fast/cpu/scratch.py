"""Working memory that an operation needs only while it runs.

Getting new pages from the system costs more than writing to them, so each thread keeps its buffers for the next call.
They begin at the start of a cache line: NumPy's loops over two arrays then take half the time.
"""

import math
import threading

import numpy as np

_LINE = 64  # bytes
_kept = threading.local()


def scratch(use: str, shape: tuple[int, ...], dtype: type) -> np.ndarray:
    """An array of `shape` with arbitrary contents, valid until this thread asks for the same `use` again."""
    buffers = vars(_kept)
    size = math.prod(shape) * np.dtype(dtype).itemsize
    if use not in buffers or buffers[use].size < size:
        buffers[use] = aligned_empty((size,), np.uint8)
    return buffers[use][:size].view(dtype).reshape(shape)


def aligned_empty(shape: tuple[int, ...], dtype: type) -> np.ndarray:
    """np.empty, aligned to a cache line."""
    size = math.prod(shape) * np.dtype(dtype).itemsize
    raw = np.empty(size + _LINE, np.uint8)
    first = -raw.ctypes.data % _LINE
    return raw[first : first + size].view(dtype).reshape(shape)
