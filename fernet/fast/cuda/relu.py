"""max(0, x), and where x is positive: the only thing that the gradient depends on."""

from fernet.backend import Array, array_library
from fernet.fast.cuda import kernels as cuda_kernels
from fernet.fast.twins import cuda_twin_applies

_THREADS = 256  # of a block, as in rectify.cu


def rectify(x: Array) -> tuple[Array, Array]:
    """y = max(0, x) and x > 0, a boolean; both have the shape of x."""
    if cuda_twin_applies(x):
        return _rectify_cuda(x)
    return array_library(x).maximum(x, 0), x > 0


def _rectify_cuda(x: Array) -> tuple[Array, Array]:
    """CUDA twin: one walk over x in place of two."""
    library = array_library(x)
    y, positive = library.empty(x.shape, x.dtype), library.empty(x.shape, bool)
    values = 4 if x.shape[-1] % 4 == 0 else 1  # then a part of a batch starts at a multiple of 16 bytes, too
    groups = x.size // values
    kernel = cuda_kernels.kernel("rectify", "rectify", VALUES=values)
    kernel((-(-groups // _THREADS),), (_THREADS,), (library.ascontiguousarray(x), y, positive, groups))
    return y, positive
