"""Correlation plus a bias for every map, and the gradients with respect to all of it: the work of a convolution layer.

    y[n, i, j, k] = b[k] + sum over r, s, c of  x[n, i+r, j+s, c] W[r, s, c, k]
    db[k]         = sum over n, i, j of dy[n, i, j, k]

On a GPU the bias is added where the sum is written, and db falls out of the pass that makes dW: neither costs another
walk through maps that are far larger than the filters. Shapes as in `correlate`; b (K,).
"""

from fernet.backend import Array, array_library
from fernet.fast.cpu import conv_spectral as correlate_spectral
from fernet.fast.cpu.conv_spectral import Spectra
from fernet.fast.cuda import conv as correlate_cuda
from fernet.fast.twins import cuda_twin_applies, numpy_twin_applies
from fernet.primitives.correlate import correlate, correlate_dW, correlate_dx

Seen = Array | Spectra  # what the way back needs of x: itself, or what a twin has made of it


def biased_correlate(x: Array, W: Array, b: Array) -> tuple[Array, Seen]:
    """y (N, P, Q, K) from x (N, P+R-1, Q+S-1, C), W (R, S, C, K) and b (K,); and x for the gradients."""
    if cuda_twin_applies(x, W, b):
        return correlate_cuda.correlate(x, W, b), x
    if numpy_twin_applies(x, W, b) and correlate_spectral.applies(x.shape, W.shape):
        return correlate_spectral.correlate(x, W, b)
    y = correlate(x, W)
    y += b
    return y, x


def biased_gradients(x: Seen, dy: Array, W: Array) -> tuple[Array, Array, Array]:
    """dx, dW and db."""
    if isinstance(x, Spectra):
        return correlate_spectral.gradients(x, dy, W.shape)
    if cuda_twin_applies(x, dy, W):
        return correlate_dx(dy, W), *correlate_cuda.weight_gradients(x, dy)
    return correlate_dx(dy, W), correlate_dW(x, dy), _bias_gradient(dy)


def biased_weight_gradients(x: Seen, dy: Array, W: Array) -> tuple[Array, Array]:
    """dW and db, for the first layer of a network, whose dx nobody reads."""
    if isinstance(x, Spectra):
        return correlate_spectral.gradients(x, dy, W.shape)[1:]
    if cuda_twin_applies(x, dy):
        return correlate_cuda.weight_gradients(x, dy)
    return correlate_dW(x, dy), _bias_gradient(dy)


def _bias_gradient(dy: Array) -> Array:
    return array_library(dy).einsum("nijk->k", dy)  # `sum` over three axes takes several times as long
