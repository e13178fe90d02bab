"""How kernels built on window_sums.cuh are launched: tiles of columns, strips of rows."""

from fernet.backend import Array
from fernet.fast.cuda import kernels
from fernet.fast.cuda.tile_product import parts

LARGEST_WINDOW = 9  # a thread keeps the incomplete sums of all its columns in registers
_CHANNELS, _THREADS = 32, 512  # of a block
_ENOUGH_BLOCKS = 256  # two for each multiprocessor of the largest devices run at once; any number gives the same bits
_SHORTEST_STRIP = 4  # rows


def run(source: str, name: str, arguments: tuple[Array | float, ...], n: int, stages: int, power: float) -> None:
    """Run a kernel of `stages` n x n window sums, one after the other; the first argument is maps (N, H, W, C)."""
    N, H, W, C = arguments[0].shape
    columns = 64 if n <= 5 else 32  # of a block
    tile = columns - stages * (n - 1) if columns < W else W  # what the halo leaves
    blocks = N * parts(W, tile) * parts(C, _CHANNELS)
    strips = min(parts(_ENOUGH_BLOCKS, blocks), parts(H, _SHORTEST_STRIP))
    rows = parts(H, strips)
    constants = {"HEIGHT": H, "WIDTH": W, "CHANNELS": C, "SIZE": n, "TILE": tile, "POWER": float(power)}
    kernel = kernels.kernel(source, name, **constants)
    kernel((parts(H, rows) * blocks,), (_THREADS,), (*arguments, rows))
