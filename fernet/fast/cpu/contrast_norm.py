"""Local contrast normalisation of maps, and its gradient. The equations are those of `layers.ContrastNorm`.

Shapes: x, y, and all between, (N, H, W, C). alpha and k as in D = k + alpha * (sum of d^2 over the n x n window),
D > 0.
"""

from typing import Any

from fernet.backend import Array
from fernet.fast.cpu.divide_by_energy import divide_by_energy, divide_by_energy_gradients
from fernet.fast.cpu.local_mean import local_mean, local_mean_dx
from fernet.fast.cuda import contrast_norm as contrast_normalise_cuda
from fernet.fast.cuda.window_sums import LARGEST_WINDOW
from fernet.fast.twins import cuda_twin_applies


def contrast_normalise(x: Array, n: int, alpha: float, k: float, power: float) -> tuple[Array, Any]:
    """y = x D^-power, and what the way back needs of the way forward."""
    if cuda_twin_applies(x) and n <= LARGEST_WINDOW:
        return contrast_normalise_cuda.contrast_normalise(x, n, alpha, k, power)
    d = x - local_mean(x, n)
    y, energy = divide_by_energy(x, d, n, alpha, k, power)
    return y, (d, energy)


def contrast_normalise_dx(dy: Array, x: Array, kept: Any, n: int, alpha: float, power: float) -> Array:
    """dx; `kept` is the second result of `contrast_normalise`."""
    if cuda_twin_applies(dy, x) and n <= LARGEST_WINDOW:
        return contrast_normalise_cuda.contrast_normalise_dx(dy, x, kept, n, alpha, power)
    d, energy = kept
    dx, h = divide_by_energy_gradients(dy, x, d, energy, n, alpha, power)
    dx += h
    dx -= local_mean_dx(h, n)
    return dx
