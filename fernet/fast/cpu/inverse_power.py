"""D to the power -p for D > 0: the divisor of the normalisation layers."""

import numpy as np

from fernet.backend import Array
from fernet.fast.cpu.scratch import aligned_empty, scratch
from fernet.fast.twins import numpy_twin_applies


def inverse_power(D: Array, p: float) -> Array:
    """D ** -p, elementwise."""
    if numpy_twin_applies(D) and p == 0.75:
        return _inverse_three_quarters(D)
    return D**-p


def _inverse_three_quarters(D: np.ndarray) -> np.ndarray:
    """NumPy twin for p = 3/4: with r = D^-1/2, which OpenCV has as one operation, D^-3/4 = r sqrt(r)."""
    import cv2

    flat = (-1, D.shape[-1])
    r = aligned_empty(D.shape, D.dtype)
    cv2.pow(np.ascontiguousarray(D).reshape(flat), -0.5, dst=r.reshape(flat))
    root = np.sqrt(r, out=scratch("root", D.shape, D.dtype))
    r *= root
    return r
