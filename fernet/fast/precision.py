"""How matrix products multiply on a GPU: in TF32 or in full float32."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from fernet.backend import PRECISIONS

_precision: ContextVar[str] = ContextVar("precision", default=PRECISIONS[0])


@contextmanager
def multiply_in(precision: str) -> Iterator[None]:
    """Within the block, products on a GPU have this precision, one of `backend.PRECISIONS`.

    TF32 rounds factors to 10 bits of mantissa and uses tensor cores, where the device has them (compute capability
    8.0); sums are float32 in either case. The processor always computes in full float32.
    """
    token = _precision.set(precision)
    try:
        yield
    finally:
        _precision.reset(token)


def tf32() -> bool:
    """Whether products are to be in TF32."""
    return _precision.get() == "tf32"
