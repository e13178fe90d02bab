"""Working memory that a primitive needs only while it runs.

Asking the system for fresh pages costs more than writing to them, so each thread keeps its buffers for the next call.
"""

import threading

import numpy as np

_kept = threading.local()


def scratch(use: str, shape: tuple[int, ...], dtype: type) -> np.ndarray:
    """An array of `shape` with arbitrary contents, valid until this thread asks for the same `use` again."""
    buffers = vars(_kept)
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    if use not in buffers or buffers[use].size < size:
        buffers[use] = np.empty(size, np.uint8)
    return buffers[use][:size].view(dtype).reshape(shape)
