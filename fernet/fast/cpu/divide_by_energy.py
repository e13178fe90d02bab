"""Division by the energy around each pixel: what both normalisation layers have in common, and its two gradients.

    D_p = k + alpha (sum over q in win(p) of d_q^2),    y_p = x_p D_p^-power

Arrays are (N, H, W, C) float32. Operations work in place where they can; scale and offset are applied by the filters.
"""

import numpy as np

from fernet.fast.cpu.inverse_power import inverse_power
from fernet.fast.cpu.window_sum import window_sum, window_sum_adjoint

Energy = tuple[np.ndarray, np.ndarray]  # D, D^-power


def divide_by_energy(
    x: np.ndarray, d: np.ndarray, n: int, alpha: float, k: float, power: float
) -> tuple[np.ndarray, Energy]:
    """y, and D with its power."""
    D = window_sum(d * d, n, alpha, k)
    inverse = inverse_power(D, power)
    return x * inverse, (D, inverse)


def divide_by_energy_gradients(
    dy: np.ndarray, x: np.ndarray, d: np.ndarray, energy: Energy, n: int, alpha: float, power: float
) -> tuple[np.ndarray, np.ndarray]:
    """The gradient of x with D held fixed, and that of d:

    dx_q = dy_q D_q^-power
    dd_q = -2 power alpha d_q (sum over p with q in win(p) of dy_p y_p / D_p)
    """
    D, inverse = energy
    dx = dy * inverse
    ratio = dx * x  # dy_p y_p
    ratio /= D
    dd = window_sum_adjoint(ratio, n, -2 * power * alpha)
    dd *= d
    return dx, dd
