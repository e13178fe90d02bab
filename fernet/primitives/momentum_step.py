"""One step of gradient descent with momentum and weight decay, in place.

    v <- momentum v - learning_rate (g + decay w),    w <- w + v

A parameter w, its gradient g and its velocity v have one shape.
"""

import numpy as np

from fernet import threads
from fernet.backend import Array
from fernet.primitives.scratch import scratch
from fernet.primitives.twins import numpy_twin_applies

Move = tuple[Array, Array, Array, float]  # a parameter w, its gradient g, its velocity v, its decay

_BLOCK = 2**15  # values whose w, g, v and product stay in the cache until all are used up
_PIECE = 2**19  # values of a piece of work: below it, waking another thread takes as long as the work


def momentum_step(moves: list[Move], momentum: float, learning_rate: float) -> None:
    """Move every parameter once."""
    if numpy_twin_applies(*(w for w, _, _, _ in moves)):
        _in_blocks(moves, momentum, learning_rate)
        return
    for w, g, v, decay in moves:
        v *= momentum
        v -= learning_rate * g
        if decay:
            v -= (learning_rate * decay) * w
        w += v


def _in_blocks(moves: list[Move], momentum: float, learning_rate: float) -> None:
    """NumPy twin: memory is read once for all operations, and no product needs memory of its own."""

    def move(w: np.ndarray, g: np.ndarray, v: np.ndarray, decay: float) -> None:
        room = scratch("product", (min(len(w), _BLOCK),), w.dtype)
        for first in range(0, len(w), _BLOCK):
            block = slice(first, first + _BLOCK)
            v_block, w_block = v[block], w[block]
            product = room[: len(w_block)]
            v_block *= momentum
            v_block -= np.multiply(g[block], learning_rate, out=product)
            if decay:
                v_block -= np.multiply(w_block, learning_rate * decay, out=product)
            w_block += v_block

    for *arrays, decay in moves:
        w, g, v = (array.reshape(-1) for array in arrays)
        pieces = [slice(first, first + _PIECE) for first in range(0, len(w), _PIECE)]
        threads.in_order(lambda p, w=w, g=g, v=v, decay=decay: move(w[p], g[p], v[p], decay), pieces)
