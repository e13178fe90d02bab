"""Division by the energy around a pixel, the common part of the normalisation layers, and its two gradients.

    D_p = k + alpha * (sum of d^2 over the n x n window of p)
    y_p = x_p D_p^-power

Shapes: x, d, y, D (N, H, W, C), D > 0.
"""

from fernet.backend import Array
from fernet.primitives.inverse_power import inverse_power
from fernet.primitives.window_sum import window_sum, window_sum_adjoint


def divide_by_energy(x: Array, d: Array, n: int, alpha: float, k: float, power: float) -> tuple[Array, Array]:
    """y and D."""
    D = window_sum(d * d, n, alpha, k)
    return x * inverse_power(D, power), D


def divide_by_energy_gradients(
    dy: Array, x: Array, d: Array, D: Array, n: int, alpha: float, power: float
) -> tuple[Array, Array]:
    """dx and dd, the ways of the gradient through the value that is divided and through the energy.

    dx_q = dy_q D_q^-power
    dd_q = -2 power alpha d_q * (sum over p whose window holds q of dy_p x_p D_p^(-power-1))
    """
    dx = dy * inverse_power(D, power)
    pulled = dx * x
    pulled /= D
    dd = window_sum_adjoint(pulled, n, -2 * power * alpha)
    dd *= d
    return dx, dd
