"""Correlation plus a bias for every map, and the gradients with respect to all of it: the work of a convolution layer.

    y[n, i, j, k] = b[k] + sum over r, s, c of  x[n, i+r, j+s, c] W[r, s, c, k]
    db[k]         = sum over n, i, j of dy[n, i, j, k]

On a GPU the bias is added where the sum is written, and db falls out of the pass that makes dW: neither costs another
walk through maps that are far larger than the filters. Shapes as in `correlate`; b (K,).
"""

from fernet.backend import Array, array_library
from fernet.primitives import correlate_cuda
from fernet.primitives.correlate import correlate, correlate_dW, correlate_dx, correlate_gradients
from fernet.primitives.twins import cuda_twin_applies


def biased_correlate(x: Array, W: Array, b: Array) -> Array:
    """y (N, P, Q, K) from x (N, P+R-1, Q+S-1, C), W (R, S, C, K) and b (K,)."""
    if cuda_twin_applies(x, W, b):
        return correlate_cuda.correlate(x, W, b)
    y = correlate(x, W)
    y += b
    return y


def biased_gradients(x: Array, dy: Array, W: Array) -> tuple[Array, Array, Array]:
    """dx, dW and db."""
    if cuda_twin_applies(x, dy, W):
        return correlate_dx(dy, W), *correlate_cuda.weight_gradients(x, dy)
    return *correlate_gradients(x, dy, W), _bias_gradient(dy)


def biased_weight_gradients(x: Array, dy: Array) -> tuple[Array, Array]:
    """dW and db, for the first layer of a network, whose dx nobody reads."""
    if cuda_twin_applies(x, dy):
        return correlate_cuda.weight_gradients(x, dy)
    return correlate_dW(x, dy), _bias_gradient(dy)


def _bias_gradient(dy: Array) -> Array:
    return array_library(dy).einsum("nijk->k", dy)  # `sum` over three axes takes several times as long
