"""Convolution with large filters and many maps by products of spectra in place of sliding windows.

Correlation theorem: with X[u, v] the discrete Fourier transform of a map over H x W pixels and V that of a filter with
the sign of the exponent turned, the transform of the correlation is X V at each frequency. The period H x W of x is
long enough, since valid outputs never reach across a border. Each frequency then costs one C x K matrix product for the
whole batch, in place of R S products for each pixel, and only the half with u <= H/2 is needed for real maps.

A constant has the frequency 0 alone, so the bias is added there, and its gradient is read there.

The transforms are matrix products too: at these sizes BLAS does them faster than an FFT routine that has to stride over
channels. Every frequency sees every pixel, so rounding errors are relative to the largest value of an image: a NaN, or
one pixel 10,000 standard deviations away, spoils its whole image and not only the windows that contain it. Inputs here
are standardised faces.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from fernet import threads
from fernet.fast.cpu.scratch import aligned_empty, scratch
from fernet.fast.version import FastVersion
from fernet.layers.conv import Conv
from fernet.layers.layer import Grads, Shape, check_input

_PIECE = 4  # images transformed at once
_STRIP = 1024  # filters (c, k) transformed back at once
_WORTH = 2.0  # operations must be so many times fewer, as they are smaller and scattered


class SpectralConv(FastVersion):
    """As `Conv`; the cache holds the spectra of x and of the filters."""

    whole_batch = True  # the spectra of the filters serve all images

    @classmethod
    def applies(cls, layer: Conv, shape: Shape) -> bool:
        frame = layer.size - 1 if layer.padding == "same" else 0
        N, H, width, C = shape
        return worthwhile((N, H + frame, width + frame, C), layer.params["W"].shape)

    def forward(
        self, x: np.ndarray, train: bool = False, rng: np.random.Generator | None = None
    ) -> tuple[np.ndarray, "Spectra | None"]:
        W = self.params["W"]
        check_input(x, W, "N, H, W", W.shape[2])
        y, spectra = correlate(self.layer.framed(x), W, self.params["b"])
        return y, spectra if train else None

    def backward(self, dy: np.ndarray, cache: "Spectra") -> tuple[np.ndarray, Grads]:
        dx, dW, db = gradients(cache, dy, self.params["W"].shape)
        return self.layer.unframed(dx), {"W": dW, "b": db}


def worthwhile(x_shape: tuple[int, ...], w_shape: tuple[int, ...]) -> bool:
    """Whether spectra need far fewer multiply-adds than sliding windows for x (N, H, W, C) and W (R, S, C, K)."""
    N, H, width, C = x_shape
    R, S, _, K = w_shape
    direct = N * (H - R + 1) * (width - S + 1) * R * S * C * K
    frequencies = (H // 2 + 1) * width
    products, filters = 4 * frequencies * C * K * N, 2 * frequencies * R * S * C * K
    transforms = N * (C + K) * (H // 2 + 1) * width * (2 * H + 4 * width)
    return _WORTH * (products + filters + transforms) < direct


@dataclass(frozen=True)
class Spectra:
    """What the forward pass has transformed and the backward pass needs again."""

    X: np.ndarray  # (H/2 + 1, width, N, C)
    V: np.ndarray  # (H/2 + 1, width, C, K)
    H: int


def correlate(x: np.ndarray, W: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, Spectra]:
    _, H, width, _ = x.shape
    R, S, _, K = W.shape
    X, V = _spectra(x, H, width, -1), _filter_spectra(W, H, width)
    Y = scratch("products", (*X.shape[:3], K), np.complex64)
    threads.parallel_map(lambda u: np.matmul(X[u], V[u], out=Y[u]), range(len(X)))
    Y[0, 0] += b * (H * width)
    return _maps(Y, H, (H - R + 1, width - S + 1), +1), Spectra(X, V, H)


def gradients(spectra: Spectra, dy: np.ndarray, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """dx, dW of `shape`, and db: the spectrum of dW is X' D and that of dx is D V', D being that of dy, sign turned.

    The turned sign spares conjugates: D V' is the conjugate of what dx needs, and the inverse transform accepts it.
    """
    X, V, H = spectra.X, spectra.V, spectra.H
    width = X.shape[1]
    D = _spectra(dy, H, width, +1)
    dX = scratch("products", X.shape, np.complex64)
    dV = scratch("filter products", V.shape, np.complex64)

    def products(u: int) -> None:
        np.matmul(D[u], V[u].transpose(0, 2, 1), out=dX[u])
        np.matmul(X[u].transpose(0, 2, 1), D[u], out=dV[u])

    threads.parallel_map(products, range(len(X)))
    return _maps(dX, H, (H, width), -1), _filters(dV, H, shape), D[0, 0].real.sum(axis=0)


@lru_cache(maxsize=64)
def _waves(period: int, frequencies: int, positions: int, sign: int) -> np.ndarray:
    """exp(sign 2 pi i f p / period), (frequencies, positions) complex64."""
    turns = np.outer(np.arange(frequencies), np.arange(positions)) % period / period
    return np.exp(sign * 2j * np.pi * turns).astype(np.complex64)


def _real(z: np.ndarray) -> np.ndarray:
    """The real part as a contiguous array, as BLAS requires."""
    return np.ascontiguousarray(z.real)


def _imag(z: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(z.imag)


def _half_weights(H: int, width: int) -> np.ndarray:
    """Weights (U, 1) of the frequency rows u = 0 .. H/2 in the inverse transform; their mirror images are left out."""
    mirrored = (np.arange(H // 2 + 1) > 0) & (2 * np.arange(H // 2 + 1) != H)
    return ((1 + mirrored) / (H * width)).astype(np.float32)[:, None]


def _spectra(maps: np.ndarray, H: int, width: int, sign: int) -> np.ndarray:
    """(H/2 + 1, width, N, C) complex64 from maps (N, P, Q, C), continued by zeros to H x width."""
    N, P, Q, C = maps.shape
    U = H // 2 + 1
    spectra = aligned_empty((U, width, N * C), np.complex64)
    down, across = _waves(H, U, P, sign), _waves(width, width, Q, sign)

    def transform(first: int) -> None:
        piece = maps[first : first + _PIECE].transpose(1, 2, 0, 3).reshape(P, -1)  # (P, Q n C)
        half = scratch("half", (U, piece.shape[1]), np.complex64)
        half.real, half.imag = _real(down) @ piece, _imag(down) @ piece
        np.matmul(across, half.reshape(U, Q, -1), out=spectra[:, :, first * C : (first + _PIECE) * C])

    threads.parallel_map(transform, range(0, N, _PIECE))
    return spectra.reshape(U, width, N, C)


def _maps(spectra: np.ndarray, H: int, size: tuple[int, int], sign: int) -> np.ndarray:
    """The first P x Q = `size` pixels of the maps, (N, P, Q, C), whose spectra are (U, width, N, C)."""
    U, width, N, C = spectra.shape
    P, Q = size
    maps = np.empty((N, P, Q, C), np.float32)
    across = _waves(width, width, Q, sign).T
    down = _half_weights(H, width) * _waves(H, U, P, sign)

    def transform(first: int) -> None:
        piece = spectra[:, :, first : first + _PIECE]
        half = scratch("half", (U, Q, piece.shape[2] * C), np.complex64)
        half = np.matmul(across, piece.reshape(U, width, -1), out=half).reshape(U, -1)
        rows = _real(down.T) @ _real(half) - _imag(down.T) @ _imag(half)
        maps[first : first + _PIECE] = rows.reshape(P, Q, -1, C).transpose(2, 0, 1, 3)

    threads.parallel_map(transform, range(0, N, _PIECE))
    return maps


def _filter_spectra(W: np.ndarray, H: int, width: int) -> np.ndarray:
    """(H/2 + 1, width, C, K) complex64 from W (R, S, C, K), with the sign of the exponent turned."""
    R, S, C, K = W.shape
    U = H // 2 + 1
    flat = W.reshape(R * S, C * K)
    spectra = aligned_empty((U, width, C * K), np.complex64)
    down, across = _waves(H, U, R, +1), _waves(width, width, S, +1)

    def transform(u: int) -> None:
        waves = (down[u, None, :, None] * across[:, None, :]).reshape(width, R * S)
        spectra[u].real, spectra[u].imag = _real(waves) @ flat, _imag(waves) @ flat

    threads.parallel_map(transform, range(U))
    return spectra.reshape(U, width, C, K)


def _filters(spectra: np.ndarray, H: int, shape: tuple[int, ...]) -> np.ndarray:
    """W of `shape` (R, S, C, K) whose spectra are (U, width, C, K)."""
    R, S, C, K = shape
    U, width = spectra.shape[:2]
    down, across = _half_weights(H, width) * _waves(H, U, R, +1), _waves(width, width, S, +1)
    waves = (down.T[:, None, :, None] * across.T[:, None, :]).reshape(R * S, U * width)
    flat = spectra.reshape(U * width, C * K)
    W = np.empty((R * S, C * K), np.float32)

    def transform(first: int) -> None:
        strip = flat[:, first : first + _STRIP]
        W[:, first : first + _STRIP] = _real(waves) @ _real(strip) - _imag(waves) @ _imag(strip)

    threads.parallel_map(transform, range(0, C * K, _STRIP))
    return W.reshape(shape)
