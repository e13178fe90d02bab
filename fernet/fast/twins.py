"""When a fast twin may replace a reference."""

import os

import numpy as np

from fernet.backend import Array, array_library


def numpy_twin_applies(*arrays: Array) -> bool:
    """True for float32 NumPy arrays, unless FERNET_REFERENCE=1 asks for the references.

    float64 always runs the reference, so that a gradient check checks the mathematics and not a twin.
    """
    if os.environ.get("FERNET_REFERENCE") == "1":
        return False
    return all(isinstance(x, np.ndarray) and x.dtype == np.float32 for x in arrays)


def cuda_twin_applies(*arrays: Array, dtype: type = np.float32) -> bool:
    """True for arrays on a GPU of the `dtype` that kernels read, unless FERNET_REFERENCE=1 asks for the references."""
    if os.environ.get("FERNET_REFERENCE") == "1":
        return False
    return all(array_library(x) is not np and x.dtype == dtype for x in arrays)
