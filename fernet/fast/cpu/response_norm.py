"""Response normalisation within maps, and its gradient. The equations are those of `layers.ResponseNorm`.

Shapes: x, y, and all between, (N, H, W, C). alpha and k as in D = k + alpha * (sum of x^2 over the n x n window),
D > 0.
"""

from typing import Any

from fernet.backend import Array
from fernet.fast.cpu.divide_by_energy import divide_by_energy, divide_by_energy_gradients
from fernet.fast.cuda import response_norm as response_normalise_cuda
from fernet.fast.cuda.window_sums import LARGEST_WINDOW
from fernet.fast.twins import cuda_twin_applies


def response_normalise(x: Array, n: int, alpha: float, k: float, power: float) -> tuple[Array, Any]:
    """y = x D^-power, and what the way back needs of the way forward."""
    if cuda_twin_applies(x) and n <= LARGEST_WINDOW:
        return response_normalise_cuda.response_normalise(x, n, alpha, k, power)
    return divide_by_energy(x, x, n, alpha, k, power)


def response_normalise_dx(dy: Array, x: Array, kept: Any, n: int, alpha: float, power: float) -> Array:
    """dx; `kept` is the second result of `response_normalise`."""
    if cuda_twin_applies(dy, x) and n <= LARGEST_WINDOW:
        return response_normalise_cuda.response_normalise_dx(dy, x, kept, n, alpha, power)
    dx, dx_of_energy = divide_by_energy_gradients(dy, x, x, kept, n, alpha, power)
    dx += dx_of_energy  # x is what is divided and what has the energy
    return dx
