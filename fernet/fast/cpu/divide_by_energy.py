"""Division by the energy around a pixel, the common part of the normalisation layers, and its two gradients.

    D_p = k + alpha * (sum of d^2 over the n x n window of p)
    y_p = x_p D_p^-power

D and D^-power are what the way back needs. Shapes: x, d, y, D (N, H, W, C), D > 0.
"""

from fernet.backend import Array
from fernet.fast.cpu.inverse_power import inverse_power
from fernet.layers.window_sum import window_sum, window_sum_adjoint

Energy = tuple[Array, Array]  # D, D^-power


def divide_by_energy(x: Array, d: Array, n: int, alpha: float, k: float, power: float) -> tuple[Array, Energy]:
    """y, and D with its power."""
    D = window_sum(d * d, n, alpha, k)
    shrink = inverse_power(D, power)
    return x * shrink, (D, shrink)


def divide_by_energy_gradients(
    dy: Array, x: Array, d: Array, energy: Energy, n: int, alpha: float, power: float
) -> tuple[Array, Array]:
    """dx and dd, the ways of the gradient through the value that is divided and through the energy.

    dx_q = dy_q D_q^-power
    dd_q = -2 power alpha d_q * (sum over p whose window holds q of dy_p x_p D_p^(-power-1))
    """
    D, shrink = energy
    dx = dy * shrink
    pulled = dx * x
    pulled /= D
    dd = window_sum_adjoint(pulled, n, -2 * power * alpha)
    dd *= d
    return dx, dd
