"""D to the power -p for D > 0: the divisor of the normalisation layers."""

import numpy as np

from fernet.backend import Array
from fernet.primitives.scratch import scratch
from fernet.primitives.twins import numpy_twin_applies


def inverse_power(D: Array, p: float) -> Array:
    """D ** -p, elementwise."""
    if numpy_twin_applies(D) and p == 0.75:
        return _inverse_three_quarters(D)
    return D**-p


def _inverse_three_quarters(D: np.ndarray) -> np.ndarray:
    """NumPy twin for p = 3/4: two square roots cost far less than a general power."""
    root = np.sqrt(D, out=scratch("root", D.shape, D.dtype))
    result = np.sqrt(root)
    result *= root
    return np.reciprocal(result, out=result)
