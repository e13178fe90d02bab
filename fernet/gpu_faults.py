"""CuPy's exceptions as messages of one sentence that say what to do. The only place that knows them."""

from collections.abc import Iterator
from contextlib import contextmanager

from fernet.errors import UserError, first_line

_PACKAGES = ("cupy", "cupy_backends", "cupyx", "cuda")  # `cuda` locates the toolkit's libraries
_COMPILER = ("CompileException", "NVRTCError", "JitifyException", "DynamicLibNotFoundError")
_OLD_DRIVER = ("InsufficientDriver", "UnsupportedPtxVersion", "UNSUPPORTED_PTX_VERSION", "SystemDriverMismatch")
_FOREIGN_DEVICE = ("NoKernelImageForDevice", "NO_BINARY_FOR_GPU", "NoBinaryForGpu")
_RESUME = "finished epochs are saved, and --resume continues after them"


@contextmanager
def gpu_faults_as_user_errors() -> Iterator[None]:
    """Turn any exception of CuPy in this block into a UserError."""
    try:
        yield
    except Exception as error:
        if (sentence := gpu_fault(error)) is None:
            raise
        raise UserError(sentence) from error


def gpu_fault(error: Exception) -> str | None:
    """What `error` means and what to do about it; None if it has nothing to do with CuPy."""
    kind, text = type(error).__name__, first_line(error)
    if type(error).__module__.split(".")[0] not in _PACKAGES:
        return None
    if kind == "OutOfMemoryError" or "MemoryAllocation" in text or "CUBLAS_STATUS_ALLOC_FAILED" in text:
        return (
            f"the GPU is out of memory ({text}): choose a smaller --batch-size, or fewer tasks at once with "
            f"--concurrent; {_RESUME}"
        )
    if any(word in text for word in _OLD_DRIVER):
        return old_driver(text)
    if any(word in text for word in _FOREIGN_DEVICE):
        return f"this GPU cannot run the kernels ({text}): use another one, or --backend numpy"
    if kind in _COMPILER:
        return (
            f"a kernel does not compile here ({text}): reinstall the extra cuda12 or cuda13, which bring the compiler "
            "and its headers, or use --backend numpy"
        )
    return f"the GPU failed ({text}): see what `nvidia-smi` reports; {_RESUME}"


def old_driver(text: str) -> str:
    """The message for a driver that is older than CuPy's CUDA."""
    return (
        f"the NVIDIA driver is too old for the CUDA of this CuPy ({text}): update the driver, or install the extra "
        "cuda12 in place of cuda13"
    )
