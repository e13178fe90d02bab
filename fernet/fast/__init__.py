"""Fast versions of the layers, the loss, SGD and the augmentation of faces; and the one place that chooses them.

A file in `cpu` or `cuda` holds a faster way to compute one operation, by the same contract as the layer or function
that it replaces, for float32 on the processor or on a GPU. Nothing in `layers`, `losses`, `sgd` or `inputs` knows of
them. A network asks `version` for each of its layers once in a forward pass and keeps the answers with its caches.

In float64, and when a layer is called directly, the layer itself always runs: a gradient check tests exactly the code
that the reader sees. `with fast.references():` runs everything that way; the environment variable FERNET_REFERENCE=1,
read once at the start, makes it the default.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from types import ModuleType

import numpy as np

from fernet import layers, losses, sgd
from fernet.backend import Array, array_library
from fernet.fast.version import FastVersion
from fernet.inputs import augmentation
from fernet.layers.layer import Layer, Shape

_references: ContextVar[bool] = ContextVar("references", default=os.environ.get("FERNET_REFERENCE") == "1")


@contextmanager
def references() -> Iterator[None]:
    """Within the block, the layers and functions themselves run, and no fast version."""
    token = _references.set(True)
    try:
        yield
    finally:
        _references.reset(token)


def version(layer: Layer, shape: Shape, dtype: type, library: ModuleType) -> Layer:
    """The fast version of `layer` for input of this shape (N included), dtype and library, or the layer itself."""
    if _references.get() or dtype != np.float32:
        return layer
    # Looked up by the exact class: a subclass may compute something else.
    candidates = layer_versions(where(library)).get(type(layer), ())
    return next((kind(layer) for kind in candidates if kind.applies(layer, shape)), layer)


def version_for(layer: Layer, x: Array) -> Layer:
    """The `version` of `layer` for the input x."""
    return version(layer, x.shape, x.dtype, array_library(x))


def whole_batch(layer: Layer) -> bool:
    """Whether the layer or version gains from a batch in one piece; otherwise the processor takes image by image."""
    return isinstance(layer, FastVersion) and layer.whole_batch


@cache
def layer_versions(place: str) -> dict[type[Layer], tuple[type[FastVersion], ...]]:
    """The fast versions of each layer on the "cpu" or on "cuda"; the first one that applies is taken."""
    if place == "cpu":
        from fernet.fast.cpu.contrast_norm import FilterContrastNorm
        from fernet.fast.cpu.conv_patches import PatchConv, PatchMultiframeConv
        from fernet.fast.cpu.conv_spectral import SpectralConv
        from fernet.fast.cpu.fully_connected import TiledFullyConnected
        from fernet.fast.cpu.max_pool import PairMaxPool
        from fernet.fast.cpu.response_norm import FilterResponseNorm

        return {
            layers.Conv: (SpectralConv, PatchConv),
            layers.MultiframeConv: (PatchMultiframeConv,),
            layers.ContrastNorm: (FilterContrastNorm,),
            layers.ResponseNorm: (FilterResponseNorm,),
            layers.MaxPool: (PairMaxPool,),
            layers.FullyConnected: (TiledFullyConnected,),
        }
    from fernet.fast.cuda.contrast_norm import CudaContrastNorm
    from fernet.fast.cuda.conv import CudaConv
    from fernet.fast.cuda.fully_connected import CudaFullyConnected
    from fernet.fast.cuda.max_pool import CudaMaxPool
    from fernet.fast.cuda.relu import CudaReLU
    from fernet.fast.cuda.response_norm import CudaResponseNorm

    return {
        layers.Conv: (CudaConv,),
        layers.MultiframeConv: (CudaConv,),
        layers.ContrastNorm: (CudaContrastNorm,),
        layers.ResponseNorm: (CudaResponseNorm,),
        layers.MaxPool: (CudaMaxPool,),
        layers.FullyConnected: (CudaFullyConnected,),
        layers.ReLU: (CudaReLU,),
    }


def softmax_cross_entropy(logits: Array) -> Callable[[Array, Array], tuple[Array, Array]]:
    """The function that computes `losses.softmax_cross_entropy` for such logits."""
    if _on_gpu(array_library(logits)) and logits.dtype == np.float32:
        from fernet.fast.cuda.softmax_cross_entropy import softmax_cross_entropy

        return softmax_cross_entropy
    return losses.softmax_cross_entropy


def optimiser(params: dict[str, Array]) -> type[sgd.SGD]:
    """The class that computes `sgd.SGD` for such parameters."""
    arrays = list(params.values())
    # Both versions go through a parameter as one row of memory.
    if _references.get() or any(w.dtype != np.float32 or not w.flags.c_contiguous for w in arrays):
        return sgd.SGD
    if where(array_library(arrays[0])) == "cuda":
        from fernet.fast.cuda.sgd import CudaSGD

        return CudaSGD
    from fernet.fast.cpu.sgd import ThreadedSGD

    return ThreadedSGD


def face_inputs(library: ModuleType) -> Callable[..., Array]:
    """The function that computes `inputs.augmentation.face_inputs` for faces of this library."""
    if _on_gpu(library):
        from fernet.fast.cuda.face_inputs import face_inputs

        return face_inputs
    return augmentation.face_inputs


def where(library: ModuleType) -> str:
    """The place of a library's arrays: "cpu" for NumPy, "cuda" for CuPy."""
    return "cpu" if library is np else "cuda"


def _on_gpu(library: ModuleType) -> bool:
    return where(library) == "cuda" and not _references.get()
