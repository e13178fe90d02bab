"""CUDA twin of `losses.softmax_cross_entropy`: one launch; see softmax_cross_entropy.cu."""

from fernet.backend import Array, array_library
from fernet.fast.cuda import kernels as cuda_kernels

_THREADS = 256


def softmax_cross_entropy(logits: Array, labels: Array) -> tuple[Array, Array]:
    """The loss, a scalar, and dlogits (N, classes); labels (N,) lie beside the logits."""
    library = array_library(logits)
    loss, dlogits = library.empty((), logits.dtype), library.empty(logits.shape, logits.dtype)
    logits, labels = library.ascontiguousarray(logits), library.ascontiguousarray(labels, "int64")
    kernel = cuda_kernels.kernel("softmax_cross_entropy", "softmax_cross_entropy")
    kernel((1,), (_THREADS,), (logits, labels, loss, dlogits, *logits.shape))
    return loss, dlogits
